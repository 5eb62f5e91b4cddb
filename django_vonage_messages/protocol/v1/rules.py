"""What v1 demands of the contents that only it carries."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from django_vonage_messages.content import Card
from django_vonage_messages.content.files import ATTACHMENT_CLASSES
from django_vonage_messages.protocol.rules import MediaRule, is_one_of, url_problems
from django_vonage_messages.protocol.v1.suggestions import SuggestionsRule

MEDIA_HEIGHTS: Final = ("", "SHORT", "MEDIUM", "TALL")
TITLE_LENGTH: Final = 200
DESCRIPTION_LENGTH: Final = 2000
FEWEST_CARDS, MOST_CARDS = 2, 10
CARD_SUGGESTIONS: Final = 4


@dataclass(frozen=True)
class AttachmentsRule:
    """Files, each of which is right by itself."""

    each: MediaRule

    def __str__(self) -> str:
        return f"files: {self.each}"

    def problems(self, content: Any) -> Iterator[str]:
        if not isinstance(content.files, tuple) or not content.files:
            yield "The files must be a list that is not empty."
            return
        for number, file in enumerate(content.files, start=1):
            for problem in self._problems_of(file):
                yield f"File {number}: {problem}"

    def _problems_of(self, file: Any) -> Iterator[str]:
        if type(file) not in ATTACHMENT_CLASSES.values():
            yield "This must be an Image, Audio, Video, File or VCard."
        else:
            yield from self.each.problems(file)


class StickerRule:
    """A URL or an id."""

    def __str__(self) -> str:
        return "url or id"

    def problems(self, content: Any) -> Iterator[str]:
        if not isinstance(content.url, str) or not isinstance(content.id, str):
            yield "The sticker's url and id must be str."
        elif bool(content.url) == bool(content.id):
            yield "A sticker has a url or an id: give one of them."
        elif content.url:
            yield from url_problems(content.url)
        elif not content.id.strip():
            yield "The sticker's id is empty."


class ReactionRule:
    """An emoji to put on a message, or none to take it off."""

    def __str__(self) -> str:
        return "emoji, or the action unreact; needs a context"

    def problems(self, content: Any) -> Iterator[str]:
        if not is_one_of(content.action, ("react", "unreact")):
            yield "The action must be 'react' or 'unreact'."
        elif not isinstance(content.emoji, str):
            yield "The emoji must be a str."
        elif content.action == "react" and not content.emoji.strip():
            yield "The reaction needs an emoji."
        elif content.action == "unreact" and content.emoji:
            yield "What is taken back has no emoji: leave it out."


class CardRule:
    """A title, words and a picture or film; up to four suggestions."""

    suggestions = SuggestionsRule(CARD_SUGGESTIONS)

    def __str__(self) -> str:
        return f"title, description, media_url, up to {CARD_SUGGESTIONS} suggestions"

    def problems(self, content: Any) -> Iterator[str]:
        yield from _words("title", content.title, TITLE_LENGTH)
        yield from _words("description", content.description, DESCRIPTION_LENGTH)
        yield from _url("media_url", content.media_url)
        if not is_one_of(content.thumbnail_url, ("",)):
            yield from _url("thumbnail_url", content.thumbnail_url)
        if not isinstance(content.media_description, str):
            yield "The media_description must be a str."
        if not is_one_of(content.media_height, MEDIA_HEIGHTS):
            yield "The media_height must be one of SHORT, MEDIUM, TALL."
        yield from self.suggestions.problems("suggestions", content.suggestions)


class CarouselRule:
    """Several cards."""

    card = CardRule()

    def __str__(self) -> str:
        return f"{FEWEST_CARDS} to {MOST_CARDS} cards"

    def problems(self, content: Any) -> Iterator[str]:
        cards = content.cards
        if not isinstance(cards, tuple) or not FEWEST_CARDS <= len(cards) <= MOST_CARDS:
            yield f"The cards must be a list of {FEWEST_CARDS} to {MOST_CARDS}."
            return
        for number, card in enumerate(cards, start=1):
            if type(card) is not Card:
                yield f"Card {number} must be a Card."
            else:
                yield from (f"Card {number}: {problem}" for problem in self.card.problems(card))


def _words(name: str, value: object, longest: int) -> Iterator[str]:
    if not isinstance(value, str) or not value.strip() or len(value) > longest:
        yield f"The {name} must be a str of 1 to {longest} characters."


def _url(name: str, value: object) -> Iterator[str]:
    for problem in url_problems(value):
        yield problem.replace("The url", f"The {name}", 1)
