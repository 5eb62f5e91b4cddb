"""Decide which message of a workflow is tried or cancelled next."""

from django.db.models import Q, QuerySet

from django_vonage_messages.models import (
    FailoverBy,
    FailureReason,
    Message,
    Status,
    StatusEvent,
    Workflow,
)
from django_vonage_messages.models.message import ARRIVED, STOPPED, WAITING
from django_vonage_messages.protocol.statuses import ErrorInfo
from django_vonage_messages.services.db.transactions import now, primary

Step = tuple[int, StatusEvent]
"""Primary key of another message of the workflow, and the event to record for that message."""

_NOT_SENT = STOPPED | {Status.FAILED}
_UNTRIED = frozenset({Status.STANDBY, Status.CANCELLED})
_FAILS_OVER = frozenset({Status.REJECTED, Status.FAILED})


def next_steps(message: Message, event: StatusEvent, previous: str) -> list[Step]:
    """Return the events to record for the messages that come after ``message`` in its workflow.

    ``event`` has just changed the status of ``message``. ``previous`` is the status before that.
    """
    if message.workflow_position is None:
        return []
    if message.status in ARRIVED:
        return _cancel_later(message, event, "Not needed: an earlier message arrived")
    # Vonage rejects a workflow as a whole.
    if message.status in _NOT_SENT and message.workflow_position == 1:
        return _cancel_later(message, event, "Not tried: the first message was not sent")
    # If a message is cancelled before its turn, the later messages can still be tried.
    if message.status in STOPPED and previous != Status.STANDBY:
        title = "Not tried: the message before it was cancelled or expired"
        return _cancel_later(message, event, title)
    if message.status == Status.QUEUED and previous in STOPPED:
        return _revive_later(message, event)
    if previous in _FAILS_OVER:
        return []  # the next message has left standby already
    # Vonage tries the next message only after "rejected" (v1 OpenAPI document, Failover).
    if message.status == Status.UNDELIVERABLE:
        return _cancel_later(message, event, "Not tried: the message before it was not rejected")
    # API v0.1 has no failover, so this site sends the next message.
    if message.status in _FAILS_OVER and _fails_over_locally(message):
        return _release_next(message, event)
    return []


def is_first_try(message: Message, previous: str, *, has_evidence: bool) -> bool:
    """Return whether a change of status shows the first try of a failover message."""
    if message.workflow_position == 1:
        return False  # a revived first message is not new in its conversation
    is_tried = has_evidence or message.status == Status.QUEUED
    return previous in _UNTRIED and is_tried


def pending_later(message: Message) -> QuerySet[Message]:
    """Return the later messages that are on standby, or are cancelled with the workflow."""
    stopped = Q(status=Status.CANCELLED, reason=FailureReason.WORKFLOW_STOPPED)
    return _later(message).filter(Q(status=Status.STANDBY) | stopped)


def lock_later(message: Message) -> None:
    """Lock the messages that come after ``message`` in its workflow, in order."""
    list(_later(message).select_for_update().values_list("pk", flat=True))


def set_workflow_id(pk: int, workflow_id: str) -> None:
    """Store Vonage's id of a workflow, unless an id is already stored."""
    unnamed = primary(Workflow).filter(pk=pk, workflow_id="")
    unnamed.update(workflow_id=workflow_id)


def _fails_over_locally(message: Message) -> bool:
    workflow = primary(Workflow).filter(pk=message.workflow_id or 0)
    return workflow.filter(failover_by=FailoverBy.LOCAL).exists()


def _release_next(message: Message, cause: StatusEvent) -> list[Step]:
    later = list(_later(message))
    standby = next((each for each in later if each.status == Status.STANDBY), None)
    if standby is None or any(each.status not in _UNTRIED for each in later):
        return []
    primary(Message).filter(pk=standby.pk).update(due_at=now())
    return [(standby.pk, _step(standby, Status.QUEUED, cause))]


def _revive_later(message: Message, cause: StatusEvent) -> list[Step]:
    later = pending_later(message).filter(status=Status.CANCELLED)
    return [(each.pk, _step(each, Status.STANDBY, cause)) for each in later]


def _cancel_later(message: Message, cause: StatusEvent, title: str) -> list[Step]:
    later = _later(message).filter(status__in=WAITING)
    return [(each.pk, _step(each, Status.CANCELLED, cause, title)) for each in later]


def _step(message: Message, status: Status, cause: StatusEvent, title: str = "") -> StatusEvent:
    # The key contains the cause, because a revived workflow can be cancelled again.
    return StatusEvent.local(
        message,
        status,
        "workflow",
        status,
        cause.dedupe_key,
        reason=FailureReason.WORKFLOW_STOPPED if status == Status.CANCELLED else "",
        error=ErrorInfo(title=title),
    )


def _later(message: Message) -> QuerySet[Message]:
    later = primary(Message).filter(
        workflow_id=message.workflow_id or 0, workflow_position__gt=message.workflow_position or 0
    )
    return later.order_by("workflow_position")
