"""capture_messages(), the outbox and forced outcomes."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.db import transaction
from django.test import TestCase, override_settings
from django.utils import timezone

from django_vonage_messages import exceptions, queue_message, send_message, testing
from django_vonage_messages.backends import Accepted, NotSent, Outcome, Rejected, Throttled
from django_vonage_messages.conf import get_account
from django_vonage_messages.content import Text
from django_vonage_messages.failover import Failover
from django_vonage_messages.models import Message
from django_vonage_messages.options import SmsOptions, ViberOptions
from django_vonage_messages.services.delivery.deliver import deliver
from django_vonage_messages.testing import OutgoingMessage, capture_messages, outbox
from tests.accounts import v1_account

REFUSED = Rejected("Invalid recipient")
REAL = {
    "default": {
        "API_KEY": "abcd1234",
        "API_SECRET": "an-api-secret",
        "SENDERS": {"sms": "447700900001"},
        "OPTIONS": {"base_url": "http://127.0.0.1:1", "timeout": 0.1},
    },
    "shop": {
        "BACKEND": "nowhere.Backend",
        "SENDERS": {"sms": "SHOP", "viber": "654321"},
        "OPTIONS": {"its_own": True},
    },
}


@pytest.mark.django_db
def test_captured_messages_are_not_sent_and_can_be_read_later() -> None:
    with override_settings(VONAGE_MESSAGES=REAL):
        with capture_messages() as captured:
            assert captured == []
            message = send_message("+44 7700 900000", "Hello", client_ref="order-42")
            assert len(captured) == 1
        assert get_account().options == REAL["default"]["OPTIONS"]
    (sent,) = captured
    assert isinstance(sent, OutgoingMessage)
    assert (sent.to, sent.sender, sent.channel) == ("447700900000", "447700900001", "sms")
    assert (sent.text, sent.body["client_ref"]) == ("Hello", "order-42")
    assert sent.reference == message.reference.hex
    assert message.status == "accepted"


@pytest.mark.django_db
def test_every_account_is_captured_and_keeps_its_other_settings() -> None:
    with override_settings(VONAGE_MESSAGES=REAL), capture_messages() as captured:
        send_message("447700900000", "Hello", account="shop")
        send_message("447700900000", "Hello")
    assert [sent.sender for sent in captured] == ["SHOP", "447700900001"]


@pytest.mark.django_db
def test_capture_starts_empty() -> None:
    send_message("447700900000", "Earlier")
    assert [sent.text for sent in outbox] == ["Earlier"]
    with capture_messages() as captured:
        assert captured == []
        send_message("447700900000", "Hello")
    with capture_messages() as again:
        assert again == []


def test_settings_are_restored_after_an_exception() -> None:
    with override_settings(VONAGE_MESSAGES=REAL):
        with pytest.raises(ZeroDivisionError), capture_messages():
            1 / 0  # noqa: B018 -- raises an exception
        assert get_account("shop").backend == "nowhere.Backend"


@pytest.mark.django_db
def test_capture_messages_is_also_a_decorator() -> None:
    @capture_messages()
    def send() -> list[str]:
        send_message("447700900000", "Hello")
        return [sent.text for sent in testing.outbox]

    with override_settings(VONAGE_MESSAGES=REAL):
        assert [send(), send()] == [["Hello"], ["Hello"]]


@pytest.mark.parametrize("value", [None, {}, "default"])
def test_missing_accounts_are_an_error(value: Any) -> None:
    with (
        override_settings(VONAGE_MESSAGES=value),
        pytest.raises(ImproperlyConfigured, match="VONAGE_MESSAGES must be a dict"),
        capture_messages(),
    ):
        pass


def ship() -> Message:
    with transaction.atomic():
        return send_message("447700900000", "Shipped")


class SiteTests(TestCase):
    """Tests of a site, as in the docstring of ``testing``."""

    def test_message_of_a_transaction_is_captured_at_the_commit(self) -> None:
        with capture_messages() as captured:
            with self.captureOnCommitCallbacks(execute=True):
                message = ship()
                assert captured == []
            assert [sent.text for sent in captured] == ["Shipped"]
        message.refresh_from_db()
        assert message.status == "accepted"

    @capture_messages()
    def test_outbox_contains_messages_of_a_decorated_test(self) -> None:
        send_message("447700900000", "Hello")
        assert [sent.text for sent in outbox] == ["Hello"]


def test_example_of_the_docstring_runs(db: None) -> None:
    class Order:
        ship: Callable[[], object] = staticmethod(
            lambda: send_message("447700900000", "Your order is on its way.")
        )

    example = [line[4:] for line in (testing.__doc__ or "").splitlines() if line[:4] == "    "]
    assert example
    exec("\n".join(example), {"capture_messages": capture_messages, "order": Order()})


# Forced outcomes


@pytest.mark.django_db
def test_one_outcome_applies_to_every_message() -> None:
    with override_settings(VONAGE_MESSAGES=REAL), capture_messages(outcome=REFUSED) as captured:
        for account in ("default", "shop"):
            with pytest.raises(exceptions.MessageRejected, match="Invalid recipient"):
                send_message("447700900000", "Hello", account=account)
    assert [sent.sender for sent in captured] == ["447700900001", "SHOP"]
    assert [message.status for message in Message.objects.all()] == ["failed", "failed"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "number", ["447700900123", "+44 7700 900123", "0044 (0)7700-900123", "07700 900123"]
)
def test_outcome_for_a_number_applies_in_every_spelling(number: str) -> None:
    config = {"default": {"SENDERS": {"sms": "447700900001"}, "REGION": "GB"}}
    with override_settings(VONAGE_MESSAGES=config), capture_messages(outcome={number: REFUSED}):
        for _ in range(2):
            with pytest.raises(exceptions.MessageRejected):
                send_message("447700900123", "Hello")
        assert send_message("447700900124", "Hello").status == "accepted"


@pytest.mark.django_db
def test_outcome_for_an_id_applies_to_that_id() -> None:
    by_recipient: dict[str, Outcome | Exception] = {"customer-1": NotSent(), "12025550123": REFUSED}
    with capture_messages(outcome=by_recipient):
        with pytest.raises(exceptions.ConnectionFailed):
            send_message("customer-1", "Hello", channel="messenger")
        assert send_message("customer-2", "Hello", channel="messenger").status == "accepted"
        assert send_message("447700900123", "Hello").status == "accepted"


@pytest.mark.django_db
def test_list_of_outcomes_applies_in_order() -> None:
    outcomes = [NotSent("No connection"), Accepted("a-uuid"), Throttled(retry_after=3)]
    for kind in (list, tuple, iter):
        Message.objects.all().delete()
        with capture_messages(outcome=kind(outcomes)) as captured:
            with pytest.raises(exceptions.ConnectionFailed):
                send_message("447700900000", "One")
            assert send_message("447700900000", "Two").message_uuid == "a-uuid"
            with pytest.raises(exceptions.RateLimited):
                send_message("447700900000", "Three")
            assert send_message("447700900000", "Four").status == "accepted"
        assert [sent.text for sent in captured] == ["One", "Two", "Three", "Four"]
    assert len(outcomes) == 3


@pytest.mark.django_db
def test_each_accepted_message_has_its_own_uuid() -> None:
    with capture_messages(outcome=Accepted()):
        first, second = (send_message("447700900000", "Hello") for _ in range(2))
    assert first.message_uuid
    assert second.message_uuid not in ("", first.message_uuid)


@pytest.mark.django_db
@pytest.mark.parametrize("form", ["all", "number", "turn"])
def test_exception_as_an_outcome_is_raised_by_the_backend(form: str) -> None:
    mistake = ValidationError("a mistake of the backend")  # a ValidationError is iterable
    forms: dict[str, Any] = {"all": mistake, "number": {"447700900000": mistake}, "turn": [mistake]}
    with (
        capture_messages(outcome=forms[form]) as captured,
        pytest.raises(exceptions.DeliveryUnconfirmed),
    ):
        send_message("447700900000", "Hello")
    assert len(captured) == 1
    assert Message.objects.get().status == "unconfirmed"


@pytest.mark.django_db
def test_unsent_message_is_retried() -> None:
    message = queue_message("447700900000", "Hello")
    with capture_messages(outcome=[NotSent("No connection")]) as captured:
        deliver(message.pk)
        message.refresh_from_db()
        assert (message.status, message.attempts) == ("queued", 1)
        Message.objects.update(due_at=timezone.now() - timedelta(minutes=1))
        deliver(message.pk)
    message.refresh_from_db()
    assert (message.status, message.attempts, len(captured)) == ("accepted", 2, 2)


@pytest.mark.django_db
def test_a_decorator_forces_the_same_outcomes_in_each_call() -> None:
    @capture_messages(outcome=[REFUSED])
    def send() -> list[str]:
        with pytest.raises(exceptions.MessageRejected):
            send_message("447700900000", "Hello")
        return [send_message("447700900000", "Hello").status]

    assert [send(), send()] == [["accepted"], ["accepted"]]


@pytest.mark.django_db
def test_forced_outcomes_end_with_the_block() -> None:
    forms: list[Any] = [REFUSED, {"447700900000": REFUSED}, [REFUSED]]
    for outcome in forms:
        with pytest.raises(ZeroDivisionError), capture_messages(outcome=outcome):
            1 / 0  # noqa: B018 -- raises an exception
        assert send_message("447700900000", "Hello").status == "accepted"


@pytest.mark.django_db
def test_a_capture_inside_another_forces_its_own_outcomes() -> None:
    with capture_messages(outcome=[REFUSED]):
        with capture_messages(outcome={"447700900123": REFUSED}):
            assert send_message("447700900000", "Hello").status == "accepted"
        assert send_message_status("447700900123") == "rejected"
        assert send_message_status("447700900123") == "accepted"


def send_message_status(number: str) -> str:
    try:
        return send_message(number, "Hello").status
    except exceptions.MessageRejected:
        return "rejected"


@pytest.mark.django_db
def test_outcomes_can_be_appended() -> None:
    with capture_messages(outcome={"447700900123": REFUSED}):
        testing.outcomes.append(Accepted("a-uuid"))
        assert send_message("447700900123", "Hello").message_uuid == "a-uuid"
        assert send_message_status("447700900123") == "rejected"


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (None, "not NoneType"),
        ("rejected", "not str"),
        (Rejected, "not the class Rejected"),
        (["rejected"], "not str"),
        ({"447700900000": "rejected"}, "not str"),
        ({447700900000: REFUSED}, "str keys, not int"),
    ],
)
def test_invalid_outcome_is_a_type_error(value: Any, problem: str) -> None:
    outbox.append("kept")  # type: ignore[arg-type]  # anything, to see it stay
    with (
        pytest.raises(TypeError, match=f"^outcome must .*{problem}"),
        capture_messages(outcome=value),
    ):
        pass
    assert outbox == ["kept"]
    assert get_account().options == {}


@pytest.mark.django_db
def test_outbox_knows_account_options_and_row() -> None:
    options = ViberOptions(ttl=600)
    with override_settings(VONAGE_MESSAGES=REAL), capture_messages() as captured:
        message = send_message(
            "447700900000", "Hello", account="shop", channel="viber", options=options
        )
        send_message("447700900000", "Hello")
    shop, other = captured
    assert (shop.account, shop.options, shop.failover) == ("shop", options, ())
    assert shop.message == message
    assert shop.message.status == "accepted"
    assert (other.account, other.options) == ("default", None)


@pytest.mark.django_db
def test_outbox_knows_failover() -> None:
    with v1_account():
        message = send_message(
            "447700900000",
            Text("Hello"),
            channel="whatsapp",
            failover=[Failover("Hello again", channel="sms", options=SmsOptions(ttl=60))],
        )
    (sent,) = outbox
    (later,) = sent.failover
    assert (later.channel, later.text, later.options) == ("sms", "Hello again", SmsOptions(ttl=60))
    assert sent.body["failover"] == [later.body]
    assert later.message.workflow == message.workflow
    assert later.message.status == "standby"
