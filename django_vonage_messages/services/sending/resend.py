"""Resend failed messages, and record the outcome of unconfirmed messages."""

from functools import partial
from typing import Any, Literal

from django.db.models import Q

from django_vonage_messages.content import load_content
from django_vonage_messages.exceptions import NotResendable
from django_vonage_messages.models import FailureReason, Message, Status, StatusEvent
from django_vonage_messages.models.message import FAILURES
from django_vonage_messages.options import load_options
from django_vonage_messages.protocol.statuses import NO_ERROR, ErrorInfo
from django_vonage_messages.services.db.transactions import primary, write_database
from django_vonage_messages.services.history.events import (
    EventKey,
    lock_message,
    record_event,
    run_step,
)
from django_vonage_messages.services.sending.send import send_validated
from django_vonage_messages.services.sending.validation import validate_message


def resend_message(message: Message, *, created_by: Any = None) -> Message:
    """Send a failed message again, and return the new message.

    The new message's ``resend_of`` is ``message``. A second call returns the new message of the
    first call, or raises IdempotencyConflict if that message was cancelled or has expired.
    ``message`` is refreshed from the database.

    Raises NotResendable if it is not certain that ``message`` failed. Raises NotResendable if the
    content of ``message`` was deleted. Raises NotResendable if another message of the same failover
    has arrived or can arrive. Raises the errors of ``send_message`` too.

    For an unconfirmed message, call ``settle_message`` first.
    """
    message.refresh_from_db(using=write_database())
    if problem := _resend_problem(message, may_arrive_otherwise=may_arrive_otherwise(message)):
        raise NotResendable(problem, message=message)
    try:
        content = load_content(message.content_type, message.content)
        options = load_options(message.channel, message.options)
    except (KeyError, TypeError):
        raise NotResendable(
            "The message cannot be sent again, because this version of django_vonage_messages does "
            "not support its content type or options.",
            message=message,
        ) from None
    validated = validate_message(
        message.their_address,
        content,
        channel=message.channel,
        sender=message.our_address,
        account=message.account,
        options=options,
        client_ref="",
        idempotency_key=f"resend-of-{message.reference.hex}",
        related=None,  # new_message() copies it, because the related object can be deleted
        created_by=created_by,
        resend_of=message,
    )
    return send_validated(validated)


def can_be_resent(message: Message, *, was_resent: bool, may_arrive_otherwise: bool) -> bool:
    """Return whether ``resend_message()`` would send ``message`` again."""
    # The arguments avoid a query for each message of a list.
    problem = _resend_problem(message, may_arrive_otherwise=may_arrive_otherwise)
    return not (was_resent or problem)


def can_be_settled(message: Message) -> bool:
    """Return whether the message is unconfirmed."""
    return message.status == Status.UNCONFIRMED


def may_arrive_otherwise(message: Message) -> bool:
    """Return whether another message of the same failover has arrived or can arrive."""
    if message.workflow_id is None:
        return False
    # A resend of another message counts too.
    member = Q(workflow_id=message.workflow_id) | Q(resend_of__workflow_id=message.workflow_id)
    messages = primary(Message).filter(member).exclude(pk=message.pk).exclude(resend_of=message)
    return messages.exclude(status__in=FAILURES).exists()


def settle_message(
    message: Message, outcome: Literal["accepted", "failed"], *, settled_by: Any = None
) -> bool:
    """Record the outcome of an unconfirmed message.

    Return False if the message is not unconfirmed. ``settled_by`` is the user who decided the
    outcome. A later status from Vonage replaces the outcome. ``message`` is refreshed from the
    database.
    """
    return run_step(message, "settle", partial(_settle, outcome=outcome, settled_by=settled_by))


def _resend_problem(message: Message, *, may_arrive_otherwise: bool) -> str:
    if message.is_inbound or not message.has_failed:
        return (
            f"The message is {message.status}. Only a message that has certainly failed can be "
            "sent again."
        )
    if may_arrive_otherwise:
        return "Another message of its workflow has arrived or can still arrive."
    if not message.content:
        return "The content of the message was deleted, so write a new message."
    return ""


def _settle(
    pk: int, key: EventKey, *, outcome: Literal["accepted", "failed"], settled_by: Any
) -> bool:
    message = lock_message(pk)
    if not can_be_settled(message):
        return False
    accepted = outcome == "accepted"
    event = StatusEvent.local(
        message,
        Status.ACCEPTED if accepted else Status.FAILED,
        *key,
        reason=FailureReason.SETTLED,
        error=NO_ERROR if accepted else ErrorInfo(title="Recorded by staff as not sent"),
        settled_by=settled_by,
    )
    return record_event(message, event)
