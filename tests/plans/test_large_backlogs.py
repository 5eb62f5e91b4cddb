"""Work of PostgreSQL when one kind of row, or one conversation, has very many rows."""

from collections.abc import Callable
from typing import Final

import pytest
from django.contrib.auth import get_user_model

from django_vonage_messages import queue_message, send_message
from django_vonage_messages.models import Message
from django_vonage_messages.protocol.outcomes import Unconfirmed
from django_vonage_messages.services.delivery.claims import claim_batch
from django_vonage_messages.services.operations.hold import (
    filter_held,
    hold_messages,
    release_messages,
)
from django_vonage_messages.testing import simulate_inbound
from tests.plans.filling import FUTURE, PAST, analyze, copy_messages
from tests.plans.growth import (
    POSTGRESQL_ONLY,
    TO,
    Job,
    failed_with,
    measure_growth,
    unique,
)

SIZES: Final = (2000, 20_000)
"""Numbers of messages."""

pytestmark = POSTGRESQL_ONLY


def add(template: Message, **values: str) -> Callable[[int], None]:
    """Return a function that adds copies of a message to its conversation."""
    source = (
        f'"vonage_messages_conversation" AS source WHERE source.id = {template.conversation_id}'
    )
    count = 0

    def grow(size: int) -> None:
        nonlocal count
        copy_messages(template, source, times=size - count, **values)
        count = size
        analyze()

    return grow


def claim_one() -> Job:
    message = queue_message(TO, "Hello")

    def claim() -> None:
        assert [each.pk for each in claim_batch(4)] == [message.pk]

    return claim


@pytest.mark.parametrize(
    "values",
    [
        {"due_at": FUTURE},
        {"due_at": FUTURE, "priority": "10"},
        {"due_at": PAST, "held_reason": "'restored'"},
        {"due_at": PAST, "held_reason": "'restored'", "priority": "10"},
    ],
    ids=["scheduled", "scheduled answers", "held", "held answers"],
)
def test_claim_does_not_visit_messages_that_must_wait(values):
    later = queue_message(TO, "Hello")
    grow = add(later, status="'queued'", **values)
    Message.objects.filter(pk=later.pk).update(status="cancelled")

    def nothing() -> Job:
        def claim() -> None:
            assert claim_batch(4) == []

        return claim

    measure_growth({"nothing is due": nothing, "one is due": claim_one}, grow, SIZES)


def test_hold_and_release_do_not_visit_messages_that_were_sent():
    def hold() -> Job:
        queue_message(TO, "Hello")
        return lambda: list(hold_messages())

    def release() -> Job:
        queue_message(TO, "Hello")
        list(hold_messages())
        return lambda: list(release_messages())

    def count() -> Job:
        return filter_held(Message.objects.outbound())[:1001].count

    paths = {"hold": hold, "release": release, "count": count}
    measure_growth(paths, add(send_message(TO, "Hello")), SIZES)


def test_early_status_among_many_messages_with_one_client_ref(post_status):
    def early() -> Job:
        message = failed_with(Unconfirmed("Broken"))
        Message.objects.filter(pk=message.pk).update(client_ref="campaign")
        message.client_ref = "campaign"
        return lambda: post_status(message, "delivered", "applied", message_uuid=unique("early"))

    other = failed_with(Unconfirmed("Broken"))
    to_others = {"client_ref": "'campaign'", "their_address": "md5(random()::text)"}
    grow = add(other, status="'unconfirmed'", started_at=PAST, **to_others)
    Message.objects.filter(pk=other.pk).update(status="failed")
    measure_growth({"early status": early}, grow, SIZES)


@pytest.mark.parametrize("direction", ["inbound", "outbound"])
def test_large_conversation(direction, post_webhook, inbound_body):
    def inbound() -> Job:
        body = inbound_body(message_uuid=unique("in"), **{"from": {"type": "sms", "number": TO}})
        return lambda: post_webhook("inbound-message", body)

    received = simulate_inbound(TO, "Where is my order?")
    message = received if direction == "inbound" else send_message(TO, "Hello")
    paths = {"inbound": inbound, "reply": lambda: reply}
    measure_growth(paths, add(message), SIZES)


def reply() -> Message:
    user, _ = get_user_model().objects.get_or_create(username="ada")
    return send_message(TO, "It is on its way.", created_by=user)
