"""A site with one account on v0.1 and one on v1 that share an API key and the webhook URLs."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import product
from typing import Any, Final

import pytest
import requests
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.core.checks import run_checks
from django.test import Client

from django_vonage_messages import queue_message, resend_message, send_message
from django_vonage_messages.exceptions import DeliveryUnconfirmed
from django_vonage_messages.failover import Failover
from django_vonage_messages.models import (
    Conversation,
    Message,
    StatusEvent,
    UnprocessedWebhook,
    Workflow,
)
from django_vonage_messages.options import SmsOptions, WhatsAppOptions
from django_vonage_messages.protocol.signatures import sign
from django_vonage_messages.services.delivery.deliver import deliver
from django_vonage_messages.simulator import Simulator, number_for
from tests.admin.test_reply import reply, shown_messages

CUSTOMER: Final = "447700900000"
MESSENGER_CUSTOMER: Final = "4598023126881234"
VERSIONS: Final[dict[str, Any]] = {"old": "v0.1", "new": "v1"}
CHANNELS: Final = ("sms", "mms", "whatsapp", "viber", "messenger")
WITH_TEXT: Final = ("sms", "whatsapp", "viber", "messenger")
OURS: Final = {
    "old": dict.fromkeys(CHANNELS, "447700900001") | {"viber": "1001", "messenger": "1000001"},
    "new": dict.fromkeys(CHANNELS, "447700900002")
    | {"viber": "1002", "messenger": "1000002", "rcs": "ExampleAgent"},
}
APPLICATIONS: Final = [f"aaaaaaaa-bbbb-cccc-dddd-00000000000{number}" for number in range(3)]
KEY: Final[dict[str, Any]] = {
    "api_key": "abcd1234",
    "api_secret": "the API secret of both accounts",
    "signature_secret": "the signature secret of both accounts",
}
SITES: Final = (
    "an application each",
    "one application",
    "no application",
    "one with an application",
)


@dataclass
class Site:
    """The two accounts: the simulator and the sender addresses of each."""

    vonage: dict[str, Simulator]
    senders: dict[str, dict[str, str]]

    def customer_writes(self, alias: str, text: str, form: Any = None, channel: str = "sms") -> str:
        """Send an inbound message to an account; return the message_uuid."""
        uuid = self.vonage[alias].customer_sends(
            text,
            from_=customer_on(channel),
            to=self.senders[alias][channel],
            channel=channel,
            webhook_version=form or VERSIONS[alias],
        )
        self.wait()
        return uuid

    def wait(self) -> None:
        for simulator in self.simulators:
            simulator.wait_until_idle()

    @contextmanager
    def not_called(self) -> Iterator[None]:
        """Let all statuses of the block fail; they are retried after it."""
        urls = [simulator.status_url for simulator in self.simulators]
        for simulator in self.simulators:
            simulator.status_url = "http://127.0.0.1:1/nobody-listens-here"
        yield
        for simulator, url in zip(self.simulators, urls, strict=True):
            simulator.status_url = url

    def post(self, alias: str, page: str, body: dict[str, Any]) -> str:
        """POST a webhook signed for an account's application, if it has one; return the result."""
        simulator = self.vonage[alias]
        raw = json.dumps(body).encode()
        token = sign(
            raw,
            simulator.signature_secret,
            api_key=simulator.api_key,
            application_id=simulator.application_id or None,
        )
        response = requests.post(
            simulator.status_url.replace("message-status", page),
            data=raw,
            headers={"Authorization": f"Bearer {token}"},
            timeout=10,
        )
        assert response.status_code == 200, response.text
        return str(response.json()["result"])

    @property
    def simulators(self) -> list[Simulator]:
        return list({id(each): each for each in self.vonage.values()}.values())

    @property
    def accepted(self) -> list[tuple[str, str, str]]:
        """Return the messages that both have sent, oldest first: version, sender and text."""
        records = [each for simulator in self.simulators for each in simulator.accepted]
        records.sort(key=lambda record: record.at)
        return [(record.version, record.from_, record.text) for record in records]


