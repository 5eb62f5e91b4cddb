"""Claim and start: each message is attempted once."""

import uuid
from datetime import timedelta
from traceback import walk_tb

import pytest
from django.db import OperationalError, transaction
from django.utils import timezone

from django_vonage_messages import send_message
from django_vonage_messages.models import Message
from django_vonage_messages.services.delivery import claims
from django_vonage_messages.services.delivery.deliver import deliver
from tests.conftest import SENT


@pytest.fixture
def queued(transactional_db, outcomes) -> Message:
    """A message whose process died between the commit and the delivery."""
    with transaction.atomic():
        message = send_message("447700900000", "Hello")
        transaction.get_connection().run_on_commit.clear()
    return message


def test_repeated_deliver_calls_send_a_message_once(queued):
    for _ in range(3):
        deliver(queued.pk)

    queued.refresh_from_db()
    assert queued.status == "accepted"
    assert len(SENT) == 1


def test_message_with_a_current_claim_is_skipped(queued):
    Message.objects.update(
        claim_token=queued.reference, claim_expires_at=timezone.now() + timedelta(minutes=1)
    )

    deliver(queued.pk)

    assert SENT == []


def test_expired_claim_of_an_unstarted_message_is_taken_over(queued):
    Message.objects.update(
        claim_token=queued.reference, claim_expires_at=timezone.now() - timedelta(minutes=1)
    )

    deliver(queued.pk)

    assert len(SENT) == 1


def test_a_started_message_is_never_claimed_again(queued):
    Message.objects.update(
        status="sending",
        claim_token=queued.reference,
        claim_expires_at=timezone.now() - timedelta(minutes=1),
        started_at=timezone.now(),
    )

    deliver(queued.pk)

    assert SENT == []


def test_message_is_not_started_after_its_claim_was_lost(queued, monkeypatch):
    def claim_and_lose(pk, **options):
        Message.objects.filter(pk=pk).update(claim_token=queued.reference)
        return uuid.uuid4()

    monkeypatch.setattr("django_vonage_messages.services.delivery.deliver.claim", claim_and_lose)

    deliver(queued.pk)

    assert SENT == []
    queued.refresh_from_db()
    assert queued.status == "queued"


def test_row_without_a_valid_body_fails_unsent(queued):
    Message.objects.update(content={"text": "Hello"}, content_type="hologram")

    deliver(queued.pk)

    queued.refresh_from_db()
    assert (queued.status, queued.error_title) == (
        "failed",
        "The message could not be encoded for the API",
    )
    assert SENT == []


def test_traceback_of_a_worker_shows_no_number(queued, monkeypatch):
    """Error trackers show the repr of the local variables of each frame."""

    def fail(pk: int) -> Message:
        raise OperationalError("The database is away")

    monkeypatch.setattr(claims, "lock_message", fail)
    with pytest.raises(OperationalError) as raised:
        deliver(queued.pk)

    shown = [repr(frame.f_locals) for frame, _line in walk_tb(raised.value.__traceback__)]
    assert len(shown) > 5
    assert "447700900000" not in "".join(shown)
