"""Tables of the channels page, compared with the code."""

import sys
from contextlib import nullcontext
from dataclasses import fields
from typing import Any

import pytest

from django_vonage_messages.content import (
    CONTENT_CLASSES,
    Attachments,
    Audio,
    Card,
    Carousel,
    Custom,
    File,
    Image,
    Location,
    Reaction,
    Sticker,
    Template,
    Text,
    VCard,
    Video,
)
from django_vonage_messages.options import OPTIONS_CLASSES, ViberOptions, WhatsAppOptions
from django_vonage_messages.protocol.channels import CHANNELS
from django_vonage_messages.protocol.v0_1 import capabilities as limits
from django_vonage_messages.protocol.versions import API_VERSIONS, V1, ApiVersion
from tests.accounts import v1_account
from tests.docs.blocks import ROOT
from tests.docs.tables import page, rows_of
from tests.services.test_validation import problems, validate

URL = "https://example.com/cat"
CARD = Card("Oliver", "A cat", URL)
EXAMPLES: dict[str, Any] = {
    "Text": Text("Hello"),
    "Image": Image(URL),
    "Audio": Audio(URL),
    "Video": Video(URL),
    "File": File(URL),
    "VCard": VCard(URL),
    "Attachments": Attachments([Image(URL)]),
    "Sticker": Sticker(URL),
    "Reaction": Reaction("👍"),
    "Template": Template("ns:cat", ["Oliver"]),
    "Location": Location(51.5, -0.1),
    "Card": CARD,
    "Carousel": Carousel([CARD, CARD]),
    "Custom": Custom({"type": "cat"}),
}
OF_CHANNEL = {
    ("Template", "whatsapp"): Template("ns:cat", ["Oliver"], locale="en-GB"),
    ("Video", "viber"): Video(URL, thumb_url=URL),
}
NEEDED = {
    ("Reaction", "whatsapp"): WhatsAppOptions(context="uuid"),
    ("Video", "viber"): ViberOptions(duration=1, file_size=1),
}
LABELS = {channel.label: name for name, channel in CHANNELS.items()}


def test_content_matrix_is_up_to_date(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "docs"))
    monkeypatch.delitem(sys.modules, "content_matrix", raising=False)
    import content_matrix  # type: ignore[import-not-found]  # beside the pages

    text = page("channels").read_text(encoding="utf-8")
    assert content_matrix.BEGIN in text
    assert content_matrix.END in text
    assert text == content_matrix.written(text), "Run make matrix."


@pytest.mark.parametrize("version", API_VERSIONS.values(), ids=lambda version: version.name)
def test_content_matrix_contains_every_content_and_channel(version: ApiVersion) -> None:
    rows = rows_of("channels", f"Content on {version.name}")
    carried = {content_class for rules in version.content_rules.values() for content_class in rules}
    assert [name for name, *_ in rows] == [
        content_class.__name__
        for content_class in CONTENT_CLASSES.values()
        if content_class in carried
    ]
    assert all(len(cells) == len(version.content_rules) for _, *cells in rows)


@pytest.mark.parametrize("version", API_VERSIONS.values(), ids=lambda version: version.name)
@pytest.mark.parametrize("name", EXAMPLES)
def test_cell_is_filled_if_the_channel_carries_the_content(name: str, version: ApiVersion) -> None:
    rows = {row[0]: row[1:] for row in rows_of("channels", f"Content on {version.name}")}
    with v1_account() if version is V1 else nullcontext():
        for channel, cell in zip(
            version.content_rules, rows.get(name, [""] * len(version.content_rules)), strict=True
        ):
            to = "0123456789012345" if channel == "messenger" else "447700900000"
            content = OF_CHANNEL.get((name, channel), EXAMPLES[name]) if cell else EXAMPLES[name]
            if cell:
                options = NEEDED.get((name, channel)) if version is V1 else None
                validated = validate(to, content, channel=channel, options=options)
                assert validated.content.content_type == content.content_type
            else:
                assert list(problems(to, content, channel=channel)) == ["content"]


def test_every_option_is_listed_with_its_values() -> None:
    rows = {name: cells for name, *cells in rows_of("channels", "Option")}
    names = {
        f"{options.__name__}.{field}"
        for options in OPTIONS_CLASSES.values()
        for field in (each.name for each in fields(options))
    }
    assert names - set(rows) == {"RcsOptions.webhook_version"}
    assert rows["ViberOptions.category"] == [", ".join(limits.VIBER_CATEGORIES)] * 2
    assert rows["MessengerOptions.category"] == [", ".join(limits.MESSENGER_CATEGORIES)] * 2
    assert rows["ViberOptions.ttl"][0] == f"{limits.MIN_TTL} to {limits.MAX_TTL} seconds"
    assert rows["ViberOptions.action"][0] == ""


def test_every_channel_is_listed_with_its_addresses() -> None:
    assert [LABELS[label] for label, *_ in rows_of("channels", "Channel")] == list(V1.content_rules)
