"""Fill the tables of the package with copies of rows that the public API created.

A copy has new times and new unique values. All other columns are unchanged, so that new columns get
realistic values without a change here.
"""

import secrets
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Self, TypeVar

from django.db import connection, models
from django.test import Client
from django.utils import timezone

from benchmarks.common.webhook_requests import unknown_status_request
from django_vonage_messages import queue_message, send_message
from django_vonage_messages.models import (
    Conversation,
    ConversationStatus,
    Message,
    StatusEvent,
    Suppression,
    UnprocessedWebhook,
)
from django_vonage_messages.testing import simulate_inbound, simulate_status

OLD_MESSAGES = 200
OLD_AGE = timedelta(days=400)
RECENT_AGE = timedelta(days=300)
OPEN_WEBHOOKS = 20
CHUNK = 1000
TEXT = "Your order is on its way."

Values = dict[str, Any]
Row = TypeVar("Row", bound=models.Model)


@dataclass(frozen=True)
class Template:
    """Column values of a message and its events."""

    message: Values
    events: list[Values]

    @classmethod
    def of(cls, message: Message) -> Self:
        message.refresh_from_db()
        return cls(_values(message), [_values(event) for event in message.events.all()])


class FilledTables:
    """Tables that grow to a number of messages.

    At every size, 200 messages are 400 days old. The others are spread over the last 300 days. Half
    of the messages are inbound, and a tenth belong to the busiest conversation. There is one
    conversation for every 10 messages. There are 120 suppressions, and one more for every 100
    messages. There are 120 stored webhooks, and one more for every 200 messages; 20 of them have
    not been processed.
    """

    def __init__(self, largest: int) -> None:
        self._largest = largest
        self._now = timezone.now()
        self._outbound = _outbound_templates()
        self._inbound = Template.of(simulate_inbound("447700900100", "Where is my order?"))
        simulate_inbound("447700900103", "Hello", channel="whatsapp", contact_name="Ada Lovelace")
        self._threads = [_values(each) for each in Conversation.objects.order_by("pk")]
        self._webhook = _values(_unprocessed_webhook())
        self._conversations: list[Conversation] = []
        self._size = 0

    @property
    def busiest(self) -> Conversation:
        return self._conversations[0]

    def grow(self, total: int) -> None:
        """Add rows until there are ``total`` messages, and refresh the planner's statistics."""
        first, self._size = self._size, total
        threads = map(self._conversation, range(first // 10, total // 10))
        self._conversations += Conversation.objects.bulk_create(threads, batch_size=CHUNK)
        for start in range(first, total, CHUNK):
            self._add_messages(range(start, min(start + CHUNK, total)))
        webhooks = map(self._unprocessed, _more_than_a_page(first, total, 200))
        UnprocessedWebhook.objects.bulk_create(webhooks, batch_size=CHUNK)
        for number in _more_than_a_page(first, total, 100):
            Suppression.objects.create(address=f"44781{number:07}", evidence="STOP")
        _analyze()

    def _conversation(self, number: int) -> Conversation:
        statuses = ConversationStatus.values
        return _copy(
            Conversation,
            self._threads[number % len(self._threads)],
            self._moment(number * 10),
            their_address=f"4479{number:08}",
            status=statuses[number % len(statuses)],
        )

    def _add_messages(self, numbers: Iterable[int]) -> None:
        pairs = [(number, self._template(number)) for number in numbers]
        messages = Message.objects.bulk_create(
            self._message(number, template) for number, template in pairs
        )
        StatusEvent.objects.bulk_create(
            _copy(StatusEvent, event, message.created_at, message_id=message.pk)
            for message, (_number, template) in zip(messages, pairs, strict=True)
            for event in template.events
        )

    def _template(self, number: int) -> Template:
        if number % 2:
            return self._inbound
        return self._outbound[number // 2 % len(self._outbound)]

    def _message(self, number: int, template: Template) -> Message:
        threads = self._conversations
        thread = threads[0] if number % 10 == 7 else threads[number % len(threads)]
        identity = {
            name: uuid.uuid4().hex
            for name in ("message_uuid", "client_ref")
            if template.message[name]
        }
        return _copy(
            Message,
            template.message,
            self._moment(number),
            conversation_id=thread.pk,
            channel=thread.channel,
            their_address=thread.their_address,
            text=f"{template.message['text']} {number}",
            **identity,
        )

    def _unprocessed(self, number: int) -> UnprocessedWebhook:
        moment = self._moment(number * 200)
        processed = moment if number >= OPEN_WEBHOOKS else None
        identity = {"message_uuid": uuid.uuid4().hex, "processed_at": processed}
        return _copy(UnprocessedWebhook, self._webhook, moment, **identity)

    def _moment(self, number: int) -> datetime:
        """Return the time of the message with this number."""
        if number < OLD_MESSAGES:
            return self._now - OLD_AGE
        return self._now - RECENT_AGE * (1 - number / self._largest)


def _more_than_a_page(first: int, total: int, messages: int) -> range:
    """Return the numbers of new rows: 120 at first, and one for every ``messages`` messages."""
    return range(120 + first // messages if first else 0, 120 + total // messages)


def _outbound_templates() -> list[Template]:
    """Return 20 messages with a realistic mix of statuses."""
    paths = [("submitted", "delivered")] * 14 + [("delivered", "read")] * 2
    paths += [("submitted",), ("rejected",), ("submitted", "undeliverable")]
    templates = {path: Template.of(_sent(*path)) for path in set(paths)}
    queued = queue_message("447700900101", TEXT, send_at=timezone.now() + OLD_AGE)
    return [templates[path] for path in paths] + [Template.of(queued)]


def _sent(*statuses: str) -> Message:
    message = send_message("447700900102", TEXT)
    for status in statuses:
        simulate_status(message, status, price="0.0333")
    return message


def _unprocessed_webhook() -> UnprocessedWebhook:
    request = unknown_status_request()
    Client().post(
        request.path, request.body, content_type="application/json", headers=request.headers
    )
    return UnprocessedWebhook.objects.get()


def _values(row: models.Model) -> Values:
    fields = row._meta.concrete_fields
    return {field.attname: getattr(row, field.attname) for field in fields if not field.primary_key}


def _copy(model: type[Row], values: Values, moment: datetime, **changes: Any) -> Row:
    """Return an unsaved copy with new unique values. Times in the past become ``moment``."""
    now = timezone.now()
    times = {
        name: moment
        for name, value in values.items()
        if isinstance(value, datetime) and value < now
    }
    identity = {
        name: _unlike_others(values[name]) for name in _unique_fields(model) if values[name]
    }
    return model(**values | times | identity | changes)


@cache
def _unique_fields(model: type[models.Model]) -> list[str]:
    """Return the columns whose values identify a row, except the primary key."""
    names = [field.attname for field in model._meta.concrete_fields if field.unique]
    for constraint in model._meta.total_unique_constraints:
        names += constraint.fields
    return [name for name in names if name != model._meta.pk.attname]


def _unlike_others(value: object) -> object:
    return uuid.uuid4() if isinstance(value, uuid.UUID) else secrets.token_hex(32)


def _analyze() -> None:
    statement = "VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE"
    if connection.vendor in ("postgresql", "sqlite"):
        with connection.cursor() as cursor:
            cursor.execute(statement)
