"""Messages to try if the one before is rejected."""

from dataclasses import dataclass

from django_vonage_messages.content import Content
from django_vonage_messages.options import Options


@dataclass(frozen=True)
class Failover:
    """A message to try if the one before it is ``rejected``.

    Its fields are the arguments of ``send_message``. ``to`` is the recipient of the first message
    where it is None: give it where the channel has another address for the same customer.
    """

    content: str | Content
    channel: str = "sms"
    to: str | None = None
    sender: str | None = None
    options: Options | None = None
    client_ref: str = ""

    def __repr__(self) -> str:
        return f"Failover(…, channel={self.channel!r})"
