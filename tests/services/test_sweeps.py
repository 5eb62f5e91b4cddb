"""Retries of stored rows: fair order, growing pauses, an end, one process for each attempt."""

import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.core.management import call_command
from django.db import OperationalError
from django.utils import timezone

from django_vonage_messages import send_message
from django_vonage_messages.models import Message, SignalDispatch, UnprocessedWebhook
from django_vonage_messages.services.db.transactions import fix_time
from django_vonage_messages.services.history.dispatch import redispatch
from django_vonage_messages.services.operations import reconcile as reconcile_module
from django_vonage_messages.services.operations.reconcile import reconcile
from django_vonage_messages.services.receiving import receive as receive_module
from django_vonage_messages.services.receiving.receive import VerifiedWebhook, receive
from django_vonage_messages.signals import message_received
from tests.lost_commits import lost_commit
from tests.spec import case

pytestmark = pytest.mark.django_db
TO = "447700900000"
STARVATION: dict[str, Any] = {
    "unknown statuses kept before": 500,
    "body": {
        "channel": "whatsapp",
        "to": "447700900002",
        "from": "447700900001",
        "timestamp": "2026-02-03T12:14:25Z",
        "message_type": "text",
        "text": "Please call me",
    },
}


@contextmanager
def later(**delta: float) -> Iterator[datetime]:
    """Move the database's clock forward."""
    moment = timezone.now() + timedelta(**delta)
    with fix_time(moment):
        yield moment


def store_unknown_statuses(number: int) -> None:
    """Receive statuses of messages that another site of the Vonage account has sent."""
    for each in range(number):
        body = {
            "message_uuid": f"of-another-site-{each}",
            "to": {"type": "sms", "number": TO},
            "from": {"type": "sms", "number": "447700900001"},
            "timestamp": "2026-01-01T14:00:00.000Z",
            "status": "delivered",
        }
        assert receive(VerifiedWebhook(json.dumps(body).encode(), ("default",))) == "stored"


@pytest.fixture
def broken(monkeypatch) -> Callable[[], Any]:
    """Make inbound messages fail inside a ``with`` block."""

    @contextmanager
    def block() -> Iterator[None]:
        with monkeypatch.context() as patch:
            patch.setattr(receive_module, "attach_inbound", None)
            yield

    return block


def store_failed(body: dict[str, Any]) -> UnprocessedWebhook:
    """Receive an inbound message that fails because of this site. Call it in ``broken()``."""
    with pytest.raises(TypeError):
        receive(VerifiedWebhook(json.dumps(body).encode(), ("default",)))
    return UnprocessedWebhook.objects.get(reason="failed", message_uuid=body["message_uuid"])


def test_statuses_of_another_site_do_not_hide_a_stored_message(broken):
    given = case("06-sweep-starvation.json", STARVATION)
    # A tenth of the statuses, and a tenth of the default limit.
    limit = given["unknown statuses kept before"] // 10
    store_unknown_statuses(limit)
    with broken():
        store_failed({"message_uuid": "kept", **given["body"]})

    assert reconcile(limit).replayed == 1

    assert Message.objects.inbound().get().text == given["body"]["text"]


def test_replay_begins_with_own_failures(broken, inbound_body, capsys):
    store_unknown_statuses(5)
    with broken():
        store_failed(inbound_body())

    call_command("vonage_replay", "--limit=5")

    assert Message.objects.inbound().count() == 1
    assert capsys.readouterr().out == "applied: 1, still unprocessed: 5\n"


def test_replay_tries_every_webhook_whatever_its_next_try(
    broken, inbound_body, monkeypatch, capsys
):
    monkeypatch.setattr(receive_module, "_BATCH", 2)
    store_unknown_statuses(5)
    with broken():
        store_failed(inbound_body())
    UnprocessedWebhook.objects.update(next_try_at=None)

    call_command("vonage_replay")

    assert Message.objects.inbound().count() == 1
    assert set(UnprocessedWebhook.objects.values_list("attempts", flat=True)) == {1}
    assert capsys.readouterr().out == "applied: 1, still unprocessed: 5\n"


