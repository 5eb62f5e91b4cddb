"""The forms of addresses and URLs, and of names that are safe to repeat.

It is the simulator's own reading, apart from the rules that the app sends by.
"""

import re
from typing import Final
from urllib.parse import urlsplit

E164: Final = re.compile(r"[1-9][0-9]{6,14}")
SHORT_CODE: Final = re.compile(r"[0-9]{3,6}")
# At least one letter, no space at an end, and only what ASCII and the GSM alphabet share.
SENDER_NAME: Final = re.compile(r"(?=.*[A-Za-z])(?! )[ !-Z_a-z]{1,11}(?<! )")

# Where urlsplit() would drop or mend something, it is refused before.
_URL: Final = re.compile(r"https?://[^\x00-\x20\x7f]+", re.IGNORECASE)
# Nothing before the host and nothing that two readers could take for its end.
_LOOPBACK_URL: Final = re.compile(
    r"https?://(?:localhost|127(?:\.[0-9]{1,3}){3}|\[::1\])(?::[0-9]{1,5})?(?:[/?#][^\x00-\x20\x7f\\]*)?",
    re.IGNORECASE,
)
_PARAMETER: Final = re.compile(r"[a-z_]{1,40}")


def has_form(value: str, *forms: re.Pattern[str]) -> bool:
    """Whether a text is all of one of these forms."""
    return any(form.fullmatch(value) for form in forms)


def is_url(value: str) -> bool:
    """Whether a text is an absolute http or https URL."""
    if not _URL.fullmatch(value):
        return False
    try:
        parts = urlsplit(value)
        return bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:  # no such port, or an IPv6 address without its end
        return False


def is_loopback_url(value: str) -> bool:
    """Whether a URL is on this machine, so that the simulator may call it."""
    return is_url(value) and has_form(value, _LOOPBACK_URL)


def shown_name(key: str) -> str:
    """Return an unknown key, unless it could be a text or a number that ended up in its place."""
    return key if _PARAMETER.fullmatch(key) else "(an unusual key)"


def is_unicode(value: str) -> bool:
    """Whether an encoding can write a text: JSON can escape half of a surrogate pair, alone."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
