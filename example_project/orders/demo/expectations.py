"""Checks of the database after the story."""

from collections.abc import Iterator

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
from example_project.orders.demo.expectation import (
    AUTOMATIC,
    PATH,
    Expectation,
    author_of,
    now,
    path_of,
)
from example_project.orders.demo.expected_exchanges import exchange_expectations
from example_project.orders.demo.story import PlayedStory
from example_project.orders.models import Order
from example_project.orders.receivers import KEYWORD


def expectations(played: PlayedStory, simulator: Simulator) -> Iterator[Expectation]:
    """Yield every check. The database must contain only the rows of the story."""
    yield from _sent(played)
    yield from _received(played)
    yield from _conversation(played)
    for channel, exchange in (("whatsapp", played.whatsapp), ("viber", played.viber)):
        yield from exchange_expectations(channel, exchange)
    yield from _simulator_records(simulator)
    yield from _nothing_left_over()


def _sent(played: PlayedStory) -> Iterator[Expectation]:
    texts = {
        "the text about the order": (played.shipped, AUTOMATIC),
        "the automatic reply": (played.automatic_reply, AUTOMATIC),
        "the staff reply": (played.staff_reply, USERNAME),
    }
    for name, (message, author) in texts.items():
        yield Expectation(f"status of {name}", Status.DELIVERED, now(message).status)
        yield Expectation(f"status events of {name}", list(PATH[:3]), path_of(message))
        yield Expectation(f"author of {name}", author, author_of(message))
    rejected = now(played.rejected)
    error = (story.ERROR_CODE, "Absent Subscriber Permanent")
    yield Expectation("status of the text to the old number", Status.REJECTED, rejected.status)
    yield Expectation(
        "error of the text to the old number", error, (rejected.error_code, rejected.error_title)
    )
    notes = dict(Order.objects.values_list("customer_name", "text_status"))
    reason = "Did not arrive: rejected. The number is no longer in use."
    yield Expectation("note on the order", "Delivered", notes[story.CUSTOMER])
    yield Expectation("note on the order with the old number", reason, notes[story.UNREACHABLE])


def _received(played: PlayedStory) -> Iterator[Expectation]:
    for message, text in ((played.keyword, KEYWORD), (played.question, story.QUESTION)):
        found = now(message)
        yield Expectation(
            "stored text of a customer",
            (Status.RECEIVED, story.PHONE, text),
            (found.status, found.their_address, found.text),
        )
    order = Order.objects.get(phone=story.PHONE)
    yield Expectation(
        "text of the automatic reply", order.summary, now(played.automatic_reply).text
    )


def _conversation(played: PlayedStory) -> Iterator[Expectation]:
    yield Expectation("unread before the staff reply", 2, played.waiting.unread_count)
    yield Expectation(
        "waiting since the first text",
        played.keyword.created_at,
        played.waiting.waiting_since,
    )
    conversation = Conversation.objects.get(pk=played.waiting.pk)
    expected = {
        "unread_count": 0,
        "waiting_since": None,
        "status": ConversationStatus.OPEN,
        "last_inbound_at": played.question.created_at,
        "last_message_at": played.staff_reply.created_at,
        "last_message_direction": Direction.OUTBOUND,
        "last_message_preview": story.ANSWER,
    }
    for column, value in expected.items():
        yield Expectation(f"{column} of the conversation", value, getattr(conversation, column))


def _simulator_records(simulator: Simulator) -> Iterator[Expectation]:
    called = simulator.callbacks
    yield Expectation(
        "outbound messages, all accepted by the simulator",
        {message.message_uuid for message in simulator.accepted},
        _uuids(Message.objects.outbound()),
    )
    yield Expectation(
        "inbound messages, all sent by the simulator",
        {callback.message_uuid for callback in called if callback.kind == "inbound"},
        _uuids(Message.objects.inbound()),
    )
    events = StatusEvent.objects.filter(source=Source.VONAGE)
    yield Expectation(
        "status events, all sent by the simulator",
        {(call.message_uuid, call.status) for call in called if call.kind == "status"},
        set(events.values_list("message__message_uuid", "status")),
    )
    refused = [str(call) for call in called if (call.state, len(call.attempts)) != ("delivered", 1)]
    yield Expectation("webhooks that needed a retry", [], refused)


def _nothing_left_over() -> Iterator[Expectation]:
    unprocessed = UnprocessedWebhook.objects.filter(processed_at=None)
    for rows in (unprocessed, WebhookRefusal.objects.all(), SignalDispatch.objects.all()):
        yield Expectation(f"{rows.model._meta.verbose_name_plural}", 0, rows.count())


def _uuids(messages: MessageQuerySet) -> set[str | None]:
    return set(messages.values_list("message_uuid", flat=True))
