"""Writes the table of what each channel carries into channels.md: ``make matrix``."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from django_vonage_messages.content import CONTENT_CLASSES
from django_vonage_messages.protocol.channels import CHANNELS
from django_vonage_messages.protocol.versions import API_VERSIONS, ApiVersion

PAGE: Final = Path(__file__).resolve().parent / "channels.md"
BEGIN: Final = "<!-- Written by make matrix from the rules that judge each message: -->\n"
END: Final = "<!-- end of what make matrix wrote -->\n"


def matrix(version: ApiVersion) -> str:
    """Return the table of one API version: a row a content, a column a channel."""
    return "".join(f"| {' | '.join(row)} |\n" for row in _rows(version))


def _rows(version: ApiVersion) -> Iterator[list[str]]:
    yield ["Content", *(CHANNELS[name].label for name in version.contents)]
    yield ["---"] * (len(version.contents) + 1)
    for content_class in CONTENT_CLASSES.values():
        rules = (carried.get(content_class) for carried in version.contents.values())
        yield [f"`{content_class.__name__}`", *(str(rule) if rule else "" for rule in rules)]


def written(page: str) -> str:
    """Return the page with its table as it should be."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    tables = "".join(f"\n{matrix(version)}\n" for version in API_VERSIONS.values())
    return before + BEGIN + tables + END + after


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    sys.stdout.write(f"{PAGE.name} is up to date.\n")