Open = Callable[..., Site]


@pytest.fixture
def open_vonage(live_server: Any, transactional_db: None) -> Iterator[Callable[[str], Simulator]]:
    """Open simulators of one API key for this site; "" means no application."""
    urls = f"{live_server.url}/webhooks"
    with ExitStack() as stack:
        yield lambda application_id: stack.enter_context(
            Simulator(
                **KEY,
                application_id=application_id,
                status_url=f"{urls}/message-status",
                inbound_url=f"{urls}/inbound-message",
                time_scale=0.01,
            )
        )


@pytest.fixture
def open_site(open_vonage: Callable[[str], Simulator], settings: LazySettings) -> Open:
    """Open a site with two accounts that differ by ``kind``."""

    def of(kind: str) -> Site:
        site = _site(kind, open_vonage)
        settings.VONAGE_MESSAGES = {alias: _account(site, alias) for alias in VERSIONS}
        assert not _warnings()
        return site

    return of


def _site(kind: str, open_vonage: Callable[[str], Simulator]) -> Site:
    if kind == "an application each":  # with the same addresses
        vonage = {
            "old": open_vonage(APPLICATIONS[0]),
            "new": open_vonage(APPLICATIONS[1]),
        }
        return Site(vonage, dict.fromkeys(VERSIONS, OURS["old"]))
    if kind == "one with an application":
        vonage = {
            "old": open_vonage(""),
            "new": open_vonage(APPLICATIONS[1]),
        }
        return Site(vonage, dict.fromkeys(VERSIONS, OURS["old"]))
    both = open_vonage(APPLICATIONS[2] if kind == "one application" else "")
    return Site(dict.fromkeys(VERSIONS, both), OURS)


def _account(site: Site, alias: str) -> dict[str, Any]:
    simulator = site.vonage[alias]
    return simulator.settings(
        API_VERSION=VERSIONS[alias],
        AUTH="jwt" if simulator.application_id else "basic",
        SENDERS=site.senders[alias],
    )


def _warnings() -> list[str]:
    checks_found = run_checks(tags=["vonage_messages"], databases=[])
    return [
        str(each.id) for each in checks_found if each.id != "vonage_messages.W001"
    ]  # no "default"


@pytest.fixture(params=SITES)
def site(request: pytest.FixtureRequest, open_site: Open) -> Site:
    return open_site(request.param)


@pytest.fixture
def by_address(open_site: Open) -> Site:
    """A site whose accounts differ only by their addresses."""
    return open_site("no application")


@pytest.fixture
def anna(transactional_db: None) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("anna", password="pw"))
    return client


def customer_on(channel: str) -> str:
    return MESSENGER_CUSTOMER if channel == "messenger" else CUSTOMER


def status_of(message: Message) -> str:
    return Message.objects.values_list("status", flat=True).get(pk=message.pk)


def vonage_statuses_of(message: Message) -> list[str]:
    """Return the statuses of a message from Vonage, sorted, because retries change their order."""
    return sorted(message.events.filter(source="vonage").values_list("status", flat=True))


def forms_of(message: Message) -> set[str]:
    """Return the webhook versions of a message's statuses; only v0.1 has address objects."""
    payloads = StatusEvent.objects.filter(message=message, source="vonage")
    sides = [payload["to"] for payload in payloads.values_list("payload", flat=True) if payload]
    return {"v0.1" if isinstance(side, dict) else "v1" for side in sides if side}


def conversation_of(alias: str, channel: str = "sms") -> Conversation:
    return Conversation.objects.get(account=alias, channel=channel)


def texts_of(thread: Conversation) -> list[str]:
    return list(thread.messages.order_by("pk").values_list("text", flat=True))


def nothing_is_open() -> bool:
    return not UnprocessedWebhook.objects.filter(processed_at=None).exists()


