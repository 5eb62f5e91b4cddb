"""Create and find the rows of outbound messages."""

import uuid

from django.contrib.contenttypes.models import ContentType
from django.db.models import Expression
from django.utils import timezone

from django_vonage_messages.exceptions import NotResendable
from django_vonage_messages.models import Direction, Message, Priority, Status
from django_vonage_messages.models.message import FAILURES
from django_vonage_messages.models.related_id import related_id_of
from django_vonage_messages.services.db.transactions import (
    now,
    primary,
    run_committed,
    write_database,
)
from django_vonage_messages.services.delivery import failover
from django_vonage_messages.services.delivery.claims import LEASE
from django_vonage_messages.services.history.conversations import attach_outbound
from django_vonage_messages.services.history.events import lock_message
from django_vonage_messages.services.sending.idempotency import set_idempotency_key
from django_vonage_messages.services.sending.validation import ValidatedMessage


def new_message(validated: ValidatedMessage, status: Status) -> Message:
    """Return the unsaved row of a validated message."""
    reference = uuid.uuid4()
    message = Message(
        reference=reference,
        direction=Direction.OUTBOUND,
        status=status,
        account=validated.account.alias,
        channel=validated.channel.name,
        our_address=validated.sender,
        their_address=validated.to,
        client_ref=validated.client_ref or reference.hex,
        content_type=validated.content.content_type,
        text=validated.content.text,
        content=validated.content.as_json(),
        options=validated.options.as_json() if validated.options else {},
        created_by=validated.created_by,
        is_automatic=validated.created_by is None,
        priority=_priority(validated),
        resend_of=validated.resend_of,
        created_at=timezone.now(),
    )
    if validated.idempotency_key:
        set_idempotency_key(message, validated)
    if validated.related is not None:
        message.related_type = ContentType.objects.get_for_model(validated.related)
        message.related_id = related_id_of(validated.related)
    elif validated.resend_of is not None:
        message.related_type_id = validated.resend_of.related_type_id
        message.related_id = validated.resend_of.related_id
    return message


def insert_started(validated: ValidatedMessage, redirected_to: str = "") -> Message:
    """Store a new message that this process sends now, and return it."""
    message = new_message(validated, Status.SENDING)
    message.redirected_to = redirected_to
    message.claim_token = uuid.uuid4()
    message.attempts = 1
    _insert(message, validated, started_at=now(), claim_expires_at=now() + LEASE)
    return message


def insert_queued(message: Message, validated: ValidatedMessage) -> None:
    """Store a queued message. It is due at ``send_at``, or now if ``send_at`` is None."""
    message.due_at = message.send_at
    if message.due_at is None:
        _insert(message, validated, due_at=now())
    else:
        _insert(message, validated)


def _priority(validated: ValidatedMessage) -> int:
    if validated.resend_of is not None:
        return validated.resend_of.priority
    return Priority.ANSWER if validated.is_answer else Priority.NORMAL


def _insert(message: Message, validated: ValidatedMessage, **database_times: Expression) -> None:
    def work() -> None:
        if validated.resend_of is not None:
            _lock_failed(validated.resend_of)
        message.pk = None
        for column, expression in database_times.items():
            setattr(message, column, expression)
        if validated.failover:
            standby = [new_message(each, Status.STANDBY) for each in validated.failover]
            failover.insert_workflow(message, standby, validated.account)
        else:
            attach_outbound(message)
            message.save(using=write_database(), force_insert=True)

    def is_committed() -> bool:
        stored = primary(Message).filter(reference=message.reference).first()
        if stored is None:
            return False
        # A second run, refused because the first run is committed, has emptied these columns.
        message.pk, message.conversation_id = stored.pk, stored.conversation_id
        message.workflow_id = stored.workflow_id
        return True

    run_committed(work, is_committed=is_committed, wait_if_unknown=validated.account.database_wait)
    # The database computed these values: Django loads each column when it is first read.
    for column in database_times:
        message.__dict__.pop(column, None)


def _lock_failed(original: Message) -> None:
    # reschedule_message() can have revived a cancelled message.
    status = lock_message(original.pk).status
    if status not in FAILURES:
        raise NotResendable(f"Nothing was sent, because the message is {status}.", message=original)
