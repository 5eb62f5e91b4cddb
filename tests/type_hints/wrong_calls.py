"""Calls that must not type-check, each with a mark that names its error."""

from datetime import date, datetime

from clinic.models import Appointment
from django.contrib.auth.models import User

from django_vonage_messages import (
    cancel_message,
    cancel_messages,
    deliver_due,
    queue_message,
    reschedule_message,
    send_message,
    settle_message,
)
from django_vonage_messages.backends import Accepted, BaseBackend, OutgoingMessage
from django_vonage_messages.content import Card, Image, Location, Template
from django_vonage_messages.executors import Executor, SchedulingExecutor
from django_vonage_messages.failover import Failover
from django_vonage_messages.models import Conversation, Message, RelatedMessages
from django_vonage_messages.options import SmsOptions, ViberOptions
from django_vonage_messages.testing import deliver_queued, simulate_inbound

NUMBER = "447700900123"


def wrong_calls(message: Message, conversation: Conversation, user: User) -> None:
    send_message(NUMBER, "Hello", channel="smss")  # error: call-overload
    send_message(NUMBER, Image("https://example.com/a.png"))  # error: call-overload
    send_message(NUMBER, Template("shipped"), channel="sms")  # error: call-overload
    send_message(NUMBER, Card("a", "b", "c"), channel="whatsapp")  # error: call-overload
    send_message(NUMBER, "Hello", options=ViberOptions())  # error: call-overload
    send_message(NUMBER, "Hello", channel="viber", options=SmsOptions())  # error: call-overload
    send_message(NUMBER, "Hello", created_by="ada")  # error: call-overload
    send_message(447700900123, "Hello")  # error: call-overload
    send_message(NUMBER, b"Hello")  # error: call-overload
    send_message(NUMBER, "Hello", "whatsapp")  # error: call-overload
    send_message(NUMBER, "Hello", related=message.pk)  # error: call-overload
    send_message(NUMBER, Location("1", "2"), channel=conversation.channel)  # error: arg-type
    queue_message(NUMBER, "Hello", send_at=date(2027, 1, 1))  # error: call-overload
    Failover("Hello", channel="facebook")  # error: arg-type
    settle_message(message, "delivered")  # error: arg-type
    cancel_message(message.pk)  # error: arg-type
    cancel_messages(related=[message])  # error: arg-type
    reschedule_message(message, send_at=date(2027, 1, 1))  # error: arg-type
    reschedule_message(message)  # error: call-arg
    cancel_messages(message)  # error: call-arg
    deliver_due(20)  # error: call-arg
    deliver_due(limit="20")  # error: arg-type
    deliver_queued(now=date(2027, 1, 1))  # error: arg-type
    simulate_inbound(NUMBER, "YES", reply_to=message.pk)  # error: arg-type
    Message.objects.about(message.pk)  # error: arg-type
    RelatedMessages("related_id")  # error: call-arg
    assert message.status == "delivred"  # error: comparison-overlap
    assert message.channel == "sms_service"  # error: comparison-overlap
    conversation.messages.inbuond()  # error: attr-defined
    SmsOptions(ttl="1 hour")  # error: arg-type


class WrongBackend(BaseBackend):
    def send(self, message: OutgoingMessage) -> str:  # error: override
        return Accepted("a-uuid").message_uuid


def wrong_relation(appointment: Appointment) -> None:
    appointment.messages.inbuond()  # error: attr-defined
    appointment.messages.clear(True)  # error: call-arg
    appointment.messages.remove(appointment)  # error: arg-type


class Unscheduled:
    def __call__(self, pk: int) -> None: ...


class Undated:
    def __call__(self, pk: int) -> None: ...

    def schedule(self, pk: int) -> None: ...


def needs_date(pk: int, due_at: datetime) -> None: ...


def takes(plain: Executor, scheduling: SchedulingExecutor | None = None) -> None: ...


def wrong_executors() -> None:
    takes(needs_date)  # error: arg-type
    takes(Unscheduled(), Unscheduled())  # error: arg-type
    takes(Undated(), Undated())  # error: arg-type