def v1_status(message: Message, status: str) -> dict[str, Any]:
    return {
        "message_uuid": message.message_uuid,
        "channel": message.channel,
        "to": message.their_address,
        "from": message.our_address,
        "timestamp": "2026-01-01T14:00:00Z",
        "status": status,
        "client_ref": message.client_ref,
    }


def v1_text(uuid: str, to: str, from_: str = CUSTOMER) -> dict[str, Any]:
    return {
        "message_uuid": uuid,
        "channel": "sms",
        "message_type": "text",
        "to": to,
        "from": from_,
        "text": "Hello",
        "timestamp": "2026-01-01T14:00:00Z",
    }


def test_each_account_sends_and_receives_in_its_own_version(site: Site) -> None:
    sent = {
        (alias, channel): send_message(
            customer_on(channel), f"{alias} on {channel}", channel=channel, account=alias
        )
        for alias, channel in product(VERSIONS, WITH_TEXT)
    }
    site.wait()

    assert sorted(site.accepted) == sorted(
        (VERSIONS[alias], site.senders[alias][channel], f"{alias} on {channel}")
        for alias, channel in sent
    )
    for (alias, channel), message in sent.items():
        assert status_of(message) == "delivered"
        assert vonage_statuses_of(message) == ["delivered", "submitted"]
        assert forms_of(message) == {VERSIONS[alias]}
        assert texts_of(conversation_of(alias, channel)) == [f"{alias} on {channel}"]
    assert Conversation.objects.count() == len(sent)
    assert nothing_is_open()


def test_customer_writes_to_both_accounts_in_both_versions(site: Site) -> None:
    for alias, form, channel in product(VERSIONS, VERSIONS.values(), CHANNELS):
        site.customer_writes(alias, f"To {alias} in {form}", form, channel)

    for alias, channel in product(VERSIONS, CHANNELS):
        thread = conversation_of(alias, channel)
        assert texts_of(thread) == [f"To {alias} in v0.1", f"To {alias} in v1"]
        assert (thread.our_address, thread.unread_count) == (site.senders[alias][channel], 2)
        assert thread.their_address == customer_on(channel)
    assert Conversation.objects.count() == len(VERSIONS) * len(CHANNELS)
    assert nothing_is_open()


def test_rcs_works_on_the_v1_account(by_address: Site) -> None:
    message = send_message(CUSTOMER, "Hello", channel="rcs", account="new")
    by_address.customer_writes("new", "Thank you", channel="rcs")
    assert texts_of(conversation_of("new", "rcs")) == ["Hello", "Thank you"]
    assert status_of(message) == "delivered"
    assert Conversation.objects.count() == 1


def test_reply_of_staff_is_sent_on_the_account_of_the_conversation(
    site: Site, anna: Client
) -> None:
    for alias in VERSIONS:
        site.customer_writes(alias, f"Hello {alias}")
    for alias in ("new", "old"):
        assert shown_messages(reply(anna, conversation_of(alias), f"From {alias}")) == [
            "Reply sent."
        ]
    site.wait()

    assert site.accepted == [
        (VERSIONS[alias], site.senders[alias]["sms"], f"From {alias}") for alias in ("new", "old")
    ]
    for alias in VERSIONS:
        assert texts_of(conversation_of(alias)) == [f"Hello {alias}", f"From {alias}"]
        assert conversation_of(alias).waiting_since is None
        assert status_of(conversation_of(alias).messages.get(direction="outbound")) == "delivered"


def test_client_ref_and_idempotency_key_belong_to_one_account(site: Site) -> None:
    def send(alias: str) -> Message:
        ref: dict[str, Any] = {"client_ref": "order-42", "idempotency_key": "order-42-shipped"}
        recipient = number_for("rejected", 1300) if alias == "old" else CUSTOMER
        return send_message(recipient, "Shipped", account=alias, **ref)

    sent = {alias: send(alias) for alias in VERSIONS}
    assert send("new").pk == sent["new"].pk
    site.wait()

    assert len(site.accepted) == 2
    assert {alias: status_of(message) for alias, message in sent.items()} == {
        "old": "rejected",
        "new": "delivered",
    }
    assert nothing_is_open()


