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
from django.utils.translation import gettext, ngettext

from django_vonage_messages.admin.content_labels import kind_of
from django_vonage_messages.admin.content_parts import (
    Part,
    cards_of,
    files_of,
    taps_of,
    words_beside,
)
from django_vonage_messages.admin.external_links import Link, map_link
from django_vonage_messages.admin.objects import contact_lines, order_lines
from django_vonage_messages.admin.rendering import show_json
from django_vonage_messages.admin.status_text import moment, sentence
from django_vonage_messages.models import Message
from django_vonage_messages.protocol.content_summary import MEDIA_TYPES
from django_vonage_messages.protocol.webhook_payloads import read_object, read_text

KEPT_FOR: Final = timedelta(hours=48)
"""How long Vonage keeps a customer's file (the v0.1 OpenAPI document, ``image.url``)."""

_OBJECTS: Final = frozenset({"custom", "contacts", "order"})
_SEVERAL: Final = "content"
_TEMPLATE: Final = "admin/vonage_messages/includes/content.html"


@dataclass(frozen=True)
class Listed:
    """Lines under a name; their order says something where ``is_numbered``."""

    name: str
    lines: list[str]
    is_numbered: bool = False


@dataclass(frozen=True)
class Content:
    """The parts of what one message says; those that are empty are not shown.

    ``words``, the values of ``facts`` and the lines of ``lists`` were written by others.
    ``pressed`` stands on a button, ``taps`` on those that the customer can tap. ``unknown`` is a
    content type that this version does not know, ``raw`` an object's JSON. ``instead`` is said
    where there is nothing to read or to open, ``note`` beside what there is.
    """

    kind: str = ""
    words: str = ""
    pressed: str = ""
    unknown: str = ""
    links: list[Link] = field(default_factory=list)
    facts: list[tuple[str, str]] = field(default_factory=list)
    lists: list[Listed] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    taps: list[str] = field(default_factory=list)
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
    parts = files_of(message)
    return Content(words=message.text, parts=parts, taps=taps_of(message.options), instead=instead)


def _media(message: Message) -> Content:
    kind, files = kind_of(message.content_type), files_of(message)
    note = _kept_until(message, len(files))
    if len(files) > 1:
        words = words_beside(message, files)
        return Content(kind_of(_SEVERAL), words, parts=files, note=note)
    links = [file.link for file in files if file.link]
    if not links:
        return Content(kind, message.text, instead=gettext("Its address cannot be opened."))
    return Content(kind, message.text, links=links, note=note)


def _sticker(message: Message) -> Content:
    """One of Vonage's own stickers has an id in place of an address."""
    content = _media(message)
    name = read_text(read_object(message.content, "sticker"), "id")
    if content.links or not name:
        return content
    return Content(content.kind, facts=[(gettext("Sticker ID"), name)])


def _cards(message: Message) -> Content:
    cards = cards_of(message)
    return Content(kind_of(message.content_type), words_beside(message, cards), parts=cards)


def _kept_until(message: Message, count: int) -> str:
    """How long a customer's files are there, by the earlier of Vonage's clock and ours."""
    if not message.is_inbound:
        return ""
    end = min(message.created_at, message.occurred_at or message.created_at) + KEPT_FOR
    if end < timezone.now():
        return ngettext(
            "Vonage keeps files for 48 hours: this one may be gone.",
            "Vonage keeps files for 48 hours: these may be gone.",
            count,
        )
    words = ngettext(
        "Vonage keeps this file until %(moment)s",
        "Vonage keeps these files until %(moment)s",
        count,
    )
    return sentence(words % {"moment": moment(end)})


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
    described = read_text(read_object(message.content, "reply"), "description")
    return Content(
        kind_of(message.content_type),
        message.text,
        facts=_given((gettext("Description"), described)),
        instead=instead,
    )


def _reaction(message: Message) -> Content:
    instead = "" if message.text else gettext("Took a reaction back.")
    return Content(kind_of(message.content_type), message.text, instead=instead)


def _template(message: Message) -> Content:
    template = read_object(message.content, "template")
    given = template.get("parameters")
    parameters = [str(each) for each in given] if isinstance(given, list) else []
    return Content(
        kind=kind_of(message.content_type),
        facts=_given(
            (gettext("Name"), read_text(template, "name")),
            (gettext("Language"), read_text(template, "locale")),
        ),
        lists=_listed(gettext("Filled in, in this order"), parameters, is_numbered=True),
        note=gettext("The customer sees the template’s approved words, which are not kept here."),
    )


def _unsupported(message: Message) -> Content:
    instead = gettext(
        "The customer sent something that Vonage cannot pass on. Ask them to write it as text."
    )
    return Content(words=message.text, instead=instead)


def _custom(message: Message, *, full: bool) -> Content:
    lists = _lines(message, full=full)
    words = read_text(read_object(message.content, "order"), "text")
    own_form = not lists and not words
    return Content(
        kind=kind_of(message.content_type),
        words=words,
        lists=lists,
        raw=show_json(_object_of(message), full=full),
        note=gettext("It is an object in the provider’s own form.") if own_form else "",
    )


def _lines(message: Message, *, full: bool) -> list[Listed]:
    if message.content_type == "order":
        return _listed(gettext("Ordered"), order_lines(message))
    if message.content_type == "contacts":
        return _listed(gettext("Sent the contacts of"), contact_lines(message, full=full))
    return []


def _object_of(message: Message) -> object:
    """Return what is shown of an object; what is none is shown with its name above it."""
    held = message.content.get(message.content_type)
    return held if isinstance(held, dict) else message.content


def _unknown(message: Message, *, full: bool) -> Content:
    raw = show_json(message.content, full=full) if message.content else None
    return Content(unknown=message.content_type, words=message.text, raw=raw)


def _listed(name: str, lines: list[str], *, is_numbered: bool = False) -> list[Listed]:
    return [Listed(name, lines, is_numbered)] if lines else []


def _given(*facts: tuple[str, str]) -> list[tuple[str, str]]:
    return [fact for fact in facts if fact[1]]


_READERS: Final[Mapping[str, Callable[[Message], Content]]] = {
    "text": _text,
    **dict.fromkeys((*MEDIA_TYPES, _SEVERAL), _media),
    "sticker": _sticker,
    **dict.fromkeys(("card", "carousel"), _cards),
    "location": _location,
    "button": _button,
    "reply": _reply,
    "reaction": _reaction,
    "template": _template,
    "unsupported": _unsupported,
}
