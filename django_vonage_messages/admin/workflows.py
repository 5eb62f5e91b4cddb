"""Admin pages of failovers, and notes about failovers on the page of a message."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.db.models import Prefetch, Q, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from django_vonage_messages.admin.base import ReadOnlyAdmin
from django_vonage_messages.admin.permissions import admin_url
from django_vonage_messages.admin.status_text import message_status_text
from django_vonage_messages.models import Channel, Message, Status, Workflow
from django_vonage_messages.models.message import ARRIVED, FAILURES


@dataclass(frozen=True)
class WorkflowMessage:
    """A message of a failover, or a resend of such a message."""

    pk: int
    position: int  # 0 for a resend
    channel: str
    status: str

    @property
    def has_arrived(self) -> bool:
        return self.status in ARRIVED

    @property
    def channel_label(self) -> str:
        return str(Channel(self.channel).label)


WorkflowMessages = Mapping[int, list[WorkflowMessage]]
"""Messages of each workflow, in order. The keys are ids of workflows."""


def workflow_messages(messages: Iterable[Message]) -> WorkflowMessages:
    """Return all messages and resends in the failovers that ``messages`` belong to."""
    workflows = {message.workflow_id for message in messages} - {None}
    found: defaultdict[int, list[WorkflowMessage]] = defaultdict(list)
    if not workflows:
        return found
    own = Q(workflow__in=workflows)
    rows = Message.objects.filter(own | Q(resend_of__workflow__in=workflows))
    for message in (
        rows.order_by("workflow_position")
        .select_related("resend_of")
        .only("workflow", "workflow_position", "channel", "status", "resend_of__workflow")
    ):
        original = message.resend_of
        workflow = message.workflow_id or (original.workflow_id if original else None)
        position = message.workflow_position or 0
        found[workflow or 0].append(
            WorkflowMessage(message.pk, position, message.channel, message.status)
        )
    return found


def reached_by(message: Message, workflows: WorkflowMessages) -> WorkflowMessage | None:
    """Return another message that reached the customer in the same failover, or None."""
    return next((other for other in _others(message, workflows) if other.has_arrived), None)


def may_arrive_otherwise(message: Message, workflows: WorkflowMessages) -> bool:
    """Return whether another message of the failover, or a resend, arrived or can still arrive."""
    own = workflows.get(message.workflow_id or 0, [])
    return any(other.status not in FAILURES for other in own if other.pk != message.pk)


def workflow_notes(message: Message, workflows: WorkflowMessages) -> Iterator[tuple[str, int]]:
    """Yield notes about other messages of the failover, each with the id of the other message."""
    others, position = _others(message, workflows), message.workflow_position or 0
    before = next((other for other in reversed(others) if other.position < position), None)
    after = next((other for other in others if other.position > position), None)
    if reached := reached_by(message, workflows):
        text = gettext("The customer was reached by %(channel)s instead.")
        yield text % {"channel": reached.channel_label}, reached.pk
        return
    if before and message.status == Status.STANDBY:
        text = gettext("This message is sent only if the %(channel)s message is rejected.")
        yield text % {"channel": before.channel_label}, before.pk
    elif before and before.status == Status.REJECTED:
        text = gettext("This message was tried because the %(channel)s message was rejected.")
        yield text % {"channel": before.channel_label}, before.pk
    if after and (text := _note_on_next(message, after)):
        yield text % {"channel": after.channel_label}, after.pk


def _others(message: Message, workflows: WorkflowMessages) -> list[WorkflowMessage]:
    own = workflows.get(message.workflow_id or 0, [])
    return [other for other in own if other.pk != message.pk and other.position]


def _note_on_next(message: Message, after: WorkflowMessage) -> str:
    if after.status == Status.STANDBY and message.status == Status.REJECTED:
        return gettext("The %(channel)s message is next.")
    if after.status == Status.STANDBY:
        return gettext("If this message is rejected, the %(channel)s message is tried.")
    if message.status == Status.REJECTED:
        return gettext("The %(channel)s message was tried instead.")
    return ""


@admin.register(Workflow)
class WorkflowAdmin(ReadOnlyAdmin[Workflow]):
    list_display = ("created_at", "account", "failover_by", "tried")
    list_filter = ("failover_by",)
    ordering = ("-id",)
    fields = ("created_at", "account", "failover_by", "workflow_id", "tried")
    readonly_fields = ("tried",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Workflow]:
        in_order = Message.objects.order_by("workflow_position")
        return super().get_queryset(request).prefetch_related(Prefetch("messages", in_order))

    @admin.display(description=_("messages, first to last"))
    def tried(self, workflow: Workflow) -> SafeString:
        items = format_html_join("", "<li>{}</li>", self._items(workflow))
        return (
            format_html('<ol class="vonage-workflow">{}</ol>', items) if items else SafeString("—")
        )

    def _items(self, workflow: Workflow) -> list[tuple[Any]]:
        return [
            (
                format_html(
                    '<a href="{}">{}</a> <span class="vonage-muted">{}</span>',
                    admin_url(self.admin_site, Message, "change", message.pk),
                    message.get_channel_display(),
                    message_status_text(message).label,
                ),
            )
            for message in workflow.messages.all()
        ]