def test_shared_client_ref_is_matched_by_address(by_address: Site) -> None:
    """Both connections broke after the acceptance, so only client_ref and address are known."""
    with by_address.not_called():
        unconfirmed_on_both("order-42")
    by_address.wait()

    uuids = {record.text: record.message_uuid for record in by_address.simulators[0].accepted}
    for message in Message.objects.all():
        assert (message.status, message.message_uuid) == ("delivered", uuids[message.account])
        assert forms_of(message) == {VERSIONS[message.account]}
    assert nothing_is_open()


def test_shared_client_ref_and_address_are_ambiguous(open_site: Open) -> None:
    """The statuses are stored, and neither message changes."""
    site = open_site("an application each")
    with site.not_called():
        unconfirmed_on_both("order-42")
    site.wait()

    assert {message.status for message in Message.objects.all()} == {"unconfirmed"}
    webhooks = UnprocessedWebhook.objects.filter(processed_at=None)
    assert set(webhooks.values_list("reason", flat=True)) == {"ambiguous_message"}
    assert webhooks.count() == 4


def unconfirmed_on_both(client_ref: str) -> None:
    for alias in VERSIONS:
        with pytest.raises(DeliveryUnconfirmed):
            send_message(number_for("drops"), alias, account=alias, client_ref=client_ref)


def test_v1_account_accepts_requested_v0_1_statuses(site: Site) -> None:
    text = send_message(
        CUSTOMER, "Hello", account="new", options=SmsOptions(webhook_version="v0.1")
    )
    whatsapp = send_message(
        number_for("read"),
        "Hello",
        channel="whatsapp",
        account="new",
        options=WhatsAppOptions(webhook_version="v0.1"),
    )
    site.wait()

    assert (status_of(text), status_of(whatsapp)) == ("delivered", "read")
    assert forms_of(text) == forms_of(whatsapp) == {"v0.1"}
    assert {version for version, *_rest in site.accepted} == {"v1"}
    assert nothing_is_open()


def test_v0_1_account_accepts_a_v1_status(site: Site) -> None:
    message = send_message(number_for("no_status"), "Hello", account="old")
    result = site.post("old", "message-status", v1_status(message, "delivered"))
    assert (result, status_of(message), forms_of(message)) == ("applied", "delivered", {"v1"})


def test_same_uuid_on_both_accounts_is_two_messages(by_address: Site) -> None:
    uuid = "bbbbbbbb-0000-4000-8000-000000000001"
    for expected in ("applied", "duplicate"):
        for alias in VERSIONS:
            body = v1_text(uuid, by_address.senders[alias]["sms"])
            assert by_address.post(alias, "inbound-message", body) == expected
    assert [conversation_of(alias).messages.get().message_uuid for alias in VERSIONS] == [
        uuid,
        uuid,
    ]


def test_status_is_matched_by_uuid_with_another_application_and_address(site: Site) -> None:
    message = send_message(number_for("no_status"), "Hello", account="new")
    body = v1_status(message, "delivered") | {"from": site.senders["old"]["sms"]}
    assert site.post("old", "message-status", body) == "applied"
    assert (status_of(message), message.account) == ("delivered", "new")


@pytest.mark.parametrize("order", [("old", "new"), ("new", "old")])
def test_inbound_message_to_a_shared_sender_belongs_to_the_first_account(
    by_address: Site, settings: LazySettings, order: tuple[str, str]
) -> None:
    """Only inbound messages are ambiguous: each status still finds its own message."""
    by_address.senders = dict.fromkeys(VERSIONS, OURS["old"])
    settings.VONAGE_MESSAGES = {alias: _account(by_address, alias) for alias in order}
    assert _warnings() == ["vonage_messages.W014"]

    sent = [send_message(CUSTOMER, "Hello", account=alias) for alias in order]
    for form in VERSIONS.values():
        by_address.customer_writes("old", form, form)

    assert [status_of(message) for message in sent] == ["delivered", "delivered"]
    assert texts_of(conversation_of(order[0])) == ["Hello", "v0.1", "v1"]
    assert texts_of(conversation_of(order[1])) == ["Hello"]


