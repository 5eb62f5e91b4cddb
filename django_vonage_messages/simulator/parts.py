"""How many SMS a text takes. (Source: 3GPP TS 23.038; 3GPP TS 23.040, concatenation.)"""

from typing import Final

# The basic alphabet and the extension table (two units a character) of 3GPP TS 23.038.
_BASIC: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION: Final = frozenset("\f^{}\\[~]|€")


def count_parts(text: str) -> int:
    """Return how many SMS a text takes: 160 units, or 153 each, or 70 and 67 in UCS-2."""
    if _BASIC.union(_EXTENSION).issuperset(text):
        units = len(text) + sum(character in _EXTENSION for character in text)
        alone, joined = 160, 153
    else:
        units = len(text.encode("utf-16-be")) // 2
        alone, joined = 70, 67
    return 1 if units <= alone else -(-units // joined)
