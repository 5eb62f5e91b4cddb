"""Eight workers on one backlog: each message is claimed, started and accepted once."""

import pytest

from django_vonage_messages import queue_message
from django_vonage_messages.models import Message, Worker
from django_vonage_messages.services.delivery.claims import claim, claim_batch
from django_vonage_messages.services.delivery.deliver import deliver
from django_vonage_messages.services.operations.worker import WorkerLoop
from tests.races.conftest import SERVER, at_once, statuses_of, times_accepted

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
ONCE = ["sending accepted"]


def backlog(size: int) -> list[Message]:
    """Queue messages to customers with several messages each."""
    return [queue_message(f"4477009{n % 37:05}", f"Message {n}") for n in range(size)]


def test_eight_workers_in_threads_send_each_message_once(vonage):
    messages = backlog(200 if SERVER else 60)

    at_once(8, lambda _: WorkerLoop(threads=2, poll=0.01).run(once=True))

    assert times_accepted(vonage) == {message.reference.hex: 1 for message in messages}
    assert statuses_of(messages) == ONCE
    assert set(Message.objects.values_list("status", "attempts")) == {("accepted", 1)}
    assert not Worker.objects.exists()


def test_eight_threads_claim_disjoint_batches(vonage):
    messages = backlog(60)

    def work(_):
        claimed_here = []
        while batch := claim_batch(7):
            claimed_here += [claimed.pk for claimed in batch]
        return claimed_here

    claimed = [pk for claimed_here in at_once(8, work) for pk in claimed_here]

    assert sorted(claimed) == [message.pk for message in messages]


def test_one_of_many_threads_claims_a_message(vonage):
    for message in backlog(5):
        tokens = at_once(16, lambda _, pk=message.pk: claim(pk))
        (token,) = filter(None, tokens)
        assert Message.objects.get(pk=message.pk).claim_token == token


def test_workers_and_single_deliveries_send_each_message_once(vonage):
    messages = backlog(24)

    def work(number):
        if number < 4:
            WorkerLoop(threads=2, poll=0.01).run(once=True)
            return
        for message in messages[:: 1 if number % 2 else -1]:
            deliver(message.pk)

    at_once(8, work)

    assert times_accepted(vonage) == {message.reference.hex: 1 for message in messages}
    assert statuses_of(messages) == ONCE


def test_concurrent_deliveries_of_one_message_send_it_once(vonage):
    message = queue_message("447700900000", "Hello")
    at_once(32 if SERVER else 8, lambda _: deliver(message.pk))
    assert times_accepted(vonage) == {message.reference.hex: 1}
    assert statuses_of([message]) == ONCE


@pytest.mark.parametrize(
    ("processes", "size"), [(3, 60), pytest.param(8, 2000, marks=pytest.mark.long)]
)
def test_workers_in_processes_send_each_message_once(vonage, spawn, processes, size):
    messages = backlog(size)

    workers = [spawn("tests.races.worker", "never", "60") for _ in range(processes)]
    assert [worker.wait(timeout=300) for worker in workers] == [0] * processes

    assert times_accepted(vonage) == {message.reference.hex: 1 for message in messages}
    assert statuses_of(messages) == ONCE
