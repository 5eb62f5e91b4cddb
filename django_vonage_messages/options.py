"""Options of a single channel: one frozen dataclass per channel.

An option of None is not sent, so that Vonage's default applies. The channels page of the
documentation has a table of the options on each API version. Every class also takes, on API v1 only
and by keyword:

- ``webhook_url``: where this message's statuses go, instead of to the application's URL;
- ``webhook_version``: the form of those statuses, ``v0.1`` or ``v1`` (not on RCS);
- ``trusted_recipient``: True lets it pass the checks of Fraud Defender;
- ``extra``: a dict of members that the API has and this package does not know yet. It is merged
  into the request's body as it is, and can add to that, but change nothing in it.

(Source: the v1 OpenAPI document; ``trusted_recipient`` is newer, from Vonage's own libraries.)
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from types import MappingProxyType
from typing import Any, ClassVar, Final, Literal, Self

from django_vonage_messages.content.base import freeze_list
from django_vonage_messages.content.suggestions import Suggestion, load_suggestion


@dataclass(frozen=True)
class _Options:
    webhook_url: str | None = field(default=None, kw_only=True, repr=False)
    webhook_version: Literal["v0.1", "v1"] | None = field(default=None, kw_only=True)
    trusted_recipient: bool | None = field(default=None, kw_only=True)
    extra: Mapping[str, Any] | None = field(default=None, kw_only=True, repr=False)
    channel: ClassVar[str]

    def as_json(self) -> dict[str, Any]:
        """Return the options that are given, by the API's names."""
        values = {each.name: getattr(self, each.name) for each in fields(self)}
        return {name: value for name, value in values.items() if value is not None}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Return the options that ``as_json()`` described."""
        return cls(**data)


@dataclass(frozen=True)
class SmsOptions(_Options):
    """``ttl`` is in seconds (Vonage's default is 72 hours). ``encoding_type`` is ``auto`` by
    default. ``content_id`` and ``entity_id`` are what some countries' rules ask for; ``pool_id`` is
    a pool of numbers to send from. (Source: the v1 OpenAPI document; ``pool_id``: Vonage's .NET
    library, which sends it beside ``text``.)
    """

    ttl: int | None = None
    encoding_type: Literal["text", "unicode", "auto"] | None = None
    content_id: str | None = None
    entity_id: str | None = None
    pool_id: str | None = None
    channel: ClassVar[str] = "sms"


@dataclass(frozen=True)
class MmsOptions(_Options):
    """``ttl`` is in seconds, 300 to 259200 (three days)."""

    ttl: int | None = None
    channel: ClassVar[str] = "mms"


@dataclass(frozen=True)
class WhatsAppOptions(_Options):
    """``context`` is the ``message_uuid`` of the message that this one answers or reacts to."""

    context: str | None = None
    channel: ClassVar[str] = "whatsapp"


@dataclass(frozen=True)
class ViberAction:
    """A button under a Viber message: its ``text``, up to 30 characters, and where it leads."""

    url: str
    text: str

    def __repr__(self) -> str:
        return "ViberAction(…)"


@dataclass(frozen=True)
class ViberOptions(_Options):
    """``ttl`` is in seconds, 30 to 259200 (three days): what has not arrived by then is dropped.

    ``category`` is ``transaction`` by Vonage's default. ``type`` is Viber's own word for the kind
    of message, such as ``template``. Of a Video on v1, Viber must know the ``duration`` in seconds,
    1 to 600, and the ``file_size`` in megabytes, 1 to 200. (Source: the OpenAPI documents,
    ``viber_service_msg`` on v0.1 and ``viber_service`` on v1.)
    """

    category: Literal["transaction", "promotion"] | None = None
    ttl: int | None = None
    type: str | None = None
    action: ViberAction | None = None
    duration: int | None = None
    file_size: int | None = None
    channel: ClassVar[str] = "viber"

    def as_json(self) -> dict[str, Any]:
        action = {"action": asdict(self.action)} if self.action else {}
        return super().as_json() | action

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        action = {"action": ViberAction(**data["action"])} if "action" in data else {}
        return cls(**{**data, **action})


@dataclass(frozen=True)
class MessengerOptions(_Options):
    """``category`` is ``response`` by Vonage's default; ``message_tag`` needs a ``tag``, such as
    ``CONFIRMED_EVENT_UPDATE``. (Source: the v0.1 OpenAPI document, ``messenger``.)
    """

    category: Literal["response", "update", "message_tag"] | None = None
    tag: str | None = None
    channel: ClassVar[str] = "messenger"


@dataclass(frozen=True)
class RcsOptions(_Options):
    """``ttl`` is in seconds, 300 to 2592000 (thirty days). ``suggestions`` are chips under a text.

    ``card_orientation`` and, on a horizontal card, ``image_alignment`` belong to a Card,
    ``card_width`` to a Carousel.
    """

    ttl: int | None = None
    category: (
        Literal["authentication", "transaction", "promotion", "service-request", "acknowledgement"]
        | None
    ) = None
    suggestions: Sequence[Suggestion] | None = None
    card_orientation: Literal["VERTICAL", "HORIZONTAL"] | None = None
    image_alignment: Literal["LEFT", "RIGHT"] | None = None
    card_width: Literal["SMALL", "MEDIUM"] | None = None
    channel: ClassVar[str] = "rcs"

    def __post_init__(self) -> None:
        freeze_list(self, "suggestions")

    def as_json(self) -> dict[str, Any]:
        data = super().as_json()
        if self.suggestions is not None:
            data["suggestions"] = [each.as_json() for each in self.suggestions]
        return data

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        suggestions = data.get("suggestions")
        if suggestions is not None:
            suggestions = tuple(map(load_suggestion, suggestions))
        return cls(**{**data, "suggestions": suggestions})


Options = SmsOptions | MmsOptions | WhatsAppOptions | ViberOptions | MessengerOptions | RcsOptions

OPTIONS_CLASSES: Final[Mapping[str, type[Options]]] = MappingProxyType(
    {
        cls.channel: cls
        for cls in (
            SmsOptions,
            MmsOptions,
            WhatsAppOptions,
            ViberOptions,
            MessengerOptions,
            RcsOptions,
        )
    }
)


def load_options(channel: str, data: Mapping[str, Any]) -> Options | None:
    """Return the options of a message that was sent, from the column that keeps them."""
    return OPTIONS_CLASSES[channel].from_json(data) if data else None
