"""Record status events, and compute the state of a message from its events."""

import uuid
from collections.abc import Callable
from functools import partial
from typing import Any, Final

from django.db import connections
from django.db.models import F

from django_vonage_messages.models import Message, Status, StatusEvent
from django_vonage_messages.protocol.statuses import MessageState, combine_evidence
from django_vonage_messages.services.db.transactions import primary, run_committed, write_database
from django_vonage_messages.services.history import conversations, workflows
from django_vonage_messages.services.history.dispatch import dispatch_status_changed
from django_vonage_messages.services.history.executor import release_on_commit

EventKey = tuple[str, str]
"""Key of an event of this site: the name of the step, and a random part."""

_FAILURES: Final = (Status.REJECTED, Status.UNDELIVERABLE)
_STATE_COLUMNS: Final = (
    "message_uuid",
    "status",
    "reason",
    "error_code",
    "error_title",
    "error_detail",
    "price",
    "price_as_received",
    "currency",
    "segments",
    "pricing",
    "accepted_at",
    "submitted_at",
    "delivered_at",
    "read_at",
    "failed_at",
)


def lock_message(pk: int) -> Message:
    """Lock a message until the transaction ends, and return it."""
    messages = primary(Message)
    if connections[messages.db].features.has_select_for_update:
        message = messages.select_for_update().get(pk=pk)
        # To avoid deadlocks: in the order of the workflow, and before any conversation.
        if message.workflow_id is not None:
            workflows.lock_later(message)
        return message
    messages.filter(pk=pk).update(attempts=F("attempts"))
    return messages.get(pk=pk)


def record_event(message: Message, event: StatusEvent) -> bool:
    """Store an event of a locked message. Return False for a duplicate."""
    events = list(primary(StatusEvent).filter(message_id=message.pk).order_by("id"))
    if any(each.dedupe_key == event.dedupe_key for each in events):
        return False
    event.message = message
    event.late = _is_late(event, events)
    event.save(using=write_database(), force_insert=True)
    _apply(message, event, [*events, event])
    return True


def has_event(pk: int, dedupe_key: str) -> bool:
    """Lock a message, and return whether the event with this key is stored."""
    lock_message(pk)
    return primary(StatusEvent).filter(dedupe_key=dedupe_key).exists()


def run_step(message: Message, name: str, work: Callable[[int, EventKey], bool]) -> bool:
    """Run and commit a step of this site, refresh ``message``, and return the result of ``work``.

    ``work`` gets the primary key of the message, and the key of the event that it records.
    """
    key = name, uuid.uuid4().hex
    result = run_committed(
        partial(work, message.pk, key),
        is_committed=partial(has_event, message.pk, StatusEvent.local_key(message, *key)),
    )
    message.refresh_from_db(using=write_database())
    return result


def _is_late(event: StatusEvent, events: list[StatusEvent]) -> bool:
    times = [each.occurred_at for each in events if each.occurred_at]
    return bool(event.occurred_at and times and event.occurred_at < max(times))


def _apply(message: Message, event: StatusEvent, events: list[StatusEvent]) -> None:
    previous = message.status
    state = combine_evidence(each.as_evidence() for each in events if each.is_evidence)
    if state is None:
        _apply_own_status(message, event)
    else:
        _apply_evidence(message, state)
    message.save(using=write_database(), update_fields=_STATE_COLUMNS)
    if message.status == previous:
        return
    if state is not None and not message.is_automatic:
        conversations.end_waiting(message)
    if message.workflow_id is None:
        dispatch_status_changed(message, event, previous)
    else:
        _advance_workflow(message, event, previous, has_evidence=state is not None)


def _advance_workflow(
    message: Message, event: StatusEvent, previous: str, *, has_evidence: bool
) -> None:
    if workflows.is_first_try(message, previous, has_evidence=has_evidence):
        conversations.show_as_last(message)
    dispatch_status_changed(message, event, previous)
    for pk, step in workflows.next_steps(message, event, previous):
        _take_step(pk, step)


def _take_step(pk: int, step: StatusEvent) -> None:
    try:
        message = lock_message(pk)
    except Message.DoesNotExist:
        return  # a receiver has just deleted it
    if record_event(message, step) and step.status == Status.QUEUED:
        release_on_commit(pk, message.account)


def _apply_own_status(message: Message, event: StatusEvent) -> None:
    message.status = event.status
    message.reason = event.reason
    message.error_code = event.error_code
    message.error_title = event.error_title
    message.error_detail = event.error_detail
    message.failed_at = event.received_at if event.status == Status.FAILED else None


def _apply_evidence(message: Message, state: MessageState) -> None:
    message.status = state.status
    message.reason = ""
    message.error_code = state.error.code
    message.error_title = state.error.title
    message.error_detail = state.error.detail
    if state.charge:
        message.price = state.charge.price
        message.price_as_received = state.charge.price_text
        message.currency = state.charge.currency
    if state.segments:
        message.segments = state.segments
    if state.pricing:
        message.pricing = state.pricing
    for column, moment in _milestones(state).items():
        setattr(message, column, moment)


def _milestones(state: MessageState) -> dict[str, Any]:
    reached = state.reached_at
    failures = [reached[status] for status in _FAILURES if status in reached]
    return {
        "accepted_at": reached.get(Status.ACCEPTED),
        "submitted_at": reached.get(Status.SUBMITTED),
        "delivered_at": reached.get(Status.DELIVERED),
        "read_at": reached.get(Status.READ),
        "failed_at": min(failures, default=None),
    }
