"""Handing a workflow's later messages to Vonage along with the first."""

from functools import partial

from django_vonage_messages.models import (
    FailoverBy,
    Message,
    MessageQuerySet,
    Source,
    StatusEvent,
    Workflow,
)
from django_vonage_messages.models.keys import key_of
from django_vonage_messages.protocol import statuses
from django_vonage_messages.services.db.clock import DatabaseNow
from django_vonage_messages.services.db.transactions import run_committed
from django_vonage_messages.services.history.events import lock_message, record_event
from django_vonage_messages.services.history.suppressions import is_suppressed


def hand_over(message: Message, has_failover: bool, using: str) -> list[Message]:
    """Return the messages that go to Vonage along with the first of its workflow, in their order.

    From here on they count as started, since a status can come for them, and their positions are
    the places that Vonage will name. One whose recipient must not be messaged by now stays behind.
    """
    if message.workflow_id is None or message.workflow_position != 1:
        return []
    return run_committed(partial(_hand_over, message.pk, has_failover, using), using)


def take_back(message: Message, using: str) -> None:
    """Vonage has certainly accepted nothing: the messages on standby were not handed over."""
    if message.workflow_id is not None and message.workflow_position == 1:
        _waiting(message, using).update(started_at=None)


def _hand_over(pk: int, has_failover: bool, using: str) -> list[Message]:
    first = lock_message(pk, using)
    by = FailoverBy.VONAGE if has_failover else FailoverBy.LOCAL
    Workflow.objects.using(using).filter(pk=first.workflow_id or 0).update(failover_by=by)
    if not has_failover:
        return []
    waiting = list(_waiting(first, using).order_by("workflow_position"))
    going = [part for part in waiting if not _is_left_behind(part, using)]
    _place(first, going, using)
    return going


def _is_left_behind(part: Message, using: str) -> bool:
    if not is_suppressed(part.their_address, part.channel, part.our_address, using):
        return False
    event = StatusEvent(
        source=Source.LOCAL,
        status=statuses.FAILED,
        error_title="The recipient must not be messaged: a suppression is in force",
        dedupe_key=key_of("left behind", part.reference.hex),
    )
    record_event(lock_message(part.pk, using), event, using)
    return True


def _place(first: Message, going: list[Message], using: str) -> None:
    """Number the messages as Vonage will, those that stay behind after them."""
    parts = Message.objects.using(using).filter(workflow_id=first.workflow_id or 0)
    behind = parts.exclude(pk__in=[first.pk, *(part.pk for part in going)])
    for position, part in enumerate(going, start=2):
        part.workflow_position = position
        parts.filter(pk=part.pk).update(workflow_position=position, started_at=DatabaseNow())
    for position, pk in enumerate(
        behind.order_by("workflow_position").values_list("pk", flat=True), start=len(going) + 2
    ):
        parts.filter(pk=pk).update(workflow_position=position)


def _waiting(message: Message, using: str) -> MessageQuerySet:
    waiting = Message.objects.using(using).filter(workflow_id=message.workflow_id or 0)
    return waiting.filter(status=statuses.STANDBY)
