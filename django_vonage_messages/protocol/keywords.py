"""Words by which a customer opts out of messages."""

from typing import Final

OPT_OUT: Final = frozenset({"stop", "end", "quit", "cancel", "unsubscribe"})
"""Source: developer.vonage.com, "Opt-Out Assist", keywords."""


def is_opt_out(text: str) -> bool:
    """Whether a text is nothing but an opt-out word, whatever its case and punctuation."""
    return text.strip(" \t\r\n.!\"'").casefold() in OPT_OUT