def test_account_may_send_from_a_sender_of_the_other_account(
    by_address: Site, settings: LazySettings
) -> None:
    """The check recommends this."""
    settings.VONAGE_MESSAGES["old"]["SENDERS"] = {}
    assert not _warnings()
    senders = by_address.senders["new"]["sms"]
    message = send_message(CUSTOMER, "Hello", sender=senders, account="old")
    by_address.customer_writes("new", "Thank you")

    assert (message.our_address, status_of(message)) == (senders, "delivered")
    assert texts_of(conversation_of("new")) == ["Thank you"]


# One account, switched to the other version by API_VERSION


@pytest.fixture(params=[("v0.1", "v1"), ("v1", "v0.1")], ids=["forwards", "back"])
def switch(
    request: pytest.FixtureRequest, by_address: Site, settings: LazySettings
) -> tuple[str, Callable[[], None]]:
    """The version of the account "old", and a function that switches it to the other version."""
    before, after = request.param
    settings.VONAGE_MESSAGES["old"]["API_VERSION"] = before

    def switch_version() -> None:
        settings.VONAGE_MESSAGES["old"]["API_VERSION"] = after

    return before, switch_version


Switch = tuple[str, Callable[[], None]]


def test_account_changes_its_version_during_a_conversation(
    by_address: Site, switch: Switch, anna: Client
) -> None:
    before, switch_version = switch
    after = "v1" if before == "v0.1" else "v0.1"
    by_address.customer_writes("old", "One", before)
    with by_address.not_called():
        second = send_message(CUSTOMER, "Two", account="old")
        third = queue_message(CUSTOMER, "Three", account="old")
        switch_version()
    by_address.wait()
    deliver(third.pk)
    by_address.customer_writes("old", "Four", after)
    reply(anna, conversation_of("old"), "Five")
    by_address.wait()

    assert texts_of(conversation_of("old")) == ["One", "Two", "Three", "Four", "Five"]
    assert Conversation.objects.count() == 1
    assert [version for version, *_rest in by_address.accepted] == [before, after, after]
    assert (vonage_statuses_of(second), forms_of(second)) == (["delivered", "submitted"], {before})
    assert {status_of(m) for m in Message.objects.outbound()} == {"delivered"}
    assert nothing_is_open()


def test_account_changes_its_version_during_a_workflow(by_address: Site, switch: Switch) -> None:
    """The side that started the failover, Vonage or this site, finishes it."""
    _before, switch_version = switch
    with by_address.not_called():
        first = send_message(
            number_for("rejected", 1340),
            "Two ways",
            channel="whatsapp",
            account="old",
            failover=[Failover("Two ways", channel="sms", to=CUSTOMER)],
        )
        switch_version()
    by_address.wait()
    for queued in Message.objects.filter(status="queued"):
        deliver(queued.pk)
    by_address.wait()

    second = Message.objects.get(channel="sms")
    assert (status_of(first), status_of(second)) == ("rejected", "delivered")
    assert Workflow.objects.get().arrived == second
    assert [text for _version, _from, text in by_address.accepted] == ["Two ways", "Two ways"]
    assert nothing_is_open()


def test_resend_uses_the_current_version_of_the_account(by_address: Site, switch: Switch) -> None:
    before, switch_version = switch
    rejected = send_message(number_for("rejected", 1300), "Hello", account="old")
    by_address.wait()
    switch_version()
    rejected.refresh_from_db()
    again = resend_message(rejected)
    by_address.wait()

    assert (again.resend_of, again.conversation) == (rejected, rejected.conversation)
    first, second = by_address.accepted
    assert (first[0], first[1:]) == (before, second[1:])
    assert second[0] != before
    assert forms_of(rejected) | forms_of(again) == set(VERSIONS.values())