def test_least_recently_tried_webhook_is_tried_first(broken, inbound_body):
    with broken():
        rows = [store_failed(inbound_body(message_uuid=f"uuid-{each}")) for each in range(5)]
        for _ in range(3):
            reconcile(2)

    for row in rows:
        row.refresh_from_db()
        assert row.attempts == 1


@pytest.mark.parametrize(
    ("reason", "hours"), [("failed", 7 * 24), ("unknown_message", 24), ("ambiguous_message", 24)]
)
def test_retries_have_growing_pauses_and_an_end(broken, inbound_body, reason, hours, monkeypatch):
    with broken():
        row = store_failed(inbound_body())
    UnprocessedWebhook.objects.update(reason=reason)

    def apply(*args: object) -> Any:
        if reason == "failed":
            raise LookupError
        return receive_module.UnprocessedReason(reason)

    monkeypatch.setattr(receive_module, "apply", apply)
    times = sweep_at_each_next_try(row)

    assert_pauses_grow(times)
    end = row.received_at + timedelta(hours=hours)
    assert end - timedelta(hours=6, minutes=1) < times[-1] < end
    assert (row.attempts, row.next_try_at, row.processed_at) == (len(times), None, None)


def sweep_at_each_next_try(row: UnprocessedWebhook | SignalDispatch) -> list[datetime]:
    """Sweep before and at each next try of ``row``, and return the times of the tries."""
    times = []
    row.refresh_from_db()
    while row.next_try_at is not None:
        attempts = row.attempts
        times.append(row.next_try_at)
        for moment in (times[-1] - timedelta(seconds=1), times[-1]):
            assert row.attempts == attempts
            with fix_time(moment):
                reconcile()
            row.refresh_from_db()
        assert row.attempts == attempts + 1
    return times


def assert_pauses_grow(times: list[datetime]) -> None:
    pauses = [round((after - before).total_seconds() / 60) for before, after in pairwise(times)]
    assert pauses == sorted(pauses)
    assert pauses[-1] == max(pauses) == 360


def test_another_delivery_does_not_reset_the_end():
    store_unknown_statuses(1)
    with later(hours=25):
        reconcile()
        store_unknown_statuses(1)
        reconcile()

    row = UnprocessedWebhook.objects.get()
    assert (row.deliveries, row.attempts, row.next_try_at) == (2, 1, None)


def test_unusable_webhook_is_not_retried(db, post_webhook):
    post_webhook("message-status", b"[]")

    assert UnprocessedWebhook.objects.get().next_try_at is None
    reconcile()
    assert UnprocessedWebhook.objects.get().attempts == 0


def test_attempt_is_counted_before_it_begins(broken, inbound_body, monkeypatch):
    """A row that kills the process is not the first one of each sweep."""
    with broken():
        rows = [store_failed(inbound_body(message_uuid=f"uuid-{each}")) for each in range(2)]
    killed = []

    def apply(*args: object) -> Any:
        killed.append(args)
        raise SystemExit

    monkeypatch.setattr(receive_module, "apply", apply)
    for _ in rows:
        with pytest.raises(SystemExit):
            reconcile()
    assert len(killed) == 2
    assert reconcile().replayed == 0
    for row in rows:
        row.refresh_from_db()
        assert row.attempts == 1


def test_sweep_leaves_a_webhook_that_another_sweep_retries(broken, inbound_body, monkeypatch):
    with broken():
        store_failed(inbound_body())
    real, calls = receive_module.apply, []

    def apply(*args: Any) -> Any:
        calls.append(args)
        if len(calls) == 1:
            reconcile()  # of another worker
        return real(*args)

    monkeypatch.setattr(receive_module, "apply", apply)

    assert reconcile().replayed == 1
    assert len(calls) == 1


def test_sweep_leaves_a_webhook_that_another_sweep_has_read_too(broken, inbound_body, monkeypatch):
    with broken():
        store_failed(inbound_body())
    read_by_another_worker = UnprocessedWebhook.objects.get()
    real = receive_module.filter_due
    calls = []

    def filter_due(rows: Any) -> Any:
        found = list(real(rows))
        if found and not calls:
            calls.append(found)
            assert receive_module.begin_webhook_retry(read_by_another_worker)
        return found

    monkeypatch.setattr(receive_module, "filter_due", filter_due)

    assert reconcile().replayed == 0
    assert UnprocessedWebhook.objects.get().attempts == 1


