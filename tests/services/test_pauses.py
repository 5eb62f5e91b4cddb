"""Pauses of senders after a response 429, stored for all workers."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection
from django.utils import timezone

from django_vonage_messages import queue_message
from django_vonage_messages.models import Message, PausedSender
from django_vonage_messages.protocol.outcomes import Throttled
from django_vonage_messages.services.delivery.deliver import retry_delay
from django_vonage_messages.services.delivery.pauses import pause_sender, paused_senders
from django_vonage_messages.services.operations.reconcile import reconcile
from django_vonage_messages.services.operations.worker import WorkerLoop
from django_vonage_messages.testing import fix_time
from tests.conftest import SENT
from tests.races.conftest import at_once

TO = "447700900000"
DAY = 86_400.0
ACME = ("default", "ACME")
HALF_AN_HOUR = timedelta(minutes=30)


def work(threads: int = 1) -> None:
    WorkerLoop(threads=threads, poll=0.01).run(once=True)


def pauses_logged(caplog) -> list[str]:
    return [text for text in caplog.messages if "paused for" in text]


def throttle(outcomes, retry_after=DAY, **options) -> Message:
    """Queue a message whose sender is paused at the first attempt."""
    outcomes.append(Throttled(retry_after=retry_after))
    message = queue_message(TO, "Hello", sender="ACME", **options)
    work()
    message.refresh_from_db()
    return message


def test_pause_of_a_day_is_cut_to_half_an_hour(transactional_db, outcomes):
    before = timezone.now()

    message = throttle(outcomes)

    pause = PausedSender.objects.get()
    assert (pause.account, pause.our_address, pause.retry_after) == (*ACME, DAY)
    latest = timezone.now() + HALF_AN_HOUR
    assert before + HALF_AN_HOUR - timedelta(seconds=1) < pause.until <= latest
    assert message.status == "queued"
    assert message.due_at <= latest
    assert max(retry_delay(1, DAY) for _ in range(50)) <= HALF_AN_HOUR


def test_other_workers_obey_the_pause(transactional_db, outcomes):
    throttle(outcomes)
    for sender in ("ACME", "OTHER"):
        queue_message(TO, "Hello", sender=sender)

    work()

    assert [message.sender for message in SENT] == ["ACME", "OTHER"]
    PausedSender.objects.update(until=timezone.now())
    work()
    assert [message.sender for message in SENT] == ["ACME", "OTHER", "ACME"]


def test_reconcile_obeys_and_stores_pauses(transactional_db, outcomes):
    outcomes.append(Throttled(retry_after=DAY))
    for sender in ("ACME", "ACME", "OTHER"):
        queue_message(TO, "Hello", sender=sender)
    Message.objects.update(due_at=timezone.now() - timedelta(hours=1))

    assert reconcile().delivered == 2
    assert reconcile().delivered == 0
    assert [message.sender for message in SENT] == ["ACME", "OTHER"]
    assert paused_senders() == {ACME}


def test_long_pause_is_logged_once(transactional_db, outcomes, caplog):
    outcomes.extend([Throttled(retry_after=DAY)] * 4)
    for _ in range(4):
        queue_message(TO, "Hello", sender="447700900123")
    work(threads=4)
    pause_sender(("default", "447700900123"), DAY)

    (text,) = pauses_logged(caplog)
    assert "86400 seconds" in text
    assert "'default'" in text
    assert "1800 seconds" in text
    assert "447700900123" not in text
    assert {record.levelname for record in caplog.records if "paused" in record.message} == {
        "WARNING"
    }

    PausedSender.objects.update(until=timezone.now())
    pause_sender(("default", "447700900123"), DAY)
    assert len(pauses_logged(caplog)) == 2


def test_short_pause_is_not_logged(transactional_db, outcomes, caplog):
    throttle(outcomes, retry_after=None)

    assert pauses_logged(caplog) == []
    assert PausedSender.objects.count() == 1


def test_long_pause_after_a_short_one_is_logged(db, caplog):
    for retry_after in (None, 9, 60, 600):
        pause_sender(ACME, retry_after)

    assert len(pauses_logged(caplog)) == 1


def test_pause_is_never_shortened(db):
    pause_sender(ACME, 600)
    until = PausedSender.objects.get().until
    for retry_after in (None, 5, 300):
        pause_sender(ACME, retry_after)
    assert PausedSender.objects.get().until == until

    pause_sender(ACME, 1200)
    assert PausedSender.objects.get().until > until + timedelta(seconds=590)


def test_simultaneous_pauses_store_the_longest_one_once(transactional_db, caplog):
    before = timezone.now()

    at_once(8, lambda number: pause_sender(ACME, 60 * (number + 1)))

    pause = PausedSender.objects.get()
    assert pause.until > before + timedelta(seconds=479)
    assert len(pauses_logged(caplog)) == 1
    assert not [text for text in caplog.messages if "not stored" in text]


def test_outcome_is_recorded_if_the_pause_cannot_be_stored(transactional_db, outcomes, caplog):
    table = PausedSender._meta.db_table

    def fail(execute, sql, *arguments):
        if table in sql and not sql.startswith("SELECT"):
            raise DatabaseError("Broken: 447700900123")
        return execute(sql, *arguments)

    outcomes.append(Throttled(retry_after=DAY))
    message = queue_message(TO, "Hello", sender="447700900123")
    Message.objects.update(due_at=timezone.now() - timedelta(hours=1))
    with connection.execute_wrapper(fail):
        reconcile()

    message.refresh_from_db()
    assert (message.status, message.attempts) == ("queued", 1)
    assert [event.status for event in message.events.all()] == ["sending", "queued"]
    (text,) = [text for text in caplog.messages if "not stored" in text]
    assert "447700900123" not in text


@pytest.mark.parametrize(("retry_after", "seconds"), [(0, 1), (None, 1), (0.5, 0.5)])
def test_short_pause_ends(transactional_db, retry_after, seconds):
    moment = timezone.now()
    end = moment + timedelta(seconds=seconds)
    with fix_time(moment):
        pause_sender(ACME, retry_after)
    with fix_time(end - timedelta(seconds=0.1)):
        assert paused_senders() == {ACME}
    with fix_time(end):
        assert paused_senders() == set()


def test_command_leaves_messages_of_paused_senders(transactional_db, outcomes):
    pause_sender(ACME, 600)
    message = queue_message(TO, "Hello", sender="ACME")

    call_command("vonage_worker", once=True, threads=2, poll=0.01)

    message.refresh_from_db()
    assert (message.status, message.claim_token) == ("queued", None)
