"""Secrets in settings: private keys, and a dict whose repr shows no value."""

from pathlib import Path
from typing import Any, Final

from django.views.decorators.debug import sensitive_variables

_MAX_PATH: Final = 1024
"""Longest path of a key file. A longer text is a broken key."""


class RedactedDict(dict[str, Any]):
    """A dict whose repr shows only its keys."""

    # Django's debug page and error trackers show the repr of local variables.
    def __repr__(self) -> str:
        return f"<settings of {', '.join(map(repr, self))}>"


class UnreadableKey(Exception):
    """The private key is neither PEM text nor in a readable file. The text never quotes it."""

    def __init__(self, problem: str, *, is_missing: bool) -> None:
        super().__init__(f"is neither PEM text nor the path of a readable file ({problem})")
        self.is_missing = is_missing


@sensitive_variables()
def read_private_key(value: str | Path) -> str:
    """Return the PEM text of a private key, from the text itself or from the file that it names.

    Raises UnreadableKey.
    """
    if isinstance(value, Path):
        pem = _read_file(value)
    elif value and "-----BEGIN" not in value:
        pem = _read_file(Path(value))
    else:
        pem = value
    # In an environment variable or a mounted secret, a line end can be the two characters "\\n".
    return pem.replace("\\r", "").replace("\\n", "\n")


@sensitive_variables()
def _read_file(path: Path) -> str:
    try:
        return path.expanduser().read_text(encoding="utf-8")
    except (OSError, ValueError, RuntimeError) as exc:  # RuntimeError: "~", but no home
        problem = type(exc).__name__
        is_missing = isinstance(exc, FileNotFoundError) and len(str(path)) <= _MAX_PATH
    # Not in the except block: its exception quotes the path, which can be a broken key.
    raise UnreadableKey(problem, is_missing=is_missing)
