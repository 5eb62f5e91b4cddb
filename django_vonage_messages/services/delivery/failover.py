"""Hand a workflow's later messages to Vonage along with the first."""

from functools import partial

from django.db.models import QuerySet

from django_vonage_messages.models import (
    FailoverBy,
    FailureReason,
    Message,
    Status,
    StatusEvent,
    Workflow,
)
from django_vonage_messages.protocol.outcomes import Outcome, Unconfirmed
from django_vonage_messages.protocol.statuses import ErrorInfo
from django_vonage_messages.protocol.versions import ApiVersion
from django_vonage_messages.services.db.transactions import DatabaseNow, primary, run_committed
from django_vonage_messages.services.history.events import lock_message, record_event
from django_vonage_messages.services.history.suppressions import SUPPRESSED_TITLE, is_suppressed
from django_vonage_messages.services.history.workflows import set_workflow_id


def hand_over(first: Message, version: ApiVersion) -> list[Message]:
    """Return the messages that go to Vonage along with the first of their workflow, in their order.

    From here on they count as started, since a status can come for them, and their positions are
    the places that Vonage will name. A message whose recipient is suppressed by now is left out.
    """
    return run_committed(partial(_hand_over, first.pk, version))


def record_outcome(message: Message, outcome: Outcome) -> None:
    """Record what the outcome of a locked message means for its workflow."""
    if outcome.workflow_id and message.workflow_id is not None:
        set_workflow_id(message.workflow_id, outcome.workflow_id)
    is_refused = not outcome.is_accepted and not isinstance(outcome, Unconfirmed)
    if is_refused and message.workflow_position == 1:
        _standby(message).update(started_at=None)  # they were not handed over either


def _hand_over(pk: int, version: ApiVersion) -> list[Message]:
    first = lock_message(pk)
    by = FailoverBy.VONAGE if version.has_failover else FailoverBy.LOCAL
    primary(Workflow).filter(pk=first.workflow_id or 0).update(failover_by=by)
    if not version.has_failover:
        return []
    standby = list(_standby(first).order_by("workflow_position"))
    going = [message for message in standby if not _is_left_out(message)]
    _number(first, going)
    return going


def _is_left_out(message: Message) -> bool:
    if not is_suppressed(message.their_address, message.channel, message.our_address):
        return False
    event = StatusEvent.local(
        message,
        Status.FAILED,
        "left behind",
        reason=FailureReason.SUPPRESSED,
        error=ErrorInfo(title=SUPPRESSED_TITLE),
    )
    record_event(lock_message(message.pk), event)
    return True


def _number(first: Message, going: list[Message]) -> None:
    """Number the messages as Vonage will, and those that were left out after them."""
    messages = primary(Message).filter(workflow_id=first.workflow_id or 0)
    left_out = messages.exclude(pk__in=[first.pk, *(message.pk for message in going)])
    for position, message in enumerate(going, start=2):
        message.workflow_position = position
        messages.filter(pk=message.pk).update(workflow_position=position, started_at=DatabaseNow())
    pks = left_out.order_by("workflow_position").values_list("pk", flat=True)
    for position, pk in enumerate(pks, start=len(going) + 2):
        messages.filter(pk=pk).update(workflow_position=position)


def _standby(message: Message) -> QuerySet[Message]:
    workflow = primary(Message).filter(workflow_id=message.workflow_id or 0)
    return workflow.filter(status=Status.STANDBY)
