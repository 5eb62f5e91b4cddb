"""Channel options: one frozen dataclass per channel.

Options with the value None are not sent. Vonage then uses its default. The channels page of the
documentation has a table of the options on each API version. Every class also has these keyword
arguments. API v0.1 supports only ``extra``:

- ``webhook_url``: URL for this message's status webhooks, instead of the URL in your Vonage
  application.
- ``webhook_version``: API version of this message's status webhooks, ``v0.1`` or ``v1``. RCS does
  not support this option.
- ``trusted_recipient``: True exempts the message from Vonage's Fraud Defender.
- ``extra``: dict to add to the JSON of the request. ``extra`` cannot replace members of the
  request.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from types import MappingProxyType
from typing import Any, ClassVar, Final, Literal, Self

from django_vonage_messages.content.base import freeze_list
from django_vonage_messages.content.suggestions import Suggestion, load_suggestion


# Sources: the v1 OpenAPI document; for ``trusted_recipient``, Vonage's own libraries.
@dataclass(frozen=True)
class _Options:
    webhook_url: str | None = field(default=None, kw_only=True, repr=False)
    webhook_version: Literal["v0.1", "v1"] | None = field(default=None, kw_only=True)
    trusted_recipient: bool | None = field(default=None, kw_only=True)
    extra: Mapping[str, Any] | None = field(default=None, kw_only=True, repr=False)
    channel: ClassVar[str]

    def as_json(self) -> dict[str, Any]:
        values = {each.name: getattr(self, each.name) for each in fields(self)}
        return {name: value for name, value in values.items() if value is not None}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        return cls(**data)


@dataclass(frozen=True)
class SmsOptions(_Options):
    """Options of SMS.

    ``ttl`` is in seconds. Vonage's default ``ttl`` is 72 hours. Vonage's default ``encoding_type``
    is ``auto``. Some countries require ``content_id`` and ``entity_id``. ``pool_id`` identifies a
    pool of sender numbers.
    """

    # Sources: the v1 OpenAPI document; for ``pool_id``, Vonage's Python and Java libraries.

    ttl: int | None = None
    encoding_type: Literal["text", "unicode", "auto"] | None = None
    content_id: str | None = None
    entity_id: str | None = None
    pool_id: str | None = None
    channel: ClassVar[str] = "sms"


@dataclass(frozen=True)
class MmsOptions(_Options):
    """Options of MMS. ``ttl`` is in seconds, 300 to 259200 (three days)."""

    ttl: int | None = None
    channel: ClassVar[str] = "mms"


@dataclass(frozen=True)
class WhatsAppOptions(_Options):
    """Options of WhatsApp. ``context`` is the UUID of the message to quote or to react to."""

    context: str | None = None
    channel: ClassVar[str] = "whatsapp"


@dataclass(frozen=True)
class ViberAction:
    """Button under a Viber message. The button opens ``url``. ``text`` has up to 30 characters."""

    url: str
    text: str

    def __repr__(self) -> str:
        return "ViberAction(…)"


@dataclass(frozen=True)
class ViberOptions(_Options):
    """Options of Viber.

    ``ttl`` is in seconds, 30 to 259200 (three days). After this time, Viber drops the message.
    Vonage's default ``category`` is ``transaction``. ``type`` is Viber's name for the kind of
    message, such as ``template``. On v1, a Video requires ``duration`` and ``file_size``.
    ``duration`` is in seconds, 1 to 600. ``file_size`` is in megabytes, 1 to 200.
    """

    # Source: the OpenAPI documents, ``viber_service_msg`` on v0.1 and ``viber_service`` on v1.

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
    """Options of Messenger.

    Vonage's default ``category`` is ``response``. The category ``message_tag`` requires a ``tag``,
    such as ``CONFIRMED_EVENT_UPDATE``.
    """

    # Source: the v0.1 OpenAPI document, ``messenger``.

    category: Literal["response", "update", "message_tag"] | None = None
    tag: str | None = None
    channel: ClassVar[str] = "messenger"


@dataclass(frozen=True)
class RcsOptions(_Options):
    """Options of RCS.

    ``ttl`` is in seconds, 300 to 2592000 (thirty days). ``suggestions`` are buttons under a Text.
    ``card_orientation`` is for a Card. ``image_alignment`` is for a Card with the orientation
    ``HORIZONTAL``. ``card_width`` is for a Carousel.
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
    """Convert a dict from ``Message.options`` to an options object.

    Return None for an empty dict.
    """
    return OPTIONS_CLASSES[channel].from_json(data) if data else None
