"""Delivery summary of a message: status, schedule, failure, related messages, actions."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext, ngettext

from django_vonage_messages.admin.messages.actions import (
    ActionUrl,
    MessageAction,
    message_actions,
)
from django_vonage_messages.admin.messages.failures import Failure, failure_of
from django_vonage_messages.admin.messages.updates import update_text
from django_vonage_messages.admin.status_text import (
    StatusText,
    format_time,
    message_status_text,
    sentence,
)
from django_vonage_messages.admin.workflows import (
    WorkflowMessages,
    may_arrive_otherwise,
    reached_by,
    workflow_messages,
    workflow_notes,
)
from django_vonage_messages.models import Message, Status
from django_vonage_messages.services.operations.overdue import QueuedState, queued_states
from django_vonage_messages.services.sending.resend import can_be_settled

Resends = Mapping[int, list[tuple[int, datetime]]]
"""Id and time of each resend, by the id of the original message."""


@dataclass(frozen=True)
class RelatedMessage:
    """A note about another message, such as a resend."""

    text: str
    url: str  # "" if the user may not open the message


@dataclass(frozen=True)
class MessageSummary:
    """Status, schedule, failure, related messages and actions of a message."""

    message: Message
    status: StatusText
    schedule: str
    update: str  # about the revocation or the read receipt
    failure: Failure | None
    related: list[RelatedMessage] = field(default_factory=list)
    actions: list[MessageAction] = field(default_factory=list)

    @property
    def can_be_settled(self) -> bool:
        """Return whether the user can record the outcome of the message."""
        return bool(self.actions) and can_be_settled(self.message)


@dataclass(frozen=True)
class MessageUrls:
    """Functions that return the URLs of messages and of actions on messages."""

    message: Callable[[int], str]
    action: ActionUrl | None  # None if the user may not perform actions


def message_summaries(
    messages: Iterable[Message], urls: MessageUrls, *, full: bool
) -> dict[int, MessageSummary]:
    """Return the delivery summary of each message, in a dict by message id."""
    messages = list(messages)
    times, resends = _resends(messages)  # one query
    states = queued_states(messages)  # one query, if a message is queued
    workflows = workflow_messages(messages)  # one query, if a message has a failover
    return {
        message.pk: MessageSummary(
            message=message,
            status=message_status_text(message),
            schedule=_schedule(message, states.get(message.pk)),
            update=update_text(message),
            failure=_without_action(
                failure_of(message, states.get(message.pk), full=full),
                _no_action_reason(message, resends, workflows),
            ),
            related=_related(message, times, resends, workflows, urls),
            actions=_actions(message, resends, workflows, urls),
        )
        for message in messages
    }


def _schedule(message: Message, state: QueuedState | None) -> str:
    if message.status != Status.QUEUED:
        return _attempts(message.attempts) if message.attempts > 1 else ""
    attempts = _attempts(message.attempts) if message.attempts else ""
    texts = (attempts, _next_attempt(message, state), _expiry(message))
    return " ".join(text for text in texts if text)


def _attempts(count: int) -> str:
    return ngettext("Tried %(count)d time.", "Tried %(count)d times.", count) % {"count": count}


def _next_attempt(message: Message, state: QueuedState | None) -> str:
    due = message.due_at
    if due is None:
        return ""
    if message.is_held:
        text = gettext("Scheduled: %(moment)s")
    elif state is not None and state.is_due:
        text = gettext("Due since %(moment)s")
    elif message.attempts:
        text = gettext("Next attempt: %(moment)s")
    else:
        text = gettext("Will be sent: %(moment)s")
    return sentence(text % {"moment": format_time(due)})


def _expiry(message: Message) -> str:
    if message.expires_at is None:
        return ""
    text = gettext("Expires: %(moment)s")
    return sentence(text % {"moment": format_time(message.expires_at)})


def _resends(messages: list[Message]) -> tuple[dict[int, datetime], Resends]:
    originals = {message.resend_of_id for message in messages} - {None}
    related = Q(resend_of__in=[message.pk for message in messages]) | Q(pk__in=originals)
    rows = Message.objects.filter(related).order_by("id")
    times: dict[int, datetime] = {}
    resends: defaultdict[int, list[tuple[int, datetime]]] = defaultdict(list)
    for pk, original, created_at in rows.values_list("pk", "resend_of", "created_at"):
        times[pk] = created_at
        if original is not None:
            resends[original].append((pk, created_at))
    return times, resends


def _related(
    message: Message,
    times: dict[int, datetime],
    resends: Resends,
    workflows: WorkflowMessages,
    urls: MessageUrls,
) -> list[RelatedMessage]:
    related = []
    original = message.resend_of_id
    if original in times:
        text = gettext("This is a resend. Original message: %(moment)s")
        text = sentence(text % {"moment": format_time(times[original])})
        related.append(RelatedMessage(text, urls.message(original)))
    for pk, created_at in resends.get(message.pk, []):
        text = gettext("Sent again: %(moment)s") % {"moment": format_time(created_at)}
        related.append(RelatedMessage(sentence(text), urls.message(pk)))
    notes = workflow_notes(message, workflows)
    return [*related, *(RelatedMessage(text, urls.message(pk)) for text, pk in notes)]


def _no_action_reason(message: Message, resends: Resends, workflows: WorkflowMessages) -> str:
    if resends.get(message.pk):
        return gettext("No action needed: the message was sent again.")
    if reached_by(message, workflows):
        return gettext("No action needed: another message reached the customer.")
    if message.has_failed and may_arrive_otherwise(message, workflows):
        return gettext("No action needed yet: another message is being tried.")
    return ""


def _without_action(failure: Failure | None, reason: str) -> Failure | None:
    if failure is None or not reason:
        return failure
    return replace(failure, advice=reason, owner="")


def _actions(
    message: Message, resends: Resends, workflows: WorkflowMessages, urls: MessageUrls
) -> list[MessageAction]:
    if urls.action is None:
        return []
    return message_actions(
        message,
        urls.action,
        was_resent=bool(resends.get(message.pk)),
        may_arrive_otherwise=may_arrive_otherwise(message, workflows),
    )
