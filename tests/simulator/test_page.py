"""Tables and examples of the simulator page, compared with the code."""

import pytest

from django_vonage_messages.simulator.reference import CHANNELS
from django_vonage_messages.simulator.scenarios import number_for
from django_vonage_messages.simulator.terminal import read_line
from django_vonage_messages.simulator.v0_1.channel_rules import RULES as V0_1_RULES
from django_vonage_messages.simulator.v1.validate import RULES
from tests.docs.blocks import blocks_of
from tests.docs.tables import page, rows_of

LINES = [
    line
    for block in blocks_of(page("simulator"))
    if block.language == "text"
    for line in block.code.splitlines()
]


def test_table_of_channels_equals_the_code() -> None:
    documented = {channel: row for channel, *row in rows_of("simulator", "Channel")}
    assert documented == {
        name: [
            ", ".join(V0_1_RULES[name].contents) if name in V0_1_RULES else "no RCS",
            ", ".join(RULES[channel.v1_type].message_types),
            channel.charged_status or "none",
            "yes" if channel.has_read_receipts else "no",
        ]
        for name, channel in CHANNELS.items()
    }


@pytest.mark.parametrize("line", LINES)
def test_example_line_can_be_parsed(line: str) -> None:
    assert read_line(line).content["type"]


def test_every_content_type_of_a_line_is_documented() -> None:
    text = page("simulator").read_text(encoding="utf-8")
    assert len(LINES) == 9
    with pytest.raises(ValueError, match="Use one of: ") as raised:
        read_line("447700900000 nothing: x")
    for kind in str(raised.value).partition("Use one of: ")[2].rstrip(".").split(", "):
        assert f"`{kind}`" in text
    assert number_for("rejected", 1300) in text
