"""The names that people give themselves, made fit to stand beside others on a page."""

import re
from typing import Final

_UNSEEN: Final = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]"
)
"""Controls, and what turns the direction of the text around it; what joins letters stays."""


def display_name(given: str, limit: int) -> str:
    """Return a name as one line of at most ``limit`` characters, without what cannot be seen.

    Anybody can write anything there: line breaks, or an override that turns the rest of a line
    around (Unicode TR 36, "Bidirectional Text Spoofing").
    """
    return " ".join(_UNSEEN.sub("", given).split())[:limit].rstrip()
