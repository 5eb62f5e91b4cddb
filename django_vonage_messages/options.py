"""What only one channel knows: one frozen dataclass for each channel that has options.

What is None is not sent, and Vonage's own default holds.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from types import MappingProxyType
from typing import Any, ClassVar, Final, Literal


@dataclass(frozen=True)
class _Options:
    channel: ClassVar[str]

    def as_json(self) -> dict[str, Any]:
        """Return the options that are given, by the API's names."""
        return {name: value for name, value in asdict(self).items() if value is not None}


@dataclass(frozen=True)
class ViberOptions(_Options):
    """``ttl`` is in seconds, 30 to 259200 (three days): what has not arrived by then is dropped.

    ``category`` is ``transaction`` by Vonage's default. ``type`` is Viber's own word for the kind
    of message, such as ``template``. (Source: the v0.1 OpenAPI document, ``viber_service_msg``.)
    """

    category: Literal["transaction", "promotion"] | None = None
    ttl: int | None = None
    type: str | None = None
    channel: ClassVar[str] = "viber"


@dataclass(frozen=True)
class MessengerOptions(_Options):
    """``category`` is ``response`` by Vonage's default; ``message_tag`` needs a ``tag``, such as
    ``CONFIRMED_EVENT_UPDATE``. (Source: the v0.1 OpenAPI document, ``messenger``.)
    """

    category: Literal["response", "update", "message_tag"] | None = None
    tag: str | None = None
    channel: ClassVar[str] = "messenger"


Options = ViberOptions | MessengerOptions

OPTIONS_CLASSES: Final[Mapping[str, type[Options]]] = MappingProxyType(
    {options_class.channel: options_class for options_class in (ViberOptions, MessengerOptions)}
)


def load_options(channel: str, data: Mapping[str, Any]) -> Options | None:
    """Return the options of a message that was sent, from the column that keeps them."""
    return OPTIONS_CLASSES[channel](**data) if data else None
