"""Base class that reads the values of one account in ``VONAGE_MESSAGES``."""

import re
from typing import Any, Final, NoReturn

from django.core.exceptions import ImproperlyConfigured
from django.views.decorators.debug import sensitive_variables

_LONE_SURROGATE: Final = re.compile("[\ud800-\udfff]")


class RedactedDict(dict[str, Any]):
    """A dict whose repr shows only its keys."""

    # Django's debug page and error trackers show the repr of local variables.
    def __repr__(self) -> str:
        return f"<settings of {', '.join(map(repr, self))}>"


class SettingValues:
    """Values of one account. Callables are called, and an invalid type is an error."""

    alias: str
    _config: RedactedDict

    def error(self, key: str, problem: str) -> NoReturn:
        """Raise ImproperlyConfigured. The error text names the account, ``key`` and ``problem``."""
        raise ImproperlyConfigured(f"VONAGE_MESSAGES[{self.alias!r}][{key!r}] {problem}.")

    def _value(self, key: str) -> Any:
        return self._resolve(key, self._config[key])

    @sensitive_variables()
    def _resolve(self, key: str, value: Any) -> Any:
        if not callable(value):
            return value
        try:
            return value()
        except Exception as exc:
            raise ImproperlyConfigured(
                f"VONAGE_MESSAGES[{self.alias!r}][{key!r}] is a callable that raised "
                f"{type(exc).__name__}."
            ) from exc

    def _text(self, key: str) -> str:
        return self._as_text(key, self._value(key))

    @sensitive_variables()
    def _as_text(self, key: str, value: object) -> str:
        if value is None:
            return ""
        if not isinstance(value, str):
            self.error(key, f"must be a string, not {type(value).__name__}")
        text = str(value)  # a lazy string is translated here
        if _LONE_SURROGATE.search(text):
            self.error(key, "contains a character that is not valid Unicode")
        return text.strip()

    @sensitive_variables()
    def _texts(
        self, key: str, value: object, if_none: type[ImproperlyConfigured] = ImproperlyConfigured
    ) -> tuple[str, ...]:
        value = self._resolve(key, value)
        items = [value] if value is None or isinstance(value, str) else value
        if not isinstance(items, list | tuple):
            self.error(key, "must be a string or a list of strings")
        resolved = [self._resolve(key, item) for item in items]
        if None in resolved:
            raise if_none(f"VONAGE_MESSAGES[{self.alias!r}][{key!r}] must not be or contain None.")
        return tuple(filter(None, (self._as_text(key, item) for item in resolved)))
