"""The ``VONAGE_MESSAGES`` setting: a dict of accounts by alias, read on each access.

An invalid value raises ImproperlyConfigured. The error text never contains a secret.
"""

import re
from collections.abc import Mapping
from difflib import get_close_matches
from math import inf
from pathlib import Path
from typing import Any, Final, Literal, NoReturn

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.views.decorators.debug import sensitive_variables

from django_vonage_messages.compat import HAS_TASKS
from django_vonage_messages.protocol.addresses import InvalidAddress, is_known_region, mask
from django_vonage_messages.protocol.channels import (
    CHANNELS,
    NUMBER_CHANNELS,
    SMS,
    Channel,
    get_channel,
    normalize_sender_address,
)
from django_vonage_messages.protocol.versions import API_VERSIONS
from django_vonage_messages.setting_secrets import RedactedDict, UnreadableKey, read_private_key

DEFAULT_ALIAS: Final = "default"
ALIAS_LENGTH: Final = 64
DEFAULTS: Final[Mapping[str, Any]] = {
    "BACKEND": "django_vonage_messages.backends.api.ApiBackend",
    "API_VERSION": "v0.1",
    "API_KEY": None,
    "API_SECRET": None,
    "APPLICATION_ID": None,
    "PRIVATE_KEY": None,
    "AUTH": None,
    "SIGNATURE_SECRETS": (),
    "VERIFY_WEBHOOKS": True,
    "WEBHOOK_MAX_AGE": None,
    "SENDERS": {},
    "REGION": None,
    "ALLOWED_RECIPIENTS": None,
    "REDIRECT_TO": None,
    "EXECUTOR": "inline",
    "DATABASE_WAIT": 5.0,
    "OPTIONS": {},
}

_LONE_SURROGATE: Final = re.compile("[\ud800-\udfff]")

AuthMethod = Literal["jwt", "basic"]


class MissingSecret(ImproperlyConfigured):
    """A secret is not set, or the file of a private key does not exist."""


