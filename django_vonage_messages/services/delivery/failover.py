"""Failover messages: messages that are tried if the first message is rejected."""

from collections.abc import Sequence
from functools import partial

from django.db.models import QuerySet

from django_vonage_messages.conf import Account
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
from django_vonage_messages.protocol.versions import API_VERSIONS, ApiVersion
from django_vonage_messages.services.db.transactions import (
    now,
    primary,
    run_committed,
    write_database,
)
from django_vonage_messages.services.delivery.destinations import (
    NOT_ALLOWED_TITLE,
    destination_of,
)
from django_vonage_messages.services.history.conversations import attach_outbound, attach_standby
from django_vonage_messages.services.history.events import lock_message, record_event
from django_vonage_messages.services.history.suppressions import SUPPRESSED_TITLE, is_suppressed
from django_vonage_messages.services.history.workflows import set_workflow_id


def insert_workflow(first: Message, standby: Sequence[Message], account: Account) -> None:
    """Store a message and its failover messages in the caller's transaction."""
    version = API_VERSIONS[account.api_version]
    workflow = primary(Workflow).create(account=account.alias, failover_by=_failover_by(version))
    messages = [first, *standby]
    for position, message in enumerate(messages, start=1):
        message.workflow, message.workflow_position = workflow, position
        message.expires_at, message.is_retried = first.expires_at, first.is_retried
    # Conversations are written in a fixed order, so that two such transactions cannot deadlock.
    for message in sorted(messages, key=lambda each: (each.channel, each.our_address)):
        if message.status == Status.STANDBY:
            attach_standby(message)
        else:
            attach_outbound(message)
    for message in messages:
        message.save(using=write_database(), force_insert=True)


def start_standby(message: Message, version: ApiVersion) -> list[Message]:
    """Set ``started_at`` of the failover messages that go into the request for ``message``.

    Return these failover messages in order.
    """
    if message.workflow_position != 1:
        return []  # only the request for the first message contains the others
    return run_committed(partial(_start_standby, message.pk, version))


def record_workflow_outcome(message: Message, outcome: Outcome) -> None:
    """Store the result of the request for ``message`` in the message's workflow.

    ``message`` must be locked.
    """
    if outcome.workflow_id and message.workflow_id is not None:
        set_workflow_id(message.workflow_id, outcome.workflow_id)
    is_refused = not outcome.is_accepted and not isinstance(outcome, Unconfirmed)
    if is_refused and message.workflow_position == 1:
        _standby(message).update(started_at=None)  # Vonage did not accept them


def _failover_by(version: ApiVersion) -> FailoverBy:
    return FailoverBy.VONAGE if version.has_failover else FailoverBy.LOCAL


def _start_standby(pk: int, version: ApiVersion) -> list[Message]:
    first = lock_message(pk)
    workflows = primary(Workflow).filter(pk=first.workflow_id or 0)
    workflows.update(failover_by=_failover_by(version))
    if not version.has_failover:
        return []  # this site sends the next message itself
    standby = list(_standby(first).order_by("workflow_position"))
    started = [message for message in standby if not _fail_if_forbidden(message)]
    _start_in_order(first, started)
    return started


def _fail_if_forbidden(message: Message) -> bool:
    destination = destination_of(message)
    message.redirected_to = destination.redirected_to if destination else ""
    if is_suppressed(message.their_address, message.channel, message.our_address):
        reason, title = FailureReason.SUPPRESSED, SUPPRESSED_TITLE
    elif destination is None:
        reason, title = FailureReason.NOT_ALLOWED, NOT_ALLOWED_TITLE
    else:
        return False
    error = ErrorInfo(title=title)
    event = StatusEvent.local(message, Status.FAILED, "left behind", reason=reason, error=error)
    record_event(lock_message(message.pk), event)
    return True


def _start_in_order(first: Message, standby: list[Message]) -> None:
    messages = primary(Message).filter(workflow_id=first.workflow_id or 0)
    left_out = messages.exclude(pk__in=[first.pk, *(message.pk for message in standby)])
    # Statuses from Vonage can contain the position in the request. The first message has 1.
    for position, message in enumerate(standby, start=2):
        message.workflow_position = position
        messages.filter(pk=message.pk).update(
            workflow_position=position, started_at=now(), redirected_to=message.redirected_to
        )
    # Messages that are not in the request get the last positions.
    pks = left_out.order_by("workflow_position").values_list("pk", flat=True)
    for position, pk in enumerate(pks, start=len(standby) + 2):
        messages.filter(pk=pk).update(workflow_position=position)


def _standby(message: Message) -> QuerySet[Message]:
    workflow = primary(Message).filter(workflow_id=message.workflow_id or 0)
    return workflow.filter(status=Status.STANDBY)
