"""The steps of the README, followed in a new site against the simulator."""

import re
from collections.abc import Iterator

import pytest
import requests

from django_vonage_messages.management.commands import vonage_simulator
from tests.docs.blocks import ROOT
from tests.docs.new_site import PASSWORD, NewSite, eventually, steps

pytestmark = pytest.mark.slow

OUTBOUND = "SELECT status, their_address FROM vonage_messages_message WHERE direction = 'outbound'"
INBOUND = "SELECT text, their_address FROM vonage_messages_message WHERE direction = 'inbound'"
CONVERSATIONS = "SELECT id, unread_count FROM vonage_messages_conversation"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NewSite]:
    site = NewSite(tmp_path_factory.mktemp("site"))
    try:
        for block in steps():
            site.follow(block)
        yield site
    finally:
        site.stop()


def test_readme_contains_every_step() -> None:
    kinds = [(block.language, block.name) for block in steps()]
    for kind in (
        ("python", "settings.py"),
        ("python", "urls.py"),
        ("python", "shell"),
        ("text", "simulator"),
    ):
        assert kinds.count(kind) == 1


def test_variables_are_the_defaults_of_the_simulator() -> None:
    exports = [found for block in steps() for found in re.findall(r"export (\w+)=(.*)", block.code)]
    assert dict(exports) == {
        "VONAGE_API_KEY": vonage_simulator.API_KEY,
        "VONAGE_API_SECRET": vonage_simulator.API_SECRET,
        "VONAGE_SIGNATURE_SECRET": vonage_simulator.SIGNATURE_SECRET,
        "VONAGE_SMS_SENDER": vonage_simulator.SENDERS["sms"],
        "VONAGE_BASE_URL": "http://127.0.0.1:8090",
    }


def test_simulator_prints_that_the_account_uses_its_address(site: NewSite) -> None:
    log = (site.place / "vonage_simulator.log").read_text(encoding="utf-8")
    assert "\nThe account 'default' already uses this address.\n\nThe recipient's" in log
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "`The account 'default' already uses this address.`" in readme


def test_django_check_reports_no_issues(site: NewSite) -> None:
    assert "no issues" in site.output["check"]


def test_first_message_is_accepted_and_delivered(site: NewSite) -> None:
    assert site.output["shell"].strip().splitlines()[-1] == "accepted"
    eventually(lambda: site.query(OUTBOUND) == [("delivered", "447700900000")])


def test_reply_is_unread_until_staff_open_the_conversation(site: NewSite) -> None:
    assert eventually(lambda: site.query(INBOUND)) == [("Thank you!", "447700900000")]
    ((conversation, unread),) = site.query(CONVERSATIONS)
    assert unread == 1
    with requests.Session() as browser:
        browser.trust_env = False
        log_in(browser, site)
        path = f"/admin/vonage_messages/conversation/{conversation}/change/"
        page = browser.get(site.url + path, timeout=10)
    assert page.status_code == 200
    assert "Your order is on its way." in page.text
    assert "Thank you!" in page.text
    ((_id, unread),) = site.query(CONVERSATIONS)
    assert unread == 0


def log_in(browser: requests.Session, site: NewSite) -> None:
    login = f"{site.url}/admin/login/?next=/admin/"
    browser.get(login, timeout=10)
    form = {
        "username": "ada",
        "password": PASSWORD,
        "csrfmiddlewaretoken": browser.cookies["csrftoken"],
    }
    assert browser.post(login, form, timeout=10).url == f"{site.url}/admin/"


def test_server_log_contains_no_error(site: NewSite) -> None:
    log = site.place / "runserver.log"
    accepted = '"POST /webhooks/message-status HTTP/1.1" 200'
    eventually(lambda: accepted in log.read_text(encoding="utf-8"))
    assert "Traceback" not in log.read_text(encoding="utf-8")


def test_simulator_uses_the_documented_address_by_default(site: NewSite) -> None:
    help_text = site.run(*site.manage("vonage_simulator", "--help"))
    assert "http://127.0.0.1:8000/webhooks/" in help_text
    assert "8090" in help_text
