"""deliver_due() beside itself and beside workers: each message is sent once."""

import pytest

from django_vonage_messages import deliver_due, queue_message
from django_vonage_messages.models import Deployment, Message
from django_vonage_messages.services.operations.worker import WorkerLoop
from tests.races.conftest import SERVER, at_once, statuses_of, times_accepted

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def backlog(size: int) -> list[Message]:
    return [queue_message(f"4477009{n % 37:05}", f"Message {n}") for n in range(size)]


def test_eight_calls_and_two_workers_send_each_message_once(vonage):
    messages = backlog(120 if SERVER else 40)

    def work(number: int) -> int:
        if number < 2:
            WorkerLoop(threads=2, poll=0.01).run(once=True)
            return 0
        return deliver_due(limit=500)

    taken = at_once(10 if SERVER else 4, work)

    assert sum(taken) <= len(messages)
    assert times_accepted(vonage) == {message.reference.hex: 1 for message in messages}
    assert statuses_of(messages) == ["sending accepted"]


def test_first_calls_record_the_database_once(vonage):
    assert at_once(8 if SERVER else 3, lambda _: deliver_due()) == [0] * (8 if SERVER else 3)
    assert Deployment.objects.count() == 1
