"""The Failover class: a message to send if another message is rejected."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

from django_vonage_messages.content import Content
from django_vonage_messages.options import Options

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise
    from phonenumbers import PhoneNumber

    from django_vonage_messages.models.choices import ChannelName


# For example, a PhoneNumber of django-phonenumber-field.
class HasE164(Protocol):
    """Phone number with ``as_e164``."""

    @property
    def as_e164(self) -> str: ...


@dataclass(frozen=True)
class Failover:
    """A message that is sent if the message before it is ``rejected``.

    The arguments have the same meaning as in ``send_message()``. If ``to`` is None, the recipient
    of the first message is used. Set ``to`` if the customer has another address on this channel.
    """

    content: "str | _StrPromise | Content"
    channel: "ChannelName | Literal['viber_service', 'viber_service_msg']" = "sms"
    to: "str | PhoneNumber | HasE164 | None" = None
    sender: str | None = None
    options: Options | None = None
    client_ref: str = ""

    def __repr__(self) -> str:
        return f"Failover(…, channel={self.channel!r})"
