"""Work of PostgreSQL for each statement while the tables grow.

The number of rows that a statement visits must not depend on the number of stored rows.
"""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any, Final

import pytest
from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import QuerySet

from django_vonage_messages import (
    cancel_message,
    cancel_messages,
    queue_message,
    reschedule_message,
    resend_message,
    send_message,
    settle_message,
)
from django_vonage_messages.exceptions import MessageRejected
from django_vonage_messages.failover import Failover
from django_vonage_messages.models import Message, SignalDispatch, UnprocessedWebhook
from django_vonage_messages.protocol.outcomes import Rejected, Unconfirmed
from django_vonage_messages.services.delivery.deliver import deliver
from django_vonage_messages.services.operations.prune import RETENTION_RULES, RetentionRule, prune
from django_vonage_messages.services.operations.reconcile import reconcile
from django_vonage_messages.services.operations.worker import WorkerLoop
from django_vonage_messages.signals import message_status_changed
from django_vonage_messages.testing import outcomes
from example_project.orders.models import Order
from tests.plans.filling import Tables, analyze, make_oldest_old
from tests.plans.growth import (
    POSTGRESQL_ONLY,
    TO,
    Job,
    Path,
    failed_with,
    measure_growth,
    new_number,
    unique,
)

SIZES: Final = (200, 2000)
"""Numbers of conversations with 12 messages each."""

pytestmark = POSTGRESQL_ONLY


@pytest.fixture
def tables(post_status) -> Tables:
    unknown = Message(message_uuid="unknown", their_address=TO, our_address="447700900001")
    post_status(unknown, "delivered", "stored")
    return Tables(UnprocessedWebhook.objects.get())


def test_worker_and_reconcile(tables):
    measure_growth(
        {
            "worker, one message": work_until_sent,
            "reconcile, nothing to do": lambda: partial(reconcile, 5, deliver=False),
            "reconcile, deliver": lambda: partial(reconcile, 5),
            "reconcile, a signal": failed_signal,
            "reconcile, an interrupted attempt": interrupted,
        },
        tables.grow,
        SIZES,
    )


def work_until_sent() -> Job:
    loop = WorkerLoop(threads=1)

    def stop(**kwargs: Any) -> None:
        loop.stop()

    def work() -> None:
        message_status_changed.connect(stop)
        try:
            loop.run()
        finally:
            message_status_changed.disconnect(stop)

    return work


def failed_signal() -> Job:
    message = send_message(TO, "Hello")
    SignalDispatch.objects.create(signal="message_received", message=message, error="ValueError")
    return partial(reconcile, 5, deliver=False)


def interrupted() -> Job:
    message = send_message(TO, "Hello")
    past = message.created_at - timedelta(days=1)
    Message.objects.filter(pk=message.pk).update(status="sending", claim_expires_at=past)
    return partial(reconcile, 5, deliver=False)


def test_webhooks(tables, post_status, post_webhook, inbound_body):
    def status(result: str, **extra: Any) -> Job:
        message = send_message(TO, "Hello")
        return lambda: post_status(message, "delivered", result, **extra)

    def duplicate() -> Job:
        message = send_message(TO, "Hello")
        post_status(message, "delivered", "applied")
        return lambda: post_status(message, "delivered", "duplicate")

    def early() -> Job:
        message = failed_with(Unconfirmed("Broken"))
        return lambda: post_status(message, "delivered", "applied", message_uuid=unique("early"))

    def adopted() -> Job:
        message = failed_with(Unconfirmed("Broken"))
        uuid = unique("adopted")
        other = {"message_uuid": uuid, "client_ref": ""}
        post_status(message, "submitted", "stored", **other)
        return lambda: post_status(message, "delivered", "applied", message_uuid=uuid)

    def unknown() -> Job:
        names = {"message_uuid": unique("unknown"), "client_ref": unique("unknown")}
        message = send_message(TO, "Hello")
        return lambda: post_status(message, "delivered", "stored", **names)

    def inbound(number: str, result: str = "applied", repeat: bool = False) -> Job:
        body = inbound_body(
            message_uuid=unique("in"), **{"from": {"type": "sms", "number": number}}
        )
        if repeat:
            post_webhook("inbound-message", body)

        def post() -> None:
            assert post_webhook("inbound-message", body).json() == {"result": result}

        return post

    measure_growth(
        {
            "status": partial(status, "applied"),
            "duplicate status": duplicate,
            "status before the outcome": early,
            "status with a stored one": adopted,
            "unknown status": unknown,
            "inbound": partial(inbound, "447700900000"),
            "first inbound": lambda: inbound(new_number()),
            "duplicate inbound": partial(inbound, "447700900000", "duplicate", repeat=True),
        },
        tables.grow,
        SIZES,
    )


