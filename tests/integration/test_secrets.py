"""Wrong or changing signature secrets, over HTTP: no message is lost.

The simulator retries as Vonage does, with an hour in 3.6 seconds.
"""

import time
from collections.abc import Callable, Iterator

import pytest

from django_vonage_messages import send_message
from django_vonage_messages.models import (
    Message,
    Source,
    StatusEvent,
    UnprocessedWebhook,
    WebhookRefusal,
)
from django_vonage_messages.simulator import Simulator

pytestmark = pytest.mark.slow

SCALE = 0.001
HOUR = 3600 * SCALE
NEW = "the new secret, from the dashboard"
TEXTS = 5


@pytest.fixture
def vonage(live_server, transactional_db, settings) -> Iterator[Simulator]:
    urls = f"{live_server.url}/webhooks"
    with Simulator(
        status_url=f"{urls}/message-status",
        inbound_url=f"{urls}/inbound-message",
        time_scale=SCALE,
    ) as simulator:
        settings.VONAGE_MESSAGES = {"default": simulator.settings()}
        yield simulator


@pytest.fixture
def site_has(vonage, settings) -> Callable[..., None]:
    """Configure the site's signature secrets."""
    account = settings.VONAGE_MESSAGES["default"]

    def configure(*secrets: str) -> None:
        settings.VONAGE_MESSAGES = {"default": {**account, "SIGNATURE_SECRETS": list(secrets)}}

    return configure


@pytest.fixture
def vonage_signs_with(vonage) -> Callable[[str], None]:
    """Change the secret in the simulated dashboard; retries are signed with it too."""

    def switch(secret: str) -> None:
        object.__setattr__(vonage.credentials, "signature_secret", secret)

    return switch


def traffic(vonage: Simulator) -> None:
    """Exchange messages; return when each of their webhooks was tried once."""
    before = len(vonage.callbacks)
    for number in range(TEXTS):
        send_message(f"44770090010{number}", "Hello")
        vonage.customer_sends("Hello", from_=f"44770090020{number}")
    deadline = time.monotonic() + 20
    while True:
        caused = vonage.callbacks[before:]
        # Each message has two statuses, and each reply is one webhook.
        if len(caused) == 3 * TEXTS and all(callback.attempts for callback in caused):
            return
        assert time.monotonic() < deadline, "The webhooks did not arrive in time."
        time.sleep(0.01)


def codes(vonage: Simulator) -> set[int | None]:
    return {attempt.status for callback in vonage.callbacks for attempt in callback.attempts}


def check_all_arrived(vonage: Simulator, rounds: int) -> None:
    """Check that the simulator's records and the tables agree."""
    vonage.wait_until_idle(timeout=40)
    statuses = [(c.message_uuid, c.status) for c in vonage.callbacks if c.kind == "status"]
    inbound = [c.message_uuid for c in vonage.callbacks if c.kind == "inbound"]
    assert (len(statuses), len(inbound)) == (2 * TEXTS * rounds, TEXTS * rounds)

    events = StatusEvent.objects.filter(source=Source.VONAGE)
    assert sorted(events.values_list("message__message_uuid", "status")) == sorted(statuses)
    received = Message.objects.inbound().values_list("message_uuid", flat=True)
    assert sorted(received) == sorted(inbound)
    assert set(Message.objects.outbound().values_list("status", flat=True)) == {"delivered"}
    # A status before the response to its send is stored and applied later.
    assert not UnprocessedWebhook.objects.filter(processed_at=None).exists()
    for callback in vonage.callbacks:
        *before, last = [attempt.status for attempt in callback.attempts]
        assert (callback.state, last) == ("delivered", 200)
        assert set(before) <= {503}


def test_secret_that_is_wrong_for_an_hour_loses_no_message(vonage, site_has):
    site_has("a wrong secret, for an hour")
    began = time.monotonic()
    traffic(vonage)
    time.sleep(max(0.0, began + HOUR - time.monotonic()))
    assert codes(vonage) == {503}
    assert not StatusEvent.objects.filter(source=Source.VONAGE).exists()
    assert not UnprocessedWebhook.objects.exists()
    assert WebhookRefusal.objects.get().reason == "wrong_secret"

    site_has(vonage.signature_secret)
    check_all_arrived(vonage, rounds=1)
    assert min(len(callback.attempts) for callback in vonage.callbacks) >= 3


@pytest.mark.parametrize("missing", [(), ("",)])
def test_temporarily_missing_secret_loses_no_message(vonage, site_has, missing):
    site_has(*missing)
    traffic(vonage)
    assert codes(vonage) == {503}
    site_has(vonage.signature_secret)
    check_all_arrived(vonage, rounds=1)


def test_documented_rotation_refuses_no_webhook(vonage, site_has, vonage_signs_with):
    old = vonage.signature_secret
    traffic(vonage)
    site_has(NEW, old)
    traffic(vonage)
    vonage_signs_with(NEW)
    traffic(vonage)
    vonage.wait_until_idle()
    site_has(NEW)
    traffic(vonage)
    check_all_arrived(vonage, rounds=4)
    assert codes(vonage) == {200}
    assert not WebhookRefusal.objects.exists()


def test_old_secret_removed_too_early_loses_no_message(vonage, site_has, vonage_signs_with):
    old = vonage.signature_secret
    site_has(NEW)
    traffic(vonage)
    assert codes(vonage) == {503}
    site_has(NEW, old)
    traffic(vonage)
    vonage_signs_with(NEW)
    traffic(vonage)
    check_all_arrived(vonage, rounds=3)
    site_has(NEW)
    traffic(vonage)
    check_all_arrived(vonage, rounds=4)


def test_dashboard_changed_before_the_site_loses_no_message(vonage, site_has, vonage_signs_with):
    vonage_signs_with(NEW)
    traffic(vonage)
    assert codes(vonage) == {503}
    site_has(NEW)
    check_all_arrived(vonage, rounds=1)