def test_webhook_without_account_is_logged_at_its_first_and_last_retry(
    broken, inbound_body, settings, caplog
):
    with broken():
        row = store_failed(inbound_body())
    settings.VONAGE_MESSAGES = {"renamed": settings.VONAGE_MESSAGES["default"]}
    caplog.set_level(logging.WARNING)

    for hour in range(0, 8 * 24, 7):
        with fix_time(row.received_at + timedelta(hours=hour, seconds=1)):
            reconcile()

    lines = [line for line in caplog.messages if f"Unprocessed webhook {row.pk} " in line]
    assert len(lines) == 2
    assert "retries go on" in lines[0]
    assert "retries have ended" in lines[1]
    row.refresh_from_db()
    assert row.attempts > 20
    assert row.detail.startswith("ImproperlyConfigured")


def test_failed_retry_stores_its_reason(broken, status_body, monkeypatch):
    """A status failed here, and its message turns out to be another site's."""
    message = send_message(TO, "Hello")
    body = json.dumps(status_body(message, "delivered")).encode()
    with monkeypatch.context() as patch:
        patch.setattr(receive_module, "apply_status", None)
        with pytest.raises(TypeError):
            receive(VerifiedWebhook(body, ("default",)))
    message.delete()

    reconcile()

    row = UnprocessedWebhook.objects.get()
    assert (row.reason, row.detail) == ("unknown_message", "")


class Receiver:
    """A receiver that raises."""

    def __init__(self) -> None:
        self.calls: list[int] = []
        self.error: BaseException | None = RuntimeError("no")

    def __call__(self, message: Message, **kwargs: Any) -> None:
        self.calls.append(message.pk)
        if self.error:
            raise self.error


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    message_received.connect(receiver)
    yield receiver
    message_received.disconnect(receiver)


def test_failed_signals_have_growing_pauses_and_an_end(receiver, post_webhook, inbound_body):
    post_webhook("inbound-message", inbound_body())
    dispatch = SignalDispatch.objects.get()
    receiver.calls.clear()

    assert_pauses_grow(sweep_at_each_next_try(dispatch))

    assert (dispatch.attempts, dispatch.done_at, len(receiver.calls)) == (20, None, 19)
    receiver.error = None
    assert redispatch(dispatch)  # by hand, after the end
    assert SignalDispatch.objects.get().done_at is not None


def test_failed_signals_do_not_hide_others(receiver, post_webhook, inbound_body):
    for each in range(4):
        post_webhook("inbound-message", inbound_body(message_uuid=f"uuid-{each}"))
    receiver.calls.clear()

    for minute in (5, 6):
        with later(minutes=minute):
            reconcile(2)

    assert sorted(receiver.calls) == sorted(Message.objects.values_list("pk", flat=True))


def test_signal_that_kills_the_process_is_not_first_again(receiver, post_webhook, inbound_body):
    for each in range(2):
        post_webhook("inbound-message", inbound_body(message_uuid=f"uuid-{each}"))
    receiver.calls.clear()
    receiver.error = SystemExit()

    with later(minutes=5):
        for _ in range(2):
            with pytest.raises(SystemExit):
                reconcile()
        assert len(set(receiver.calls)) == 2
        reconcile()
        assert len(receiver.calls) == 2


def test_deadlock_in_a_receiver_does_not_stop_the_sweep(receiver, post_webhook, inbound_body):
    for each in range(2):
        post_webhook("inbound-message", inbound_body(message_uuid=f"uuid-{each}"))
    first = Message.objects.earliest("pk").pk
    receiver.error = None
    deadlock = OperationalError("database is locked")

    def lock(message: Message, **kwargs: Any) -> None:
        if message.pk == first:
            raise deadlock

    message_received.connect(lock)
    try:
        with later(minutes=5):
            assert reconcile().dispatched == 1
    finally:
        message_received.disconnect(lock)


