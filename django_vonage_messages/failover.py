"""Messages to try if the one before is rejected."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

from django_vonage_messages.content import Content
from django_vonage_messages.options import Options

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise
    from phonenumbers import PhoneNumber

    from django_vonage_messages.models.choices import ChannelName


class HasE164(Protocol):
    """A phone number such as those of django-phonenumber-field."""

    @property
    def as_e164(self) -> str: ...


@dataclass(frozen=True)
class Failover:
    """A message to try if the one before it is ``rejected``.

    Its fields are the arguments of ``send_message``. ``to`` is the recipient of the first message
    where it is None: give it where the channel has another address for the same customer.
    """

    content: "str | _StrPromise | Content"
    channel: "ChannelName | Literal['viber_service', 'viber_service_msg']" = "sms"
    to: "str | PhoneNumber | HasE164 | None" = None
    sender: str | None = None
    options: Options | None = None
    client_ref: str = ""

    def __repr__(self) -> str:
        return f"Failover(…, channel={self.channel!r})"
