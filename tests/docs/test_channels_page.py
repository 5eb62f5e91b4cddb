"""The tables of the channels page, held against the code and against what a call says."""

import sys
from dataclasses import fields
from typing import Any

import pytest

from django_vonage_messages.content import (
    CONTENT_CLASSES,
    Audio,
    Custom,
    File,
    Image,
    Location,
    Template,
    Text,
    Video,
)
from django_vonage_messages.options import OPTIONS_CLASSES
from django_vonage_messages.protocol.channels import CHANNELS
from django_vonage_messages.protocol.v0_1 import options as limits
from django_vonage_messages.protocol.versions import V0_1
from tests.docs.blocks import ROOT
from tests.docs.tables import page, rows_of
from tests.services.test_prepare import judge, problems

EXAMPLES: dict[str, Any] = {
    "Text": Text("Hello"),
    "Image": Image("https://example.com/cat.jpg"),
    "Audio": Audio("https://example.com/cat.mp3"),
    "Video": Video("https://example.com/cat.mp4"),
    "File": File("https://example.com/cat.pdf"),
    "Template": Template("ns:cat", ["Oliver"]),
    "Location": Location(51.5, -0.1),
    "Custom": Custom({"type": "cat"}),
}
LABELS = {channel.label: name for name, channel in CHANNELS.items()}


def test_the_matrix_is_what_the_code_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "docs"))
    monkeypatch.delitem(sys.modules, "content_matrix", raising=False)
    import content_matrix  # type: ignore[import-not-found]  # beside the pages

    text = page("channels").read_text(encoding="utf-8")
    assert content_matrix.BEGIN in text
    assert content_matrix.END in text
    assert text == content_matrix.written(text), "Run make matrix."


def test_every_content_and_channel_is_in_it() -> None:
    rows = rows_of("channels", "Content")
    assert [name for name, *_ in rows] == [cls.__name__ for cls in CONTENT_CLASSES.values()]
    assert all(len(cells) == len(V0_1.contents) for _, *cells in rows)


@pytest.mark.parametrize("row", rows_of("channels", "Content"), ids=lambda row: row[0])
def test_a_cell_is_filled_where_the_content_goes(row: list[str]) -> None:
    name, *cells = row
    for channel, cell in zip(V0_1.contents, cells, strict=True):
        to = "0123456789012345" if channel == "messenger" else "447700900000"
        content = EXAMPLES[name]
        if name == "Template" and channel == "whatsapp":
            content = Template("ns:cat", ["Oliver"], locale="en-GB")
        if cell:
            assert judge(to, content, channel=channel).content.content_type == content.content_type
        else:
            assert list(problems(to, content, channel=channel)) == ["content"]


def test_every_option_is_named_with_its_values() -> None:
    rows = {name: values for name, values, _default in rows_of("channels", "Option")}
    names = {
        f"{options.__name__}.{field}": field
        for options in OPTIONS_CLASSES.values()
        for field in (each.name for each in fields(options))
    }
    assert list(rows) == list(names)
    assert rows["ViberOptions.category"] == ", ".join(limits.VIBER_CATEGORIES)
    assert rows["MessengerOptions.category"] == ", ".join(limits.MESSENGER_CATEGORIES)
    assert f"{limits.SHORTEST_TTL} to {limits.LONGEST_TTL} seconds" in rows["ViberOptions.ttl"]


def test_every_channel_that_can_be_sent_on_has_its_addresses() -> None:
    assert [LABELS[label] for label, *_ in rows_of("channels", "Channel")] == list(V0_1.contents)
