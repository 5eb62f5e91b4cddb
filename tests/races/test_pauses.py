"""A process that is stopped (SIGSTOP) beyond its lease never causes a second POST."""

import os
import signal
import time

import pytest

from django_vonage_messages import queue_message
from django_vonage_messages.models import Message
from django_vonage_messages.services.delivery.claims import claim, claim_batch
from django_vonage_messages.services.delivery.deliver import deliver_claimed
from django_vonage_messages.services.operations.reconcile import reconcile
from django_vonage_messages.services.operations.worker import WorkerLoop
from tests.races.conftest import statuses_of, times_accepted

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
LEASE = 0.5


@pytest.fixture
def paused(spawn):
    """Start a worker; return after it has stopped itself and its lease has expired."""

    def pause(point: str, *arguments: str):
        worker = spawn("tests.races.worker", point, str(LEASE), *arguments)
        _pid, status = os.waitpid(worker.pid, os.WUNTRACED)
        assert os.WIFSTOPPED(status), f"The worker ended instead of stopping: {status}"
        time.sleep(LEASE + 0.2)
        return worker

    return pause


def wake(worker) -> None:
    worker.send_signal(signal.SIGCONT)
    assert worker.wait(timeout=30) == 0


def test_claim_of_a_paused_worker_is_taken_over(vonage, paused):
    message = queue_message("447700900000", "Hello")
    worker = paused("claimed")

    WorkerLoop(threads=1, poll=0.01).run(once=True)
    assert times_accepted(vonage) == {message.reference.hex: 1}
    wake(worker)

    assert times_accepted(vonage) == {message.reference.hex: 1}
    assert statuses_of([message]) == ["sending accepted"]


def test_worker_continues_after_a_pause_if_its_claim_was_not_taken(vonage, paused):
    message = queue_message("447700900000", "Hello")
    wake(paused("claimed"))
    assert times_accepted(vonage) == {message.reference.hex: 1}
    assert statuses_of([message]) == ["sending accepted"]


def test_worker_does_not_start_after_its_claim_was_taken(vonage, paused):
    message = queue_message("447700900000", "Hello")
    worker = paused("claimed")
    token = claim(message.pk)

    wake(worker)
    assert vonage.accepted == []

    deliver_claimed(message.pk, token)
    assert times_accepted(vonage) == {message.reference.hex: 1}
    assert statuses_of([message]) == ["sending accepted"]


@pytest.mark.parametrize("point", ["started", "posted"])
@pytest.mark.parametrize("inline", [False, True], ids=["queued", "inline"])
def test_started_message_of_a_paused_worker_is_not_taken_over(vonage, paused, point, inline):
    """Other processes cannot know whether the pause is before or after the POST."""
    if inline:
        worker = paused(point, "447700900000")
    else:
        queue_message("447700900000", "Hello")
        worker = paused(point)
    message = Message.objects.get()
    before = len(vonage.accepted)
    assert before == (point == "posted")

    assert claim(message.pk) is None
    assert claim_batch(10) == []
    WorkerLoop(threads=1, poll=0.01).run(once=True)
    reconcile()
    reconcile()
    message.refresh_from_db()
    assert (message.status, len(vonage.accepted)) == ("unconfirmed", before)
    wake(worker)

    assert times_accepted(vonage) == {message.reference.hex: 1}
    message.refresh_from_db()
    assert (message.status, message.message_uuid) == ("accepted", vonage.accepted[0].message_uuid)
    expected = ["unconfirmed", "accepted"] if inline else ["sending", "unconfirmed", "accepted"]
    assert statuses_of([message]) == [" ".join(expected)]
