"""Types of the public functions. Each channel accepts its own types of content and options."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, overload

from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import Model
from django.utils.functional import _StrPromise
from phonenumbers import PhoneNumber

from django_vonage_messages.content import (
    Attachments,
    Audio,
    Card,
    Carousel,
    Content,
    Custom,
    File,
    Image,
    Location,
    Reaction,
    Sticker,
    Template,
    Text,
    VCard,
    Video,
)
from django_vonage_messages.failover import Failover, HasE164
from django_vonage_messages.models import Channel, Message
from django_vonage_messages.options import (
    MessengerOptions,
    MmsOptions,
    Options,
    RcsOptions,
    SmsOptions,
    ViberOptions,
    WhatsAppOptions,
)
from django_vonage_messages.services.operations.due import deliver_due as deliver_due
from django_vonage_messages.services.sending.resend import resend_message as resend_message
from django_vonage_messages.services.sending.resend import settle_message as settle_message
from django_vonage_messages.services.sending.schedule import cancel_message as cancel_message
from django_vonage_messages.services.sending.schedule import cancel_messages as cancel_messages
from django_vonage_messages.services.sending.schedule import (
    reschedule_message as reschedule_message,
)
from django_vonage_messages.services.sending.updates import (
    mark_message_read as mark_message_read,
)
from django_vonage_messages.services.sending.updates import revoke_message as revoke_message

__version__: str

_Recipient = str | PhoneNumber | HasE164
_Text = str | _StrPromise | Text
_Sms = Literal["sms", Channel.SMS]
_Mms = Literal["mms", Channel.MMS]
_MmsContent = _Text | Image | Audio | Video | File | VCard | Attachments
_WhatsApp = Literal["whatsapp", Channel.WHATSAPP]
_WhatsAppContent = (
    _Text | Image | Audio | Video | File | Sticker | Reaction | Template | Location | Custom
)
_Viber = Literal["viber", "viber_service", "viber_service_msg", Channel.VIBER]
_ViberContent = _Text | Image | Video | File | Template | Custom
_Messenger = Literal["messenger", Channel.MESSENGER]
_MessengerContent = _Text | Image | Audio | Video | File | Custom
_Rcs = Literal["rcs", Channel.RCS]
_RcsContent = _Text | Image | Video | File | Card | Carousel | Custom

@overload
def send_message(
    to: _Recipient,
    content: _Text,
    *,
    channel: _Sms = "sms",
    sender: str | None = None,
    account: str = "default",
    options: SmsOptions | None = None,
    client_ref: str = "",
    idempotency_key: str = "",
    related: Model | None = None,
    created_by: AbstractBaseUser | None = None,
    failover: Sequence[Failover] = (),
) -> Message: ...
@overload
def send_message(
    to: _Recipient,
    content: _MmsContent,
    *,
    channel: _Mms,
    sender: str | None = None,
    account: str = "default",
    options: MmsOptions | None = None,
    client_ref: str = "",
    idempotency_key: str = "",
    related: Model | None = None,
    created_by: AbstractBaseUser | None = None,
    failover: Sequence[Failover] = (),
) -> Message: ...
@overload
def send_message(
    to: _Recipient,
    content: _WhatsAppContent,
    *,
    channel: _WhatsApp,
    sender: str | None = None,
    account: str = "default",
    options: WhatsAppOptions | None = None,
    client_ref: str = "",
    idempotency_key: str = "",
    related: Model | None = None,
    created_by: AbstractBaseUser | None = None,
    failover: Sequence[Failover] = (),
) -> Message: ...
@overload
def send_message(
    to: _Recipient,
    content: _ViberContent,
    *,
    channel: _Viber,
    sender: str | None = None,
    account: str = "default",
    options: ViberOptions | None = None,
    client_ref: str = "",
    idempotency_key: str = "",
    related: Model | None = None,
    created_by: AbstractBaseUser | None = None,
    failover: Sequence[Failover] = (),
) -> Message: ...
@overload
def send_message(
    to: _Recipient,
    content: _MessengerContent,
    *,
    channel: _Messenger,
    sender: str | None = None,
    account: str = "default",
    options: MessengerOptions | None = None,
    client_ref: str = "",
    idempotency_key: str = "",
    related: Model | None = None,
    created_by: AbstractBaseUser | None = None,
    failover: Sequence[Failover] = (),
) -> Message: ...
@overload
def send_message(
    to: _Recipient,
    content: _RcsContent,
    *,
    channel: _Rcs,
    sender: str | None = None,
    account: str = "default",
    options: RcsOptions | None = None,
    client_ref: str = "",
    idempotency_key: str = "",
    related: Model | None = None,
    created_by: AbstractBaseUser | None = None,
    failover: Sequence[Failover] = (),
) -> Message: ...
@overload
def send_message(
    to: _Recipient,
    content: _Text | Content,
    *,
    channel: Channel,
    sender: str | None = None,
    account: str = "default",
    options: Options | None = None,
    client_ref: str = "",
    idempotency_key: str = "",
    related: Model | None = None,
    created_by: AbstractBaseUser | None = None,
    failover: Sequence[Failover] = (),
) -> Message: ...
@overload
def queue_message(
    to: _Recipient,
    content: _Text,
    *,
    channel: _Sms = "sms",
    sender: str | None = None,
    account: str = "default",
    options: SmsOptions | None = None,
    client_ref: str = "",
    idempotency_key: str = "",
    related: Model | None = None,
    created_by: AbstractBaseUser | None = None,
    send_at: datetime | None = None,
    expires_at: datetime | None = None,
    failover: Sequence[Failover] = (),
) -> Message: ...
@overload
def queue_message(
    to: _Recipient,
    content: _MmsContent,
    *,
    channel: _Mms,
    sender: str | None = None,
    account: str = "default",
    options: MmsOptions | None = None,
    client_ref: str = "",
    idempotency_key: str = "",
    related: Model | None = None,
    created_by: AbstractBaseUser | None = None,
    send_at: datetime | None = None,
    expires_at: datetime | None = None,
    failover: Sequence[Failover] = (),
) -> Message: ...
@overload
def queue_message(
    to: _Recipient,
    content: _WhatsAppContent,
    *,
    channel: _WhatsApp,
    sender: str | None = None,
    account: str = "default",
    options: WhatsAppOptions | None = None,
    client_ref: str = "",
    idempotency_key: str = "",
    related: Model | None = None,
    created_by: AbstractBaseUser | None = None,
    send_at: datetime | None = None,
    expires_at: datetime | None = None,
    failover: Sequence[Failover] = (),
) -> Message: ...
@overload
def queue_message(
    to: _Recipient,
    content: _ViberContent,
    *,
    channel: _Viber,
    sender: str | None = None,
    account: str = "default",
    options: ViberOptions | None = None,
    client_ref: str = "",
    idempotency_key: str = "",
    related: Model | None = None,
    created_by: AbstractBaseUser | None = None,
    send_at: datetime | None = None,
    expires_at: datetime | None = None,
    failover: Sequence[Failover] = (),
) -> Message: ...
@overload
def queue_message(
    to: _Recipient,
    content: _MessengerContent,
    *,
    channel: _Messenger,
    sender: str | None = None,
    account: str = "default",
    options: MessengerOptions | None = None,
    client_ref: str = "",
    idempotency_key: str = "",
    related: Model | None = None,
    created_by: AbstractBaseUser | None = None,
    send_at: datetime | None = None,
    expires_at: datetime | None = None,
    failover: Sequence[Failover] = (),
) -> Message: ...
@overload
def queue_message(
    to: _Recipient,
    content: _RcsContent,
    *,
    channel: _Rcs,
    sender: str | None = None,
    account: str = "default",
    options: RcsOptions | None = None,
    client_ref: str = "",
    idempotency_key: str = "",
    related: Model | None = None,
    created_by: AbstractBaseUser | None = None,
    send_at: datetime | None = None,
    expires_at: datetime | None = None,
    failover: Sequence[Failover] = (),
) -> Message: ...
@overload
def queue_message(
    to: _Recipient,
    content: _Text | Content,
    *,
    channel: Channel,
    sender: str | None = None,
    account: str = "default",
    options: Options | None = None,
    client_ref: str = "",
    idempotency_key: str = "",
    related: Model | None = None,
    created_by: AbstractBaseUser | None = None,
    send_at: datetime | None = None,
    expires_at: datetime | None = None,
    failover: Sequence[Failover] = (),
) -> Message: ...
