"""A workflow under contention: what a rejection releases is sent once, and nobody waits forever."""

import json
import random
import threading
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import connections

from django_vonage_messages import cancel_message, queue_message, send_message
from django_vonage_messages.failover import Failover
from django_vonage_messages.models import Message
from django_vonage_messages.services.delivery.deliver import deliver
from django_vonage_messages.services.operations.reconcile import reconcile
from django_vonage_messages.simulator import Simulator
from tests.races.conftest import at_once, times_accepted

pytestmark = pytest.mark.django_db(transaction=True)
NUMBER = "447700900000"
COPIES = 8
ROUNDS = 6


@pytest.fixture(params=["v0.1", "v1"])
def version(request: Any, vonage: Simulator, settings: LazySettings) -> str:
    settings.VONAGE_MESSAGES = {"default": vonage.settings(API_VERSION=request.param)}
    return str(request.param)


def send() -> list[Message]:
    """Send a workflow whose first and second message share a thread."""
    failover = [
        Failover("Second", channel="whatsapp"),
        Failover("Third", channel="sms"),
    ]
    first = send_message(NUMBER, "First", channel="whatsapp", failover=failover)
    assert first.workflow is not None
    return list(first.workflow.messages.order_by("workflow_position"))


def body_of(part: Message, status: str, when: int = 0) -> bytes:
    """A v1 status; of a message that is on standby, the first that is heard of its uuid."""
    said = {
        "channel": part.channel,
        "message_uuid": part.message_uuid or part.reference.hex,
        "to": part.their_address,
        "from": part.our_address,
        "timestamp": f"2026-01-01T14:00:{when:02}Z",
        "status": status,
        "client_ref": part.client_ref,
    }
    if status == "rejected":
        said["error"] = {"type": "https://example.com/#1300", "title": 1300, "detail": "No"}
    return json.dumps(said).encode()


def statuses_of(parts: list[Message]) -> list[str]:
    found = Message.objects.in_bulk([part.pk for part in parts])
    return [found[part.pk].status for part in parts]


def test_copies_of_a_rejection_release_the_next_once(version: str, vonage: Any, post: Any) -> None:
    parts = send()
    bodies = [body_of(parts[0], "rejected", when % 3) for when in range(COPIES)]

    at_once(COPIES, lambda number: post("message-status", bodies[number]))

    assert set(times_accepted(vonage).values()) == {1}
    tried = "accepted" if version == "v0.1" else "standby"
    assert statuses_of(parts) == ["rejected", tried, "standby"]


@pytest.mark.usefixtures("version")
def test_rejected_and_delivered_at_once_never_send_twice(vonage: Any, post: Any) -> None:
    for _ in range(ROUNDS):
        parts = send()
        bodies = [body_of(parts[0], "rejected"), body_of(parts[0], "delivered", 1)] * 3
        random.shuffle(bodies)

        at_once(len(bodies), lambda number, bodies=bodies: post("message-status", bodies[number]))

        assert statuses_of(parts)[0] == "delivered"
        assert statuses_of(parts)[2] == "cancelled"
    assert set(times_accepted(vonage).values()) == {1}


def test_statuses_of_all_messages_of_a_workflow_at_once(
    version: str, vonage: Any, post: Any
) -> None:
    """Each locks its own message and those after it, then its thread: no two wait in a circle."""
    for _ in range(ROUNDS):
        parts = send()
        if version == "v0.1":
            post("message-status", body_of(parts[0], "rejected"))
            post("message-status", body_of(Message.objects.get(pk=parts[1].pk), "rejected"))
        fresh = [Message.objects.get(pk=part.pk) for part in parts]
        bodies = [
            body_of(part, status, when)
            for part in fresh
            for when, status in enumerate(("submitted", "rejected"))
        ]
        bodies.append(body_of(fresh[2], "delivered", 2))
        random.shuffle(bodies)

        responses = at_once(
            len(bodies), lambda number, bodies=bodies: post("message-status", bodies[number])
        )

        assert {response.status_code for response in responses} == {200}
        reconcile()
        assert statuses_of(parts) == ["rejected", "rejected", "delivered"]
    assert set(times_accepted(vonage).values()) == {1}


def test_what_is_being_handed_over_cannot_be_cancelled_in_that_moment(
    vonage: Any, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.VONAGE_MESSAGES = {"default": vonage.settings(API_VERSION="v1")}
    failover = [Failover("Second", channel="viber"), Failover("Third")]
    first = queue_message(NUMBER, "First", channel="whatsapp", failover=failover)
    assert first.workflow is not None
    third = first.workflow.messages.get(workflow_position=3)
    cancelled: list[bool] = []
    canceller = threading.Thread(
        target=lambda: (cancelled.append(cancel_message(third)), connections.close_all())
    )

    def meanwhile(*_: Any) -> bool:
        if canceller.ident is None:
            canceller.start()
            canceller.join(0.5)
        return False

    monkeypatch.setattr(
        "django_vonage_messages.services.delivery.failover.is_suppressed", meanwhile
    )
    deliver(first.pk)
    canceller.join()

    body = json.loads(vonage.accepted[-1].body)
    assert len(body["failover"]) == 2
    assert cancelled == [False]


def test_plans_in_opposite_orders_do_not_wait_for_each_other(vonage: Any) -> None:
    def plan(number: int) -> Message:
        channels = ["whatsapp", "viber", "sms"][:: 1 if number % 2 else -1]
        rest = [Failover("Hello", channel=channel) for channel in channels[1:]]
        return queue_message(NUMBER, "Hello", channel=channels[0], failover=rest)

    at_once(COPIES, plan)
    assert Message.objects.count() == 3 * COPIES
