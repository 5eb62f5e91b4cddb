"""Writes the tables of what each channel carries, and of its options, into channels.md:
``make matrix``.
"""

import sys
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Final

from django_vonage_messages.content import CONTENT_CLASSES
from django_vonage_messages.options import OPTIONS_CLASSES
from django_vonage_messages.protocol.channels import CHANNELS
from django_vonage_messages.protocol.versions import API_VERSIONS, ApiVersion

PAGE: Final = Path(__file__).resolve().parent / "channels.md"
BEGIN: Final = "<!-- Written by make matrix from the rules that judge each message: -->\n"
BEGIN_OPTIONS: Final = "<!-- Written by make matrix from the rules that judge each option: -->\n"
END: Final = "<!-- end of what make matrix wrote -->\n"


def matrix(version: ApiVersion) -> str:
    """Return the table of one API version: a row a content, a column a channel."""
    return f"\nOn API {version.name}:\n\n{_table(_content_rows(version))}"


def _content_rows(version: ApiVersion) -> Iterator[list[str]]:
    yield [f"Content on {version.name}", *(CHANNELS[name].label for name in version.content_rules)]
    for content_class in CONTENT_CLASSES.values():
        rules = (carried.get(content_class) for carried in version.content_rules.values())
        cells = [str(rule) if rule else "" for rule in rules]
        if any(cells):
            yield [f"`{content_class.__name__}`", *cells]


def _option_rows() -> Iterator[list[str]]:
    yield ["Option", *(f"On {name}" for name in API_VERSIONS)]
    for channel, options_class in OPTIONS_CLASSES.items():
        for field in fields(options_class):
            rules = (v.option_rules.get(channel, {}).get(field.name) for v in API_VERSIONS.values())
            cells = [str(rule) if rule else "" for rule in rules]
            if any(cells):
                yield [f"`{options_class.__name__}.{field.name}`", *cells]


def _table(rows: Iterator[list[str]]) -> str:
    heading, *others = rows
    lines = [heading, ["---"] * len(heading), *others]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def written(page: str) -> str:
    """Return the page with its tables as they should be."""
    contents = "".join(map(matrix, API_VERSIONS.values()))
    page = _replaced(page, BEGIN, contents)
    return _replaced(page, BEGIN_OPTIONS, f"\n{_table(_option_rows())}")


def _replaced(page: str, begin: str, text: str) -> str:
    before, _, rest = page.partition(begin)
    _, _, after = rest.partition(END)
    return f"{before}{begin}{text}\n{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    sys.stdout.write(f"{PAGE.name} is up to date.\n")