class Account:
    """Settings of one account.

    Each property reads one key. An invalid value raises ImproperlyConfigured.
    """

    @sensitive_variables()
    def __init__(self, alias: object, config: object) -> None:
        if not isinstance(alias, str) or not 0 < len(alias) <= ALIAS_LENGTH:
            raise ImproperlyConfigured(
                f"VONAGE_MESSAGES has the alias {alias!r}. An alias must be a str of 1 to "
                f"{ALIAS_LENGTH} characters."
            )
        self.alias = alias
        if not isinstance(config, Mapping):
            raise ImproperlyConfigured(f"VONAGE_MESSAGES[{alias!r}] must be a dict.")
        self._config: Mapping[str, Any] = config
        for key in config:
            if key not in DEFAULTS:
                raise ImproperlyConfigured(
                    f"VONAGE_MESSAGES[{alias!r}] has an unknown key {key!r}.{_did_you_mean(key)}"
                )

    def __repr__(self) -> str:
        return f"<Account {self.alias!r}>"

    @property
    def backend(self) -> str:
        """Dotted path of the backend class."""
        path = self._text("BACKEND")
        if not path:
            self.error("BACKEND", "must be the dotted path of a backend class")
        return path

    @property
    def api_version(self) -> str:
        version = self._text("API_VERSION")
        if version not in API_VERSIONS:
            self.error("API_VERSION", f"must be one of {', '.join(API_VERSIONS)}")
        return version

    @property
    def api_key(self) -> str:
        key = self._text("API_KEY")
        if ":" in key:
            del key  # it may contain the secret: error trackers show local variables
            self.error(
                "API_KEY",
                "must not contain a colon (RFC 7617). Set only the key, and the secret as "
                "API_SECRET",
            )
        return key

    @property
    def api_secret(self) -> str:
        return self._text("API_SECRET")

    @property
    def application_id(self) -> str:
        return self._text("APPLICATION_ID")

    @property
    def has_private_key(self) -> bool:
        return bool(self._value("PRIVATE_KEY"))

    @property
    @sensitive_variables()
    def private_key(self) -> str:
        """PEM text of the private key, from PRIVATE_KEY or from the file that PRIVATE_KEY names."""
        value = self._value("PRIVATE_KEY")
        try:
            return read_private_key(
                value if isinstance(value, Path) else self._as_text("PRIVATE_KEY", value)
            )
        except UnreadableKey as exc:
            error_class = MissingSecret if exc.is_missing else ImproperlyConfigured
            raise error_class(f"{self._place('PRIVATE_KEY')} {exc}.") from None

    @property
    def auth(self) -> AuthMethod:
        """The authentication method: "jwt" or "basic"."""
        complete: dict[AuthMethod, bool] = {
            "jwt": bool(self.application_id) and self.has_private_key,
            "basic": bool(self.api_key and self.api_secret),
        }
        chosen = self._text("AUTH")
        if chosen:
            return self._chosen_auth(chosen, complete)
        usable = [method for method, ready in complete.items() if ready]
        if len(usable) == 2:
            self.error("AUTH", "must be 'jwt' or 'basic', because the credentials for both are set")
        if not usable:
            raise MissingSecret(
                f"VONAGE_MESSAGES[{self.alias!r}] has no credentials: set APPLICATION_ID and "
                "PRIVATE_KEY, or API_KEY and API_SECRET."
            )
        return usable[0]

    @property
    def signature_secrets(self) -> tuple[str, ...]:
        """Secrets that verify the signatures of webhooks."""
        return self._texts("SIGNATURE_SECRETS", self._value("SIGNATURE_SECRETS"), MissingSecret)

    @property
    def verify_webhooks(self) -> bool:
        value = self._value("VERIFY_WEBHOOKS")
        if not isinstance(value, bool):
            self.error("VERIFY_WEBHOOKS", "must be True or False")
        return value

    @property
    def webhook_max_age(self) -> float | None:
        """Maximum age of a webhook's signature in seconds, or None for no limit."""
        value = self._value("WEBHOOK_MAX_AGE")
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < inf:
            self.error("WEBHOOK_MAX_AGE", "must be a positive number of seconds, or None")
        return float(value)

    @property
    def region(self) -> str | None:
        """Country code (such as "GB") for phone numbers that begin with 0. None if not set."""
        region = self._text("REGION")
        if region and not is_known_region(region):
            self.error("REGION", "must be None or a two-letter country code such as 'GB'")
        return region.upper() or None

    @property
    def executor(self) -> str:
        """Dotted path of the function that is called for each queued message after the commit."""
        name = self._text("EXECUTOR")
        if name == "task" and not HAS_TASKS:
            self.error("EXECUTOR", "is 'task', which needs Django 6.0 or newer")
        path = _EXECUTORS.get(name, name)
        if "." not in path or not all(map(str.isidentifier, path.split("."))):
            known = ", ".join(map(repr, _EXECUTORS))
            self.error("EXECUTOR", f"must be one of {known}, or the dotted path of a function")
        return path

    @property
    def database_wait(self) -> float:
        """Seconds in which a web request tries again if the database fails during a send."""
        value = self._value("DATABASE_WAIT")
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < inf:
            self.error("DATABASE_WAIT", "must be a number of seconds, 0 or more")
        return float(value)

    @property
    def options(self) -> Mapping[str, Any]:
        """Options of the account's backend."""
        value = self._value("OPTIONS")
        if not isinstance(value, Mapping):
            self.error("OPTIONS", "must be a dict")
        return value

    @property
    def limits_recipients(self) -> bool:
        """Whether ALLOWED_RECIPIENTS or REDIRECT_TO is set."""
        return any(self._value(key) is not None for key in ("ALLOWED_RECIPIENTS", "REDIRECT_TO"))

    @property
    def allowed_recipients(self) -> tuple[str, ...] | None:
        """The only recipients that get messages, as configured. None means all recipients."""
        value = self._value("ALLOWED_RECIPIENTS")
        return None if value is None else self._texts("ALLOWED_RECIPIENTS", value)

    @property
    def redirect_to(self) -> Mapping[str, str] | None:
        """The addresses that get the messages of other recipients, as configured, by channel."""
        value = self._value("REDIRECT_TO")
        if value is None:
            return None
        given = value if isinstance(value, Mapping) else dict.fromkeys(NUMBER_CHANNELS, value)
        return {
            name: self._as_text("REDIRECT_TO", self._resolve("REDIRECT_TO", address))
            for name, address in self._by_channel("REDIRECT_TO", given).items()
        }

    @sensitive_variables()
    def senders(self, channel: Channel = SMS) -> tuple[str, ...]:
        """Return the normalised SENDERS for a channel, the default sender first."""
        value = self._value("SENDERS")
        if not isinstance(value, Mapping):
            self.error("SENDERS", "must be a dict from channel to sender or list of senders")
        found = self._by_channel("SENDERS", value)
        if channel.name not in found:
            return ()
        given = self._texts(f"SENDERS.{channel.name}", found[channel.name])
        return tuple(self._sender(sender, channel) for sender in given)

    def error(self, key: str, problem: str) -> NoReturn:
        """Raise ImproperlyConfigured. The error text names the account, ``key`` and ``problem``.

        A dot in ``key`` separates the keys of a dict in a dict, for example "SENDERS.sms".
        """
        raise ImproperlyConfigured(f"{self._place(key)} {problem}.")

    @sensitive_variables()
    def _by_channel(self, key: str, value: Mapping[Any, Any]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, each in value.items():
            channel = get_channel(name)
            if channel is None:
                # A key that is a phone number by mistake is not quoted in full.
                shown = mask(name) if isinstance(name, str) and name[-1:].isdigit() else name
                known = ", ".join(CHANNELS)
                self.error(key, f"has an unknown channel {shown!r}; use one of {known}")
            if channel.name in found:
                self.error(key, f"has the channel {channel.name!r} twice")
            found[channel.name] = each
        return found

    def _sender(self, sender: str, channel: Channel) -> str:
        try:
            return normalize_sender_address(channel, sender, self.region)
        except InvalidAddress as exc:
            place = self._place(f"SENDERS.{channel.name}")
            raise ImproperlyConfigured(f"{place}: {exc}") from exc

    def _chosen_auth(self, chosen: str, complete: Mapping[AuthMethod, bool]) -> AuthMethod:
        method = _AUTH_METHODS.get(chosen)
        if method is None:
            self.error("AUTH", "must be 'jwt' or 'basic'")
        if not complete[method]:
            raise MissingSecret(
                f"VONAGE_MESSAGES[{self.alias!r}]['AUTH'] is {chosen!r}, "
                f"{_MISSING_CREDENTIALS[method]}."
            )
        return method

    def _place(self, key: str) -> str:
        keys = "".join(f"[{part!r}]" for part in key.split("."))
        return f"VONAGE_MESSAGES[{self.alias!r}]{keys}"

    def _value(self, key: str) -> Any:
        return self._resolve(key, self._config.get(key, DEFAULTS[key]))

    @sensitive_variables()
    def _resolve(self, key: str, value: Any) -> Any:
        if not callable(value):
            return value
        try:
            return value()
        except Exception as exc:
            raise ImproperlyConfigured(
                f"{self._place(key)} is a callable that raised {type(exc).__name__}."
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
            self.error(key, f"must be a string or a list of strings, not {type(items).__name__}")
        resolved = [self._resolve(key, item) for item in items]
        if None in resolved:
            raise if_none(f"{self._place(key)} must not be or contain None.")
        return tuple(filter(None, (self._as_text(key, item) for item in resolved)))


_AUTH_METHODS: Final[Mapping[str, AuthMethod]] = {"jwt": "jwt", "basic": "basic"}
_BUILT_IN_EXECUTORS: Final = "django_vonage_messages.services.delivery.built_in_executors"
_EXECUTORS: Final[Mapping[str, str]] = {
    "inline": f"{_BUILT_IN_EXECUTORS}.deliver_inline",
    "worker": f"{_BUILT_IN_EXECUTORS}.leave_to_worker",
    "task": f"{_BUILT_IN_EXECUTORS}.enqueue_task",
}
_MISSING_CREDENTIALS: Final[Mapping[AuthMethod, str]] = {
    "jwt": "which needs APPLICATION_ID and PRIVATE_KEY",
    "basic": "which needs API_KEY and API_SECRET",
}


@sensitive_variables()
def get_account(alias: str = DEFAULT_ALIAS) -> Account:
    """Return the account with this alias, or raise ImproperlyConfigured."""
    configured = configured_accounts()
    if alias not in list(configured):  # a list, because the alias may be unhashable
        raise ImproperlyConfigured(
            f"VONAGE_MESSAGES has no account {alias!r}. Its accounts are "
            f"{', '.join(map(repr, configured))}."
        )
    return Account(alias, configured[alias])


@sensitive_variables()
def get_accounts() -> tuple[Account, ...]:
    """Return all accounts, in the order of ``VONAGE_MESSAGES``."""
    return tuple(Account(alias, config) for alias, config in configured_accounts().items())


@sensitive_variables()
def configured_accounts() -> Mapping[str, Any]:
    """Return ``VONAGE_MESSAGES``, or raise ImproperlyConfigured if it is invalid."""
    value = getattr(settings, "VONAGE_MESSAGES", None)
    if not isinstance(value, Mapping) or not value:
        raise ImproperlyConfigured(
            "VONAGE_MESSAGES must be a dict of accounts: {'default': {…}}. "
            "See the settings page of django_vonage_messages."
        )
    return RedactedDict(
        {
            alias: RedactedDict(config) if isinstance(config, Mapping) else config
            for alias, config in value.items()
        }
    )


def _did_you_mean(key: object) -> str:
    close = get_close_matches(str(key).upper(), DEFAULTS, n=1)
    return f" Did you mean {close[0]!r}?" if close else f" Known keys: {', '.join(DEFAULTS)}."
