"""Calls that must type-check, first with literals, then with variables."""

from datetime import datetime, timedelta
from typing import Any

from clinic.models import Appointment
from django.contrib.auth.models import User
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from phonenumbers import PhoneNumber

from django_vonage_messages import (
    cancel_message,
    cancel_messages,
    deliver_due,
    mark_message_read,
    queue_message,
    reschedule_message,
    resend_message,
    send_message,
    settle_message,
)
from django_vonage_messages.backends import (
    Accepted,
    BaseBackend,
    NotSent,
    Outcome,
    OutgoingMessage,
)
from django_vonage_messages.content import (
    Card,
    Content,
    Custom,
    Image,
    Location,
    Template,
    Text,
)
from django_vonage_messages.exceptions import (
    IdempotencyConflict,
    RateLimited,
    RecipientNotAllowed,
    VonageMessagesError,
)
from django_vonage_messages.executors import Executor, SchedulingExecutor
from django_vonage_messages.failover import Failover
from django_vonage_messages.models import (
    Channel,
    Conversation,
    FailureReason,
    Message,
    Status,
)
from django_vonage_messages.options import (
    Options,
    SmsOptions,
    ViberAction,
    ViberOptions,
    WhatsAppOptions,
)
from django_vonage_messages.testing import (
    allow_http,
    capture_messages,
    deliver_queued,
    fix_time,
    receiver_errors,
    simulate_inbound,
    simulate_status,
    simulate_statuses,
)

NUMBER = "447700900123"


class ModelFieldNumber:
    """A number as in a field of django-phonenumber-field."""

    as_e164: str = "+447700900123"


def literal_calls() -> None:
    send_message(NUMBER, "Your order has left us.")
    send_message(NUMBER, _("Your order has left us."), sender="ACME")
    send_message(NUMBER, Text(_("Hello")), options=SmsOptions(ttl=3600))
    send_message(NUMBER, Image("https://example.com/a.png", caption=_("Map")), channel="mms")
    send_message(NUMBER, Template("shipped", ["42"]), channel="whatsapp")
    send_message(NUMBER, Location("51.5", "-0.1"), channel=Channel.WHATSAPP)
    action = ViberAction("https://example.com", "Track")
    send_message(NUMBER, "Hello", channel="viber_service", options=ViberOptions(action=action))
    send_message("4598023126881234", Custom({"attachment": {}}), channel="messenger")
    send_message(NUMBER, Card("Shoes", "New in", "https://example.com/shoes.png"), channel="rcs")
    queue_message(
        NUMBER,
        "See you tomorrow",
        send_at=timezone.now() + timedelta(days=1),
        failover=[Failover("See you tomorrow", channel="sms")],
    )


def send_to_objects(number: PhoneNumber, field: ModelFieldNumber) -> list[Message]:
    return [send_message(number, "Hello"), send_message(field, "Hello")]


def reply(conversation: Conversation, text: str, user: User) -> Message:
    return send_message(
        conversation.their_address,
        text,
        channel=conversation.channel,
        sender=conversation.our_address,
        account=conversation.account,
        created_by=user,
    )


def remind(message: Message, text: str, when: datetime, user: User | None) -> Message:
    return queue_message(
        message.their_address, text, channel=message.channel, send_at=when, created_by=user
    )


def by_name_of_channel(to: str, name: str, content: Content, options: Options | None) -> Message:
    return send_message(to, content, channel=Channel(name), options=options)


def by_choice(to: str, has_whatsapp: bool) -> Message:
    channel = Channel.WHATSAPP if has_whatsapp else Channel.SMS
    return send_message(to, "Hello", channel=channel)


def with_failover(to: str, texts: list[str], options: WhatsAppOptions) -> Message:
    failover = [Failover(text, channel="sms") for text in texts[1:]]
    return send_message(to, texts[0], channel="whatsapp", options=options, failover=failover)


def waiting_texts(conversation: Conversation) -> list[str]:
    inbound = conversation.messages.inbound()
    return [message.text for message in inbound.filter(status="received") if not message.is_final]


def unsent_reminders(appointment: Appointment) -> list[Message]:
    assert list(Message.objects.about(appointment)) == list(appointment.messages.all())
    return list(appointment.messages.outbound().filter(status=Status.QUEUED).order_by("send_at"))


def resend_failures(user: User) -> int:
    count = 0
    for message in Message.objects.outbound().filter(status=Status.FAILED):
        if message.reason == FailureReason.NOT_SENT and message.status == "failed":
            resend_message(message, created_by=user)
            count += 1
    return count


def move_or_cancel(message: Message, user: User, tomorrow: datetime) -> int:
    if reschedule_message(message, send_at=tomorrow):
        reschedule_message(message, send_at=None, expires_at=None)
        reschedule_message(message, send_at=tomorrow, expires_at=tomorrow)
    cancel_message(message, release_key=True)
    return cancel_messages(related=user, release_key=True)


def settle_or_cancel(message: Message, was_sent: bool, user: User) -> bool:
    if message.status == Status.QUEUED:
        return cancel_message(message)
    return settle_message(message, "accepted" if was_sent else "failed", settled_by=user)


def book(number: str, when: datetime) -> Message | None:
    try:
        return queue_message(number, "See you", send_at=when, idempotency_key="appointment-1")
    except IdempotencyConflict as conflict:
        if conflict.message and reschedule_message(conflict.message, send_at=when):
            return conflict.message
        raise
    except RecipientNotAllowed as error:
        return error.message


def remove_reminders(appointments: models.QuerySet[Appointment]) -> None:
    for appointment in appointments.prefetch_related("messages"):
        cancel_messages(related=appointment)
        appointment.messages.clear()


class Queue:
    def __call__(self, pk: int) -> None:
        self.schedule(pk, None)

    def schedule(self, pk: int, due_at: datetime | None) -> None:
        deliver_due()


def executors(wake_up: Executor) -> tuple[SchedulingExecutor, Executor, int]:
    return Queue(), Queue(), deliver_due(limit=20)


def wait_for(error: VonageMessagesError) -> float:
    if isinstance(error, RateLimited):
        return error.retry_after or 1.0
    return 60.0 if error.retryable else 0.0


class PagerBackend(BaseBackend):
    sends_nothing = True

    def send(self, message: OutgoingMessage) -> Outcome:
        return Accepted("a-uuid") if message.channel == "sms" else NotSent("Only SMS")


def a_test(message: Message, related: Any) -> None:
    with capture_messages(outcome={NUMBER: NotSent("No connection")}) as outbox:
        simulate_statuses(simulate_status(message, "delivered"))
        answers = [simulate_inbound(NUMBER, "YES", reply_to=each) for each in deliver_queued()]
        mark_message_read(simulate_inbound(NUMBER, "Hello", channel="whatsapp"), typing=True)
        deliver_queued(now=timezone.now(), raise_receiver_errors=False)
        with fix_time(timezone.now()), allow_http():
            simulate_inbound(NUMBER, "NO", reply_to="a-uuid", raise_receiver_errors=False)
    assert outbox[0].to == NUMBER
    assert not [error.args for error in receiver_errors]
    assert outbox[0].message.is_final == answers[0].is_final
