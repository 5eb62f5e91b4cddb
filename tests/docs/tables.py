"""Tables of a page, without markup."""

import re
from pathlib import Path

from tests.docs.blocks import ROOT


def page(name: str) -> Path:
    return ROOT / "docs" / f"{name}.md"


def rows_of(name: str, heading: str) -> list[list[str]]:
    """Return the rows of the table with this first heading, without the heading row."""
    rows: list[list[str]] = []
    inside = False
    for line in page(name).read_text(encoding="utf-8").splitlines():
        cells = [plain(cell) for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))]
        if not line.startswith("|"):
            inside = False
        elif cells[0] == heading:
            inside = True
        elif inside and not set(line) <= set("|-: "):
            rows.append(cells)
    assert rows, f"{name}.md has no table that begins with {heading}."
    return rows


def plain(cell: str) -> str:
    return cell.strip().replace("`", "").replace("**", "")
