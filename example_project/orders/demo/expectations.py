"""What the database must say when the story has been told, and what it does say."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from django_vonage_messages.models import (
    Conversation,
    ConversationStatus,
    Direction,
    Message,
    MessageQuerySet,
    SignalDispatch,
    Source,
    Status,
    StatusEvent,
    UnprocessedWebhook,
    WebhookRefusal,
)
from django_vonage_messages.simulator import Simulator
from example_project.orders.demo import story
from example_project.orders.demo.browser import USERNAME
from example_project.orders.demo.story import Told
from example_project.orders.models import Order
from example_project.orders.receivers import KEYWORD

_PATH: Final = (Status.ACCEPTED, Status.SUBMITTED, Status.DELIVERED)
_NOBODY: Final = "nobody (automatic)"


@dataclass(frozen=True)
class Expectation:
    """One thing that must be so."""

    what: str
    expected: object
    found: object

    @property
    def came_true(self) -> bool:
        return self.expected == self.found

    def __str__(self) -> str:
        if self.came_true:
            return f"{self.what}: {_shown(self.found)}"
        expected, found = self.expected, self.found
        if isinstance(expected, set) and isinstance(found, set):
            expected, found = expected - found, found - expected
            return f"{self.what}: missing {_listed(expected)}, unexpected {_listed(found)}"
        return f"{self.what}: expected {_shown(expected)}, found {_shown(found)}"


def expectations(told: Told, simulator: Simulator) -> Iterator[Expectation]:
    """Yield every expectation with what the database says now; the story is all there is in it."""
    yield from _sent(told)
    yield from _received(told)
    yield from _thread(told)
    yield from _ledger(simulator)
    yield from _nothing_left_over()


def _sent(told: Told) -> Iterator[Expectation]:
    texts = {
        "the text about the order": (told.shipped, _NOBODY),
        "the automatic reply": (told.automatic_reply, _NOBODY),
        "the reply of staff": (told.staff_reply, USERNAME),
    }
    for name, (message, author) in texts.items():
        yield Expectation(f"{name} was", Status.DELIVERED, _now(message).status)
        yield Expectation(f"{name} went", list(_PATH), _path(message))
        yield Expectation(f"{name} was written by", author, _author(message))
    rejected = _now(told.rejected)
    error = (story.ERROR_CODE, "Absent Subscriber Permanent")
    yield Expectation("the text to the old number was", Status.REJECTED, rejected.status)
    yield Expectation("its error is", error, (rejected.error_code, rejected.error_title))
    notes = dict(Order.objects.values_list("customer_name", "text_status"))
    reason = "Rejected. The number is no longer in use."
    yield Expectation("the order notes", "Delivered", notes[story.CUSTOMER])
    yield Expectation("the order of the old number notes", reason, notes[story.UNREACHABLE])


def _received(told: Told) -> Iterator[Expectation]:
    for message, text in ((told.keyword, KEYWORD), (told.question, story.QUESTION)):
        found = _now(message)
        yield Expectation(
            "a customer's text is stored",
            (Status.RECEIVED, story.PHONE, text),
            (found.status, found.their_address, found.text),
        )
    order = Order.objects.get(phone=story.PHONE)
    yield Expectation("the automatic reply says", order.summary, _now(told.automatic_reply).text)


def _thread(told: Told) -> Iterator[Expectation]:
    yield Expectation("unread before staff came", 2, told.waiting.unread_count)
    yield Expectation(
        "the customer waited since the first text",
        told.keyword.created_at,
        told.waiting.waiting_since,
    )
    thread = Conversation.objects.get(pk=told.waiting.pk)
    expected = {
        "unread_count": 0,
        "waiting_since": None,
        "status": ConversationStatus.OPEN,
        "last_inbound_at": told.question.created_at,
        "last_message_at": told.staff_reply.created_at,
        "last_message_direction": Direction.OUTBOUND,
        "last_message_preview": story.ANSWER,
    }
    for column, value in expected.items():
        yield Expectation(f"the thread's {column}", value, getattr(thread, column))


def _ledger(simulator: Simulator) -> Iterator[Expectation]:
    called = simulator.callbacks
    yield Expectation(
        "outbound messages are those that the simulator accepted",
        {message.message_uuid for message in simulator.accepted},
        _uuids(Message.objects.outbound()),
    )
    yield Expectation(
        "inbound messages are those that the simulator sent",
        {callback.message_uuid for callback in called if callback.kind == "inbound"},
        _uuids(Message.objects.inbound()),
    )
    events = StatusEvent.objects.filter(source=Source.VONAGE)
    yield Expectation(
        "status events are those that the simulator sent",
        {(call.message_uuid, call.status) for call in called if call.kind == "status"},
        set(events.values_list("message__message_uuid", "status")),
    )
    refused = [str(call) for call in called if (call.state, len(call.attempts)) != ("delivered", 1)]
    yield Expectation("webhooks that were not taken at once", [], refused)


def _nothing_left_over() -> Iterator[Expectation]:
    unprocessed = UnprocessedWebhook.objects.filter(processed_at=None)
    for rows in (unprocessed, WebhookRefusal.objects.all(), SignalDispatch.objects.all()):
        yield Expectation(f"{rows.model._meta.verbose_name_plural}", 0, rows.count())


def _now(message: Message) -> Message:
    return Message.objects.get(pk=message.pk)


def _path(message: Message) -> list[str]:
    """What of the path is recorded: a webhook may be quicker than the answer to the send."""
    recorded = set(message.events.values_list("status", flat=True))
    return [status for status in _PATH if status in recorded]


def _author(message: Message) -> str:
    user = _now(message).created_by
    return _NOBODY if user is None else user.get_username()


def _uuids(messages: MessageQuerySet) -> set[str | None]:
    return set(messages.values_list("message_uuid", flat=True))


def _shown(value: object) -> str:
    if isinstance(value, set):
        return f"{len(value)} of them"
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) or "none"
    return "none" if value is None else str(value)


def _listed(values: set[object]) -> str:
    return ", ".join(sorted(map(str, values))) or "none"