def test_two_sweeps_do_not_run_the_same_signal(receiver, post_webhook, inbound_body):
    post_webhook("inbound-message", inbound_body())
    read_by_two = [SignalDispatch.objects.get() for _ in range(2)]
    receiver.calls.clear()

    assert [redispatch(each) for each in read_by_two] == [False, False]

    assert len(receiver.calls) == 1
    assert SignalDispatch.objects.get().attempts == 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("moment", ["before", "after"])
def test_lost_commit_counts_an_attempt_once(receiver, post_webhook, inbound_body, moment):
    post_webhook("inbound-message", inbound_body())
    for number in (1, 2):  # of the count, and of the receivers' work
        with lost_commit(number, moment) as lost:
            assert redispatch(SignalDispatch.objects.get()) is False
        assert lost.happened
        assert SignalDispatch.objects.get().attempts == 1 + number

    receiver.error = None
    receiver.calls.clear()
    with lost_commit(2, moment):
        assert redispatch(SignalDispatch.objects.get()) is True
    assert len(receiver.calls) == (1 if moment == "after" else 2)
    assert SignalDispatch.objects.get().attempts == 4


def interrupted(**columns: Any) -> Message:
    message = send_message(TO, "Hello")
    message.events.all().delete()
    columns = {"status": "sending", "message_uuid": None, "accepted_at": None} | columns
    Message.objects.filter(pk=message.pk).update(**columns)
    return message


def test_interrupted_attempt_that_cannot_be_ended_does_not_stop_the_others(
    outcomes, monkeypatch, caplog
):
    ago = timezone.now() - timedelta(minutes=6)
    times = {"started_at": ago, "claim_expires_at": ago + timedelta(minutes=5)}
    first, second = interrupted(**times), interrupted(**times)
    real = reconcile_module.record_event
    tried = []

    def record_event(message: Message, event: Any) -> bool:
        tried.append(message.pk)
        if message.pk == first.pk:
            raise LookupError(message.text)
        return real(message, event)

    monkeypatch.setattr(reconcile_module, "record_event", record_event)

    assert [reconcile(1).unconfirmed, reconcile(1).unconfirmed] == [0, 1]

    second.refresh_from_db()
    assert second.status == "unconfirmed"
    line = next(line for line in caplog.messages if "interrupted attempt" in line)
    assert "LookupError" in line
    assert "Hello" not in line
    pauses = []
    for _ in range(3):
        begun_at = Message.objects.get(pk=first.pk).claim_expires_at + timedelta(seconds=1)
        with fix_time(begun_at):
            reconcile()
        pauses.append(Message.objects.get(pk=first.pk).claim_expires_at - begun_at)
    assert tried.count(first.pk) == 4
    assert pauses[2] > 1.9 * pauses[1] > 3.6 * pauses[0]


def queue_overdue(number: int) -> list[int]:
    pks = []
    for _ in range(number):
        message = send_message(TO, "Hello")
        pks.append(message.pk)
    Message.objects.update(
        status="queued", due_at=timezone.now() - timedelta(hours=1), claim_token=None
    )
    return pks


def test_messages_that_fail_before_their_start_do_not_hide_others(outcomes, monkeypatch):
    pks = queue_overdue(4)
    tried = []

    def start(pk: int, *args: Any, **kwargs: Any) -> Any:
        tried.append(pk)
        raise LookupError

    monkeypatch.setattr("django_vonage_messages.services.delivery.deliver.start", start)
    for minute in (0, 6, 12, 18):
        with later(minutes=minute):
            reconcile(2)

    assert sorted(tried) == sorted(pks * 2)


def test_held_messages_are_not_delivered(outcomes):
    held, other = queue_overdue(2)
    Message.objects.filter(pk=held).update(held_reason="restored")

    assert reconcile().delivered == 1

    assert Message.objects.get(pk=held).status == "queued"
    assert Message.objects.get(pk=other).status != "queued"


def test_answers_are_delivered_first(outcomes, monkeypatch):
    pks = queue_overdue(3)
    Message.objects.filter(pk=pks[2]).update(priority=10)
    delivered: list[int] = []
    monkeypatch.setattr(reconcile_module, "deliver_inline", delivered.append)

    reconcile(2)

    assert delivered == [pks[2], pks[0]]
