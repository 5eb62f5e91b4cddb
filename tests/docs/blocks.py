"""Fenced code blocks of the documentation."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType

ROOT = Path(__file__).resolve().parent.parent.parent
PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md")),
    *sorted((ROOT / "docs").glob("*.md")),
]

_FENCE = re.compile(r"(?P<indent> *)(?P<ticks>`{3,}|~{3,})(?P<info>[^`]*)")


@dataclass(frozen=True)
class Block:
    """A code block and its place. The info string contains the language and an optional name."""

    page: Path
    line: int
    language: str
    name: str
    code: str = field(repr=False)

    def __str__(self) -> str:
        return f"{self.page.name}:{self.line}"

    def compiled(self) -> CodeType:
        """Return compiled code whose tracebacks name the page and the line."""
        return compile("\n" * self.line + self.code, str(self.page), "exec", dont_inherit=True)


def blocks_of(page: Path) -> list[Block]:
    """Return every fenced block of a page, in order."""
    lines = page.read_text(encoding="utf-8").splitlines()
    blocks: list[Block] = []
    start = 0
    while start < len(lines):
        opening = _FENCE.fullmatch(lines[start])
        if opening is None:
            start += 1
            continue
        end = _end_of(lines, start, opening["ticks"])
        indent = len(opening["indent"])
        language, _, name = opening["info"].strip().partition(" ")
        code = "\n".join(line[indent:] for line in lines[start + 1 : end])
        blocks.append(Block(page, start + 1, language, name, code))
        start = end + 1
    return blocks


def all_blocks(*languages: str) -> list[Block]:
    """Return the blocks of all pages, or only those of the given languages."""
    blocks = [block for page in PAGES for block in blocks_of(page)]
    return [block for block in blocks if not languages or block.language in languages]


def _end_of(lines: list[str], start: int, ticks: str) -> int:
    for number in range(start + 1, len(lines)):
        if lines[number].strip() == ticks:
            return number
    raise AssertionError(f"The block that line {start + 1} opens is never closed.")
