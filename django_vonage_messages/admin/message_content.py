"""Display of the content of messages, for every content type."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from django_vonage_messages.admin.content_labels import content_label, show_json
from django_vonage_messages.admin.content_parts import (
    ContentPart,
    ExternalLink,
    buttons_of,
    cards_of,
    contact_lines,
    expiry_note,
    files_of,
    order_lines,
    place_links,
    text_beside,
)
from django_vonage_messages.models import Message
from django_vonage_messages.protocol.content_summary import MEDIA_TYPES
from django_vonage_messages.protocol.webhook_payloads import read_object, read_text

_PROVIDER_PAYLOADS: Final = frozenset({"custom", "contacts", "order"})
_SEVERAL_FILES: Final = "content"
_TEMPLATE: Final = "admin/vonage_messages/includes/content.html"


@dataclass(frozen=True)
class ContentList:
    """A list of lines with a heading."""

    name: str  # the heading
    lines: list[str]
    is_numbered: bool = False  # True if the order of the lines matters


@dataclass(frozen=True)
class MessageContent:
    """Content of a message, prepared for the template."""

    label: str = ""
    text: str = ""
    pressed_button: str = ""  # the label of the button
    unknown_type: str = ""  # a content type that this package does not know
    links: list[ExternalLink] = field(default_factory=list)
    details: list[tuple[str, str]] = field(default_factory=list)  # label and value
    lists: list[ContentList] = field(default_factory=list)
    parts: list[ContentPart] = field(default_factory=list)
    buttons: list[str] = field(default_factory=list)  # labels
    raw: SafeString | None = None  # JSON as HTML
    placeholder: str = ""  # replaces missing content
    note: str = ""


def content_of(message: Message, *, full: bool) -> MessageContent:
    """Return the content of a message for display."""
    if is_pruned(message):
        return MessageContent(
            label=content_label(message.content_type),
            placeholder=gettext("The content is no longer stored."),
        )
    if read := _READERS.get(message.content_type):
        return read(message)
    if message.content_type in _PROVIDER_PAYLOADS:
        return _provider_payload(message, full=full)
    return _unknown(message, full=full)


def show_content(message: Message, *, full: bool) -> SafeString:
    return render_to_string(_TEMPLATE, {"content": content_of(message, full=full)})


def is_pruned(message: Message) -> bool:
    """Return whether ``vonage_prune`` has deleted the content of the message."""
    return not (message.text or message.content or message.payload)


def _text(message: Message) -> MessageContent:
    return MessageContent(
        text=message.text,
        parts=files_of(message),
        buttons=buttons_of(message.options),
        placeholder="" if message.text.strip() else gettext("No text."),
    )


def _media(message: Message) -> MessageContent:
    label, files = content_label(message.content_type), files_of(message)
    note = expiry_note(message, len(files))
    if len(files) > 1:
        text = text_beside(message, files)
        return MessageContent(content_label(_SEVERAL_FILES), text, parts=files, note=note)
    links = [file.link for file in files if file.link]
    if not links:
        placeholder = gettext("The file has no valid link.")
        return MessageContent(label, message.text, placeholder=placeholder)
    return MessageContent(label, message.text, links=links, note=note)


def _sticker(message: Message) -> MessageContent:
    content = _media(message)
    sticker_id = read_text(read_object(message.content, "sticker"), "id")
    if content.links or not sticker_id:
        return content
    return MessageContent(content.label, details=[(gettext("Sticker ID"), sticker_id)])


def _cards(message: Message) -> MessageContent:
    cards = cards_of(message)
    label = content_label(message.content_type)
    return MessageContent(label, text_beside(message, cards), parts=cards)


def _location(message: Message) -> MessageContent:
    label, place = content_label(message.content_type), message.place
    if place is None:
        location = read_object(message.content, "location")
        details = _without_empty(
            (gettext("Name"), read_text(location, "name")),
            (gettext("Address"), read_text(location, "address")),
        )
        placeholder = gettext("Invalid coordinates.")
        return MessageContent(label, details=details, placeholder=placeholder)
    details = _without_empty(
        (gettext("Name"), place.name),
        (gettext("Address"), place.address),
        (gettext("Coordinates"), f"{place.latitude}, {place.longitude}"),
    )
    return MessageContent(label, links=place_links(place), details=details)


def _button(message: Message) -> MessageContent:
    if message.text:
        return MessageContent(pressed_button=message.text)
    placeholder = gettext("The customer pressed a button. Vonage did not send the button’s label.")
    return MessageContent(placeholder=placeholder)


def _reply(message: Message) -> MessageContent:
    missing = gettext("The customer selected an option. Vonage did not send the option’s text.")
    description = read_text(read_object(message.content, "reply"), "description")
    return MessageContent(
        content_label(message.content_type),
        message.text,
        details=_without_empty((gettext("Description"), description)),
        placeholder="" if message.text else missing,
    )


def _reaction(message: Message) -> MessageContent:
    placeholder = "" if message.text else gettext("A reaction was removed.")
    label = content_label(message.content_type)
    return MessageContent(label, message.text, placeholder=placeholder)


def _template(message: Message) -> MessageContent:
    template = read_object(message.content, "template")
    values = template.get("parameters")
    parameters = [str(value) for value in values] if isinstance(values, list) else []
    return MessageContent(
        label=content_label(message.content_type),
        details=_without_empty(
            (gettext("Name"), read_text(template, "name")),
            (gettext("Language"), read_text(template, "locale")),
        ),
        lists=_lists(gettext("Values"), parameters, is_numbered=True),
        note=gettext("The customer sees the template’s approved text, which is not stored here."),
    )


def _unsupported(message: Message) -> MessageContent:
    placeholder = gettext(
        "Vonage does not support this kind of message. Ask the customer to send text instead."
    )
    return MessageContent(text=message.text, placeholder=placeholder)


def _provider_payload(message: Message, *, full: bool) -> MessageContent:
    lists = _object_lists(message, full=full)
    text = read_text(read_object(message.content, "order"), "text")
    value = message.content.get(message.content_type)
    note = "" if lists or text else gettext("Data in the format of the channel’s provider.")
    return MessageContent(
        label=content_label(message.content_type),
        text=text,
        lists=lists,
        # The label names the key of a dict. Any other value is shown together with its key.
        raw=show_json(value if isinstance(value, dict) else message.content, full=full),
        note=note,
    )


def _object_lists(message: Message, *, full: bool) -> list[ContentList]:
    if message.content_type == "order":
        return _lists(gettext("Products"), order_lines(message))
    if message.content_type == "contacts":
        return _lists(gettext("Names"), contact_lines(message, full=full))
    return []


def _unknown(message: Message, *, full: bool) -> MessageContent:
    raw = show_json(message.content, full=full) if message.content else None
    return MessageContent(unknown_type=message.content_type, text=message.text, raw=raw)


def _lists(name: str, lines: list[str], *, is_numbered: bool = False) -> list[ContentList]:
    return [ContentList(name, lines, is_numbered)] if lines else []


def _without_empty(*details: tuple[str, str]) -> list[tuple[str, str]]:
    return [detail for detail in details if detail[1]]


_READERS: Final[Mapping[str, Callable[[Message], MessageContent]]] = {
    "text": _text,
    **dict.fromkeys((*MEDIA_TYPES, _SEVERAL_FILES), _media),
    "sticker": _sticker,
    **dict.fromkeys(("card", "carousel"), _cards),
    "location": _location,
    "button": _button,
    "reply": _reply,
    "reaction": _reaction,
    "template": _template,
    "unsupported": _unsupported,
}
