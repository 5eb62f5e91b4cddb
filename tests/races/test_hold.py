"""vonage_hold while workers claim and send messages."""

import time

import pytest

from django_vonage_messages import queue_message
from django_vonage_messages.models import Message
from django_vonage_messages.services.operations import hold
from tests.races.conftest import times_accepted

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.slow,
    pytest.mark.usefixtures("without_receivers"),
]
COUNT = 150


def test_each_message_is_either_sent_or_held_and_then_sent_once(vonage, spawn, monkeypatch):
    monkeypatch.setattr(hold, "BATCH", 7)
    messages = [queue_message(f"4477009{n:05}", "Hello") for n in range(COUNT)]
    workers = [spawn("tests.races.worker", "never", "300") for _ in range(2)]
    while not vonage.accepted:
        assert [worker.poll() for worker in workers] == [None, None]
        time.sleep(0.01)

    held = sum(hold.hold_messages())

    assert [worker.wait(timeout=60) for worker in workers] == [0, 0]
    sent = times_accepted(vonage)
    assert 0 < held < COUNT
    # A message can be held after its claim: its worker then gives the claim back.
    assert len(sent) == COUNT - held == Message.objects.filter(status="accepted").count()
    waiting = Message.objects.filter(status="queued", claim_token=None)
    assert set(waiting.values_list("held_reason")) == {("hold",)}

    assert sum(each.released for each in hold.release_messages()) == held
    assert spawn("tests.races.worker", "never", "300").wait(timeout=60) == 0
    assert times_accepted(vonage) == {message.reference.hex: 1 for message in messages}
