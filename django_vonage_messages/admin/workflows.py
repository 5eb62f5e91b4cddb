"""What is said of a message that is one of several: what came before it, and what comes after."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from django.db.models import Q
from django.utils.translation import gettext

from django_vonage_messages.models import Channel, Message, Status
from django_vonage_messages.models.message import FAILURES

_ARRIVED = frozenset({Status.DELIVERED, Status.READ})


@dataclass(frozen=True)
class Part:
    """One message of a workflow; or one that sends such a one again, which has no ``position``."""

    pk: int
    position: int
    channel: str
    status: str

    @property
    def has_arrived(self) -> bool:
        return self.status in _ARRIVED

    @property
    def label(self) -> str:
        """The name of its channel."""
        return str(Channel(self.channel).label)


Parts = Mapping[int, list[Part]]
"""The messages of each workflow, in their order."""


def parts_of(messages: Iterable[Message]) -> Parts:
    """Return the parts of the workflows that messages belong to. One query if there is any."""
    workflows = {message.workflow_id for message in messages} - {None}
    found: defaultdict[int, list[Part]] = defaultdict(list)
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
        found[workflow or 0].append(Part(message.pk, position, message.channel, message.status))
    return found


def others_of(message: Message, parts: Parts) -> list[Part]:
    """Return the other messages of a message's workflow."""
    mine = parts.get(message.workflow_id or 0, [])
    return [part for part in mine if part.pk != message.pk and part.position]


def reached_by(message: Message, parts: Parts) -> Part | None:
    """Return the other message of its workflow by which the customer was reached, if one did."""
    return next((part for part in others_of(message, parts) if part.has_arrived), None)


def may_arrive_otherwise(message: Message, parts: Parts) -> bool:
    """Whether another message of its workflow, or a resend of one, has arrived or may do so."""
    mine = parts.get(message.workflow_id or 0, [])
    return any(part.status not in FAILURES for part in mine if part.pk != message.pk)


def notes_on(message: Message, parts: Parts) -> Iterator[tuple[str, int]]:
    """Yield a sentence about another message of its workflow, and that message's id."""
    others, place = others_of(message, parts), message.workflow_position or 0
    before = next((part for part in reversed(others) if part.position < place), None)
    after = next((part for part in others if part.position > place), None)
    if reached := reached_by(message, parts):
        words = gettext("The customer was reached by %(channel)s instead.")
        yield words % {"channel": reached.label}, reached.pk
        return
    if before and message.status == Status.STANDBY:
        words = gettext("It is sent only if the message by %(channel)s is rejected.")
        yield words % {"channel": before.label}, before.pk
    elif before and before.status == Status.REJECTED:
        words = gettext("The message by %(channel)s was rejected, so this one was tried.")
        yield words % {"channel": before.label}, before.pk
    if after:
        yield from _on_next(message, after)


def _on_next(message: Message, after: Part) -> Iterator[tuple[str, int]]:
    if after.status == Status.STANDBY and message.status == Status.REJECTED:
        words = gettext("The message by %(channel)s is next.")
    elif after.status == Status.STANDBY:
        words = gettext("If it is rejected, the message by %(channel)s is tried.")
    elif message.status == Status.REJECTED:
        words = gettext("So the message by %(channel)s was tried.")
    else:
        return
    yield words % {"channel": after.label}, after.pk
