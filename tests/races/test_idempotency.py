"""One idempotency key used by ten threads: one row, one POST."""

from contextlib import suppress

import pytest
from django.db import OperationalError, transaction

from django_vonage_messages import queue_message, send_message
from django_vonage_messages.exceptions import IdempotencyConflict
from django_vonage_messages.models import Message
from tests.races.conftest import SERVER, at_once, times_accepted

pytestmark = pytest.mark.django_db(transaction=True)
THREADS = 10


def test_ten_sends_with_one_key_are_one_message(vonage):
    sent = at_once(
        THREADS, lambda _: send_message("447700900000", "Hello", idempotency_key="order-42")
    )
    message = Message.objects.get()
    assert {row.pk for row in sent} == {message.pk}
    assert times_accepted(vonage) == {message.reference.hex: 1}
    assert message.status == "accepted"


def test_ten_sends_with_ten_keys_are_ten_messages(vonage):
    sent = at_once(
        THREADS, lambda n: send_message("447700900000", "Hello", idempotency_key=f"order-{n}")
    )
    assert times_accepted(vonage) == {message.reference.hex: 1 for message in sent}
    assert len(vonage.accepted) == THREADS


def test_ten_sends_inside_transactions_are_one_message(vonage):
    def work(_):
        for _ in range(
            THREADS
        ):  # a deadlock undoes the caller's work too, so the caller must repeat it
            with suppress(OperationalError), transaction.atomic():
                return send_message("447700900000", "Hello", idempotency_key="order-42")
        raise AssertionError("No attempt succeeded.")

    if not SERVER:
        pytest.skip("On SQLite, transactions that read before they write need IMMEDIATE.")
    sent = at_once(THREADS, work)
    message = Message.objects.get()
    assert {row.pk for row in sent} == {message.pk}
    assert times_accepted(vonage) == {message.reference.hex: 1}


def test_key_for_two_texts_belongs_to_the_first_text(vonage):
    def work(number):
        try:
            return queue_message("447700900000", f"Text {number % 2}", idempotency_key="order-42")
        except IdempotencyConflict as conflict:
            return conflict

    results = at_once(THREADS, work)
    message = Message.objects.get()
    conflicts = [it for it in results if isinstance(it, IdempotencyConflict)]
    assert len(conflicts) == THREADS / 2
    assert {it.message.pk for it in conflicts} == {message.pk}
    assert {it.pk for it in results if isinstance(it, Message)} == {message.pk}
