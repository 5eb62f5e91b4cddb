"""Claims and starts: one message, one attempt, whoever tries."""

import uuid
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from django_vonage_messages import send_message
from django_vonage_messages.models import Message
from django_vonage_messages.services.delivery.deliver import deliver
from tests.conftest import SENT


@pytest.fixture
def queued(transactional_db, outcomes) -> Message:
    """A message whose process died between the commit and the delivery."""
    with transaction.atomic():
        message = send_message("447700900000", "Hello")
        transaction.get_connection().run_on_commit.clear()
    return message


def test_a_queued_message_is_delivered_once_however_often_it_is_asked_for(queued):
    for _ in range(3):
        deliver(queued.pk)

    queued.refresh_from_db()
    assert queued.status == "accepted"
    assert len(SENT) == 1


def test_a_message_claimed_by_another_is_left_alone(queued):
    Message.objects.update(
        claim_token=queued.reference, claim_expires_at=timezone.now() + timedelta(minutes=1)
    )

    deliver(queued.pk)

    assert SENT == []


def test_an_expired_claim_that_never_started_is_taken_over(queued):
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


def test_who_lost_its_claim_does_not_start(queued, monkeypatch):
    def robbed(pk):
        Message.objects.filter(pk=pk).update(claim_token=queued.reference)
        return uuid.uuid4()

    monkeypatch.setattr("django_vonage_messages.services.delivery.deliver.claim", robbed)

    deliver(queued.pk)

    assert SENT == []
    queued.refresh_from_db()
    assert queued.status == "queued"


def test_a_row_that_no_body_can_be_made_of_has_certainly_not_been_sent(queued):
    Message.objects.update(content={"text": "Hello"}, content_type="hologram")

    deliver(queued.pk)

    queued.refresh_from_db()
    assert (queued.status, queued.error_title) == (
        "failed",
        "The message could not be put into the API's form",
    )
    assert SENT == []
