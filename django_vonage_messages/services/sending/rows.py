"""The row of a message that is to be sent: made, filed in its thread, and found again."""

import uuid
from collections.abc import Iterator

from django.contrib.contenttypes.models import ContentType
from django.db.models import Expression
from django.utils import timezone

from django_vonage_messages.exceptions import IdempotencyConflict
from django_vonage_messages.models import Direction, FailoverBy, Message, Workflow
from django_vonage_messages.protocol import statuses
from django_vonage_messages.protocol.versions import API_VERSIONS
from django_vonage_messages.services.db.clock import DatabaseNow
from django_vonage_messages.services.db.transactions import run_committed
from django_vonage_messages.services.delivery.claims import LEASE
from django_vonage_messages.services.delivery.failures import failure_of
from django_vonage_messages.services.history.conversations import file_outbound, file_standby
from django_vonage_messages.services.sending.validation import ValidatedMessage


def new_message(prepared: ValidatedMessage, status: str) -> Message:
    """Return the unsaved row of a prepared message."""
    reference = uuid.uuid4()
    message = Message(
        reference=reference,
        direction=Direction.OUTBOUND,
        status=status,
        account=prepared.account.alias,
        channel=prepared.channel.name,
        our_address=prepared.sender,
        their_address=prepared.to,
        client_ref=prepared.client_ref or reference.hex,
        content_type=prepared.content.content_type,
        text=prepared.content.text,
        content=prepared.content.as_json(),
        options=prepared.options.as_json() if prepared.options else {},
        created_by=prepared.created_by,
        is_automatic=prepared.created_by is None,
        resend_of=prepared.resend_of,
        idempotency_key=prepared.stored_idempotency_key,
        idempotency_digest=prepared.digest if prepared.idempotency_key else "",
        created_at=timezone.now(),
    )
    if prepared.related is not None:
        message.related_type = ContentType.objects.get_for_model(prepared.related)
        message.related_id = str(prepared.related.pk)
    return message


def insert_started(message: Message, prepared: ValidatedMessage, using: str) -> None:
    """Commit a row that is already claimed and started by this process."""
    message.claim_token = uuid.uuid4()
    message.started_at = message.created_at
    message.attempts = 1
    _insert(message, prepared, using, claim_expires_at=DatabaseNow() + LEASE)


def insert_queued(message: Message, prepared: ValidatedMessage, using: str) -> None:
    """Store a row that is due at its ``due_at``, or now by the database's clock."""
    if message.due_at is None:
        _insert(message, prepared, using, due_at=DatabaseNow())
    else:
        _insert(message, prepared, using)


def find_earlier(prepared: ValidatedMessage, using: str) -> Message | None:
    """Return the message that the same idempotency key made before."""
    key = prepared.stored_idempotency_key
    return Message.objects.using(using).filter(idempotency_key=key).first() if key else None


def same_or_conflict(earlier: Message, prepared: ValidatedMessage) -> Message:
    """Return the earlier message. Raises IdempotencyConflict if its key meant another message."""
    if earlier.idempotency_digest != prepared.digest:
        raise IdempotencyConflict(
            "This idempotency key belongs to another message; use another key.", message=earlier
        )
    return earlier


def answer_again(earlier: Message, prepared: ValidatedMessage, using: str) -> Message:
    """Return the earlier message, or raise its stored failure or IdempotencyConflict.

    The failure is not retryable any more: with this key, calling again only tells it again.
    """
    same_or_conflict(earlier, prepared)
    if failure := failure_of(earlier, using):
        failure.retryable = False
        raise failure
    return earlier


def _begin_workflow(message: Message, prepared: ValidatedMessage, using: str) -> None:
    version = API_VERSIONS[prepared.account.api_version]
    message.workflow = Workflow.objects.using(using).create(
        account=message.account,
        failover_by=FailoverBy.VONAGE if version.has_failover else FailoverBy.LOCAL,
    )
    message.workflow_position = 1


def _on_standby(first: Message, prepared: ValidatedMessage) -> Iterator[Message]:
    """Yield the messages that wait for the one before them to be rejected."""
    for position, part in enumerate(prepared.failover, start=2):
        message = new_message(part, statuses.STANDBY)
        message.workflow, message.workflow_position = first.workflow, position
        message.expires_at, message.is_retried = first.expires_at, first.is_retried
        yield message


def _file(messages: list[Message], using: str) -> None:
    """Give messages their threads, always in one order: two plans must not wait in a circle."""
    for message in sorted(messages, key=lambda each: (each.channel, each.our_address)):
        if message.status == statuses.STANDBY:
            file_standby(message, using)
        else:
            file_outbound(message, using)


def _insert(
    message: Message, prepared: ValidatedMessage, using: str, **database_times: Expression
) -> None:
    """Insert with some times by the database's clock, which are read back when asked for."""

    def work() -> None:
        if prepared.failover:
            _begin_workflow(message, prepared, using)
        message.pk = None
        for column, expression in database_times.items():
            setattr(message, column, expression)
        messages = [message, *_on_standby(message, prepared)]
        _file(messages, using)
        for each in messages:
            each.save(using=using, force_insert=True)

    run_committed(work, using)
    for column in database_times:
        message.__dict__.pop(column, None)
