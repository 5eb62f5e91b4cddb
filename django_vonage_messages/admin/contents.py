"""What a message says, for its pages: every kind of content in words.

Nothing of it is loaded or run by the page. What others wrote is text, and what is elsewhere is a
link that somebody has to follow.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from django_vonage_messages.admin.elsewhere import Link, map_link, media_link
from django_vonage_messages.admin.kinds import kind_of
from django_vonage_messages.admin.rendering import show_json
from django_vonage_messages.admin.words import moment, sentence
from django_vonage_messages.models import Message
from django_vonage_messages.protocol.readable import MEDIA_TYPES
from django_vonage_messages.protocol.webhooks import read_object, read_text

KEPT_FOR: Final = timedelta(hours=48)
"""How long Vonage keeps a customer's file (the v0.1 OpenAPI document, ``image.url``)."""

_OBJECTS: Final = frozenset({"custom", "contacts", "order"})
_TEMPLATE: Final = "admin/vonage_messages/includes/content.html"


@dataclass(frozen=True)
class Content:
    """The parts of what one message says; those that are empty are not shown.

    ``words`` and the values of ``facts`` were written by others. ``pressed`` stands on a button,
    ``unknown`` is a content type that this version does not know, ``raw`` an object's JSON.
    ``instead`` is said where there is nothing to read or to open, ``note`` beside what there is.
    """

    kind: str = ""
    words: str = ""
    pressed: str = ""
    unknown: str = ""
    links: list[Link] = field(default_factory=list)
    facts: list[tuple[str, str]] = field(default_factory=list)
    parameters: list[str] = field(default_factory=list)
    raw: SafeString | None = None
    instead: str = ""
    note: str = ""


def content_of(message: Message, *, full: bool) -> Content:
    """Return what a message says. ``full`` leaves numbers in objects of others as they are."""
    if is_gone(message):
        instead = gettext("What it said is no longer kept here.")
        return Content(kind=kind_of(message.content_type), instead=instead)
    if reader := _READERS.get(message.content_type):
        return reader(message)
    if message.content_type in _OBJECTS:
        return _custom(message, full=full)
    return _unknown(message, full=full)


def show_content(message: Message, *, full: bool) -> SafeString:
    """Return what a message says as HTML, for a page that is not a template of ours."""
    return render_to_string(_TEMPLATE, {"content": content_of(message, full=full)})


def is_gone(message: Message) -> bool:
    """Whether what a message said has been pruned."""
    return not (message.text or message.content or message.payload)


def _text(message: Message) -> Content:
    instead = "" if message.text.strip() else gettext("There are no words in it.")
    return Content(words=message.text, links=_links(message), instead=instead)


def _media(message: Message) -> Content:
    kind, words = kind_of(message.content_type), message.text
    links = _links(message)
    if not links:
        return Content(kind, words, instead=gettext("Its address cannot be opened."))
    return Content(kind, words, links=links, note=_kept_until(message))


def _cards(message: Message) -> Content:
    return Content(kind_of(message.content_type), message.text, links=_links(message))


def _links(message: Message) -> list[Link]:
    return [media_link(media) for media in message.media]


def _kept_until(message: Message) -> str:
    """How long a customer's file is there, by the earlier of Vonage's clock and ours."""
    if not message.is_inbound:
        return ""
    end = min(message.created_at, message.occurred_at or message.created_at) + KEPT_FOR
    if end < timezone.now():
        return gettext("Vonage keeps files for 48 hours: this one may be gone.")
    return sentence(gettext("Vonage keeps this file until %(moment)s") % {"moment": moment(end)})


def _location(message: Message) -> Content:
    kind, place = kind_of(message.content_type), message.place
    if place is None:
        told = read_object(message.content, "location")
        words = _given(
            (gettext("Name"), read_text(told, "name")),
            (gettext("Address"), read_text(told, "address")),
        )
        return Content(kind, facts=words, instead=gettext("Its coordinates are none on any map."))
    facts = _given(
        (gettext("Name"), place.name),
        (gettext("Address"), place.address),
        (gettext("Coordinates"), f"{place.latitude}, {place.longitude}"),
    )
    return Content(kind, links=[map_link(place)], facts=facts)


def _button(message: Message) -> Content:
    if message.text:
        return Content(pressed=message.text)
    return Content(instead=gettext("Pressed a button. What stands on it did not come along."))


def _reply(message: Message) -> Content:
    instead = "" if message.text else gettext("Chose an answer. Its words did not come along.")
    return Content(kind_of(message.content_type), message.text, instead=instead)


def _reaction(message: Message) -> Content:
    instead = "" if message.text else gettext("Took a reaction back.")
    return Content(kind_of(message.content_type), message.text, instead=instead)


def _template(message: Message) -> Content:
    template = read_object(message.content, "template")
    parameters = template.get("parameters")
    return Content(
        kind=kind_of(message.content_type),
        facts=_given(
            (gettext("Name"), read_text(template, "name")),
            (gettext("Language"), read_text(template, "locale")),
        ),
        parameters=[str(each) for each in parameters] if isinstance(parameters, list) else [],
        note=gettext("The customer sees the template’s approved words, which are not kept here."),
    )


def _unsupported(message: Message) -> Content:
    instead = gettext(
        "The customer sent something that Vonage cannot pass on. Ask them to write it as text."
    )
    return Content(words=message.text, instead=instead)


def _custom(message: Message, *, full: bool) -> Content:
    return Content(
        kind=kind_of(message.content_type),
        raw=show_json(_object_of(message), full=full),
        note=gettext("It is an object in the provider’s own form."),
    )


def _object_of(message: Message) -> object:
    """Return what is shown of an object; what is none is shown with its name above it."""
    held = message.content.get(message.content_type)
    return held if isinstance(held, dict) else message.content


def _unknown(message: Message, *, full: bool) -> Content:
    raw = show_json(message.content, full=full) if message.content else None
    return Content(unknown=message.content_type, words=message.text, raw=raw)


def _given(*facts: tuple[str, str]) -> list[tuple[str, str]]:
    return [fact for fact in facts if fact[1]]


_READERS: Final[Mapping[str, Callable[[Message], Content]]] = {
    "text": _text,
    **dict.fromkeys((*MEDIA_TYPES, "content"), _media),
    **dict.fromkeys(("card", "carousel"), _cards),
    "location": _location,
    "button": _button,
    "reply": _reply,
    "reaction": _reaction,
    "template": _template,
    "unsupported": _unsupported,
}