def test_sending(tables):
    def repeated(send: Callable[..., Message]) -> Job:
        key = unique("key")
        send(TO, "Hello", idempotency_key=key)
        return lambda: send(TO, "Hello", idempotency_key=key)

    def send_in_transaction() -> None:
        with transaction.atomic():
            send_message(TO, "Hello")

    def queued(job: Callable[[Message], object]) -> Job:
        message = queue_message(TO, "Hello")
        return lambda: job(message)

    def send_with_failover(send: Callable[..., Message]) -> None:
        send(TO, "Hello", failover=[Failover("Hello", channel="whatsapp")])

    def rejected_with_failover() -> Job:
        def job() -> None:
            outcomes.append(Rejected())
            with pytest.raises(MessageRejected):
                send_with_failover(send_message)

        return job

    def about_an_object() -> Job:
        related = Group.objects.create(name=unique("object"))
        queue_message(TO, "Hello", related=related)
        return partial(cancel_messages, related=related, release_key=True)

    def revived_workflow() -> Job:
        message = queue_message(TO, "Hello", failover=[Failover("Hello", channel="whatsapp")])
        cancel_message(message)
        return partial(reschedule_message, message, send_at=None)

    measure_growth(
        {
            "send": lambda: partial(send_message, TO, "Hello"),
            "first send to a number": lambda: partial(send_message, new_number(), "Hello"),
            "send with a key": lambda: partial(
                send_message, TO, "Hello", idempotency_key=unique("key")
            ),
            "send twice": partial(repeated, send_message),
            "send in a transaction": lambda: send_in_transaction,
            "send with failover": lambda: partial(send_with_failover, send_message),
            "send, rejected, with failover": rejected_with_failover,
            "queue": lambda: partial(queue_message, TO, "Hello"),
            "queue twice": partial(repeated, queue_message),
            "queue with failover": lambda: partial(send_with_failover, queue_message),
            "deliver": partial(queued, lambda message: deliver(message.pk)),
            "cancel": partial(queued, cancel_message),
            "cancel about an object": about_an_object,
            "reschedule": partial(queued, partial(reschedule_message, send_at=None)),
            "revive with failover": revived_workflow,
            "resend": lambda: partial(resend_message, failed_with(Rejected())),
            "settle as accepted": lambda: partial(
                settle_message, failed_with(Unconfirmed("Broken")), "accepted"
            ),
            "settle as failed": lambda: partial(
                settle_message, failed_with(Unconfirmed("Broken")), "failed"
            ),
        },
        tables.grow,
        SIZES,
    )


def test_messages_about_an_object(tables):
    def reminded_order() -> Order:
        order = Order.objects.create(reference=unique("order"), phone=TO)
        queue_message(TO, "Hello", related=order)
        return order

    def filtered(orders: QuerySet[Order]) -> Job:
        reminded = orders.filter(pk=reminded_order().pk)
        return partial(list, reminded)

    measure_growth(
        {
            "about": lambda: partial(list, Message.objects.about(reminded_order())),
            "relation": lambda: partial(list, reminded_order().messages.outbound()),
            "filter": lambda: filtered(Order.objects.filter(messages__status="queued")),
            "exclude": lambda: filtered(Order.objects.exclude(messages__status="queued")),
        },
        tables.grow,
        SIZES,
    )


def test_prune(tables, monkeypatch):
    # A table of either size has more rows than a batch.
    monkeypatch.setattr("django_vonage_messages.services.operations.prune.BATCH", SIZES[0])

    def nothing_is_old(rule: RetentionRule) -> Job:
        return lambda: sum(prune(rule, timedelta(days=900)))

    def old_rows(rule: RetentionRule) -> Job:
        make_oldest_old(days=400)
        analyze()
        return lambda: sum(prune(rule, timedelta(days=200)))

    paths: dict[str, Path] = {}
    for rule in RETENTION_RULES:
        paths[f"{rule.name}, nothing is old"] = partial(nothing_is_old, rule)
        paths[rule.name] = partial(old_rows, rule)
    measure_growth(paths, tables.grow, SIZES)
