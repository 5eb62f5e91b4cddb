"""deliver_due(): the due messages, sent by the calling thread."""

from datetime import timedelta

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError, connection, transaction
from django.test import TestCase
from django.utils import timezone

from django_vonage_messages import deliver_due, queue_message
from django_vonage_messages.models import Deployment, Message
from django_vonage_messages.protocol.outcomes import Rejected, Throttled
from django_vonage_messages.services.db import idle_connections
from django_vonage_messages.simulator import Simulator, number_for
from tests.conftest import SENT
from tests.time_limits import SoftTimeLimitExceeded, time_limit

pytestmark = pytest.mark.django_db(transaction=True)


def queue(count: int) -> list[Message]:
    return [queue_message(f"44770090000{n}", f"Message {n}") for n in range(count)]


def statuses() -> list[str]:
    return list(Message.objects.order_by("pk").values_list("status", flat=True))


def test_a_connection_that_the_server_closed_is_replaced(outcomes, monkeypatch):
    queue(1)
    monkeypatch.setattr(idle_connections, "is_private", lambda: False)  # for SQLite in memory
    monkeypatch.setattr(connection, "errors_occurred", True)
    closed = []
    monkeypatch.setattr(connection, "close", lambda: closed.append(True))
    assert deliver_due() == 1
    assert closed


def test_due_messages_are_sent_up_to_the_limit(outcomes):
    queue(3)
    assert deliver_due(limit=2) == 2
    assert statuses() == ["accepted", "accepted", "queued"]
    assert deliver_due() == 1
    assert deliver_due() == 0
    assert [message.text for message in SENT] == ["Message 0", "Message 1", "Message 2"]


def test_messages_for_later_and_held_messages_stay_queued(outcomes):
    queue_message("447700900000", "Hello", send_at=timezone.now() + timedelta(hours=1))
    held = queue_message("447700900001", "Hello")
    Message.objects.filter(pk=held.pk).update(held_reason="hold")
    assert deliver_due() == 0
    assert (statuses(), SENT) == (["queued", "queued"], [])


def test_a_paused_sender_waits_and_another_sender_does_not(outcomes, settings):
    account = settings.VONAGE_MESSAGES["default"]
    senders = {"sms": ["447700900001", "447700900002"]}
    settings.VONAGE_MESSAGES = {"default": account | {"SENDERS": senders}}
    queue(2)
    queue_message("447700900009", "Other", sender="447700900002")
    outcomes.append(Throttled("Too many requests", retry_after=60))

    assert deliver_due() == 2
    assert statuses() == ["queued", "queued", "accepted"]
    assert deliver_due() == 0


def test_a_rejected_message_counts_and_the_next_one_is_sent(outcomes):
    queue(2)
    outcomes.append(Rejected("Invalid"))
    assert deliver_due() == 2
    assert statuses() == ["failed", "accepted"]


def test_a_failure_of_one_message_is_logged_and_the_next_one_is_sent(outcomes, caplog):
    first, _second = queue(2)
    outcomes.append(RuntimeError("Message 0 is quoted here"))
    assert deliver_due() == 2
    assert statuses() == ["unconfirmed", "accepted"]
    assert f"Delivery of message {first.pk} failed: RuntimeError" in caplog.text
    assert "quoted" not in caplog.text


def test_a_database_error_is_raised_and_the_message_stays_queued(outcomes, monkeypatch):
    queue(1)
    error = OperationalError("the server closed the connection")
    start = "django_vonage_messages.services.delivery.deliver.start"
    with monkeypatch.context() as context:
        context.setattr(start, lambda *args, **kwargs: _raise(error))
        with pytest.raises(OperationalError) as raised:
            deliver_due()
    assert raised.value is error
    assert (statuses(), SENT) == (["queued"], [])
    assert deliver_due() == 1


def test_a_transaction_is_refused(outcomes):
    queue(1)
    with transaction.atomic(), pytest.raises(transaction.TransactionManagementError):
        deliver_due()
    assert (statuses(), SENT) == (["queued"], [])


@pytest.mark.parametrize("limit", [0, -1])
def test_a_limit_below_one_is_refused(limit):
    with pytest.raises(ValueError, match="limit must be 1 or more"):
        deliver_due(limit=limit)


def test_the_database_is_recorded_as_in_use(outcomes):
    deliver_due()
    assert Deployment.objects.exists()


def test_a_time_limit_ends_the_call_and_leaves_the_message_unconfirmed(outcomes):
    queue(2)
    outcomes.append(SoftTimeLimitExceeded())
    with pytest.raises(SoftTimeLimitExceeded):
        deliver_due()
    assert statuses() == ["unconfirmed", "queued"]

    assert deliver_due() == 1
    assert statuses() == ["unconfirmed", "accepted"]


def test_a_time_limit_before_the_request_queues_the_message_again(outcomes, monkeypatch):
    queue(1)
    with monkeypatch.context() as context:
        outgoing = "django_vonage_messages.services.delivery.deliver._outgoing"
        context.setattr(outgoing, lambda *args: _raise(SoftTimeLimitExceeded()))
        with pytest.raises(SoftTimeLimitExceeded):
            deliver_due()
    assert (statuses(), SENT) == (["queued"], [])


def test_a_time_limit_in_a_callable_setting_ends_the_call(outcomes, settings):
    queue(2)
    account = settings.VONAGE_MESSAGES["default"]
    limited = account | {"ALLOWED_RECIPIENTS": lambda: _raise(SoftTimeLimitExceeded())}
    settings.VONAGE_MESSAGES = {"default": limited}

    with pytest.raises(ImproperlyConfigured, match="SoftTimeLimitExceeded"):
        deliver_due()

    assert (statuses(), SENT) == (["queued", "queued"], [])
    assert list(Message.objects.values_list("attempts", flat=True).order_by("pk")) == [1, 0]


def test_a_connection_that_a_time_limit_left_in_a_transaction_is_replaced(outcomes, monkeypatch):
    queue(1)
    claim = "django_vonage_messages.services.operations.due.claim_batch"

    def interrupted(*args: object) -> None:
        connection.set_autocommit(False)  # as in the middle of atomic().__enter__()
        raise SoftTimeLimitExceeded

    with monkeypatch.context() as context:
        context.setattr(claim, interrupted)
        with pytest.raises(SoftTimeLimitExceeded):
            deliver_due()
    assert deliver_due() == 1


def test_a_time_limit_during_the_request_leaves_the_message_unconfirmed(settings):
    with Simulator(time_scale=1) as simulator:
        settings.VONAGE_MESSAGES = {"default": simulator.settings()}
        queue_message(number_for("times_out"), "Hello")
        with time_limit(0.3), pytest.raises(SoftTimeLimitExceeded):
            deliver_due()
        assert statuses() == ["unconfirmed"]
        assert deliver_due() == 0
        assert len(simulator.accepted) == 1


class TestInATestCase(TestCase):
    def test_messages_are_sent_on_the_connection_of_the_test(self) -> None:
        queue(2)
        session = connection.connection
        assert deliver_due() == 2
        assert connection.connection is session
        assert statuses() == ["accepted", "accepted"]


def _raise(error: Exception) -> None:
    raise error
