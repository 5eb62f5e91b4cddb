"""A workflow's way from one message to the next, which follows from what became of each.

Vonage's failover acts on ``rejected`` and nothing else (the v1 OpenAPI document, ``Failover``);
where an API version has none, this site does the same.
"""

from django_vonage_messages.models import FailoverBy, Message, Source, StatusEvent, Workflow
from django_vonage_messages.models.keys import key_of
from django_vonage_messages.models.message import MessageQuerySet
from django_vonage_messages.protocol import statuses
from django_vonage_messages.services.db.clock import DatabaseNow

Step = tuple[int, StatusEvent]
"""The id of another message of the workflow, and the event that befalls it."""

_ARRIVED = frozenset({statuses.DELIVERED, statuses.READ})
_NOT_SENT = frozenset({statuses.FAILED, statuses.EXPIRED, statuses.CANCELLED})
_STOPPED = frozenset({statuses.EXPIRED, statuses.CANCELLED})
_UNTRIED = frozenset({statuses.STANDBY, statuses.CANCELLED})
_GOES_ON = frozenset({statuses.REJECTED, statuses.FAILED})


def next_steps(message: Message, previous: str, using: str) -> list[Step]:
    """Return what the new status of a message means for those after it in its workflow.

    Where the first could not be handed to Vonage nothing is tried, as Vonage refuses a workflow as
    a whole; a later one that could not be is passed over. One that was cancelled on its turn, or
    came too late, ends the workflow.
    """
    if message.workflow_id is None or message.workflow_position is None:
        return []
    if message.status in _ARRIVED:
        return _cancel_all(message, "Not needed: a message before it arrived", using)
    if message.status in _NOT_SENT and message.workflow_position == 1:
        return _cancel_all(message, "Not tried: the first message was not sent", using)
    if message.status in _STOPPED and previous != statuses.STANDBY:
        return _cancel_all(message, "Not tried: the message before it was stopped", using)
    if previous in _GOES_ON:
        return []  # it has led to the next already
    if message.status == statuses.UNDELIVERABLE:
        return _cancel_all(message, "Not tried: only a rejection is followed by the next", using)
    if message.status in _GOES_ON and _is_ours(message, using):
        return _release_next(message, using)
    return []


def lock_later(message: Message, using: str) -> None:
    """Lock the messages after a locked one in its workflow, in their order."""
    if message.workflow_id is not None:
        list(_later(message, using).select_for_update().values_list("pk", flat=True))


def name_workflow(pk: int, workflow_id: str, using: str) -> None:
    """Record Vonage's id of a workflow, once."""
    unnamed = Workflow.objects.using(using).filter(pk=pk, workflow_id="")
    unnamed.update(workflow_id=workflow_id)


def _is_ours(message: Message, using: str) -> bool:
    """Whether it is this site that goes on to the next message."""
    mine = Workflow.objects.using(using).filter(pk=message.workflow_id or 0)
    return mine.filter(failover_by=FailoverBy.LOCAL).exists()


def _release_next(message: Message, using: str) -> list[Step]:
    later = list(_later(message, using))
    following = next((part for part in later if part.status == statuses.STANDBY), None)
    if following is None or any(part.status not in _UNTRIED for part in later):
        return []
    Message.objects.using(using).filter(pk=following.pk).update(due_at=DatabaseNow())
    return [(following.pk, _event(following, statuses.QUEUED, ""))]


def _cancel_all(message: Message, why: str, using: str) -> list[Step]:
    later = _later(message, using).filter(status__in=(statuses.STANDBY, statuses.QUEUED))
    return [(part.pk, _event(part, statuses.CANCELLED, why)) for part in later]


def _later(message: Message, using: str) -> MessageQuerySet:
    later = Message.objects.using(using).filter(
        workflow_id=message.workflow_id or 0, workflow_position__gt=message.workflow_position or 0
    )
    return later.order_by("workflow_position")


def _event(message: Message, status: str, title: str) -> StatusEvent:
    return StatusEvent(
        source=Source.LOCAL,
        status=status,
        error_title=title,
        dedupe_key=key_of("workflow", message.reference.hex, status),
    )
