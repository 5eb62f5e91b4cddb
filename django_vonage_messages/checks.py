"""System checks of the settings and the URLs.

A missing secret is a warning for ``check``, and an error for ``check --deploy``.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final
from unicodedata import category

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.exceptions import ImproperlyConfigured
from django.urls import NoReverseMatch, reverse
from django.views.decorators.debug import sensitive_variables

from django_vonage_messages.backends.base import get_configured_backend
from django_vonage_messages.conf import (
    DEFAULT_ALIAS,
    Account,
    MissingSecret,
    configured_accounts,
    get_account,
)
from django_vonage_messages.protocol.channels import CHANNELS, Channel
from django_vonage_messages.services.delivery.destinations import check_recipients
from django_vonage_messages.services.history.executor import get_executor

_SHORT_SECRET: Final = 16
# Source: Messages API v1, "Authentication": the claim application_id.
_UUID: Final = re.compile(r"(?i)[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)


@register("vonage_messages")
def check_settings(**_kwargs: Any) -> list[CheckMessage]:
    """Check ``VONAGE_MESSAGES`` (E001–E009, E011, E012, E014, W001–W006, W008, W017, W018)."""
    try:
        aliases = list(configured_accounts())
    except ImproperlyConfigured as exc:
        return [_error("E001", exc, _EXAMPLE_HINT)]
    found = [problem for alias in aliases for problem in _check_alias(alias)]
    if DEFAULT_ALIAS not in aliases:
        found.append(
            checks.Warning(
                "VONAGE_MESSAGES has no 'default' account.",
                hint="send_message() uses 'default' if the call names no account.",
                id="vonage_messages.W001",
            )
        )
    return found


@register("vonage_messages")
def check_shared_senders(**_kwargs: Any) -> list[CheckMessage]:
    """Warn if inbound messages to an address in SENDERS could belong to two accounts (W014)."""
    accounts = _valid_accounts()
    return [
        checks.Warning(
            f"VONAGE_MESSAGES[{account.alias!r}] and [{first!r}] share SENDERS on "
            f"{', '.join(channels)}. Inbound messages to these senders are stored under {first!r}.",
            hint=(
                "Set APPLICATION_ID in both accounts if each has its own application. Otherwise "
                "keep the sender in the SENDERS of one account. Code that sends with the other "
                "account can still pass sender=…."
            ),
            id="vonage_messages.W014",
        )
        for place, account in enumerate(accounts)
        for first, channels in _shared_with(account, accounts[:place]).items()
    ]


@register("vonage_messages")
def check_empty_senders(**_kwargs: Any) -> list[CheckMessage]:
    """Warn if an account has no SENDERS (W019).

    There is no warning if another account with the same signature secret has SENDERS, because W014
    recommends this.
    """
    accounts = _valid_accounts()
    with_senders = [each for each in accounts if any(map(each.senders, CHANNELS.values()))]
    return [
        checks.Warning(
            f"VONAGE_MESSAGES[{account.alias!r}] has no SENDERS.",
            hint="For example SENDERS: {'sms': '447700900001'}. Without SENDERS, each call "
            "needs sender=…, and inbound messages can be stored under another account.",
            id="vonage_messages.W019",
        )
        for account in accounts
        if not any(each is account or _share_secret(each, account) for each in with_senders)
    ]


@register("vonage_messages", deploy=True)
def check_deployment(**_kwargs: Any) -> list[CheckMessage]:
    """Check the secrets (E003, E008), backend (W007) and recipients (W015) of each account."""
    return [problem for account in _readable_accounts() for problem in _check_deployed(account)]


@register("vonage_messages")
def check_use_tz(**_kwargs: Any) -> list[CheckMessage]:
    """Check that USE_TZ is True (E010)."""
    hint = "Set USE_TZ = True, because times from Vonage have a time zone."
    return [] if settings.USE_TZ else [_error("E010", "USE_TZ is False.", hint)]


@register(Tags.urls)
def check_urls(**_kwargs: Any) -> list[CheckMessage]:
    """Check that the URLconf includes the webhook URLs (W010)."""
    if not getattr(settings, "ROOT_URLCONF", None):
        return []
    try:
        reverse("vonage_messages:message-status")
    except NoReverseMatch:
        return [
            checks.Warning(
                "The webhook URLs of django_vonage_messages are not in your URLconf.",
                hint=(
                    'Add path("webhooks/", include("django_vonage_messages.urls")) to the URLconf. '
                    "Without these URLs, statuses and inbound messages cannot arrive."
                ),
                id="vonage_messages.W010",
            )
        ]
    return []


def _check_alias(alias: str) -> Iterator[CheckMessage]:
    try:
        account = get_account(alias)
    except ImproperlyConfigured as exc:
        yield _error("E001", exc, _EXAMPLE_HINT)
        return
    errors = list(_check_account(account))
    missing = list(_missing_secrets(account))
    yield from errors
    for secret, error in missing:
        yield checks.Warning(str(error), hint=secret.hint, id=secret.warning_id)
    if errors:
        return
    yield from _check_webhooks(account)
    yield from _check_copied_values(account)
    if _CREDENTIALS not in [secret for secret, _ in missing]:
        yield from _check_half_credentials(account)
        yield from get_configured_backend(account).check()


def _check_account(account: Account) -> Iterator[CheckMessage]:
    steps: list[tuple[str, Callable[[], object], str]] = [
        ("E002", lambda: account.api_version, "v1 is the current version; v0.1 is the older one."),
        ("E003", lambda: account.signature_secrets, _SIGNATURE_SECRETS.hint),
        ("E004", lambda: account.verify_webhooks, "Set it to False only for unsigned webhooks."),
        ("E005", lambda: account.webhook_max_age, "The default, None, accepts late retries."),
        ("E006", lambda: account.region, "REGION is used only for numbers that begin with 0."),
        ("E012", lambda: account.database_wait, "The default is 5 seconds."),
        ("E011", lambda: get_executor(account), "The default, 'inline', needs no worker."),
        ("E007", lambda: _read_senders(account), "For example SENDERS: {'sms': '447700900001'}."),
        (
            "E014",
            lambda: check_recipients(account),
            "For example ALLOWED_RECIPIENTS: ['447700900000'], REDIRECT_TO: '447700900000'.",
        ),
        ("E009", lambda: _read_credentials(account), "Use a str or a callable that returns a str."),
        ("E008", lambda: get_configured_backend(account), _BACKEND_HINT),
    ]
    seen = set()
    for check_id, read, hint in steps:
        try:
            read()
        except MissingSecret:
            continue
        except ImproperlyConfigured as exc:
            if str(exc) not in seen:
                seen.add(str(exc))
                yield _error(check_id, exc, hint)


def _check_deployed(account: Account) -> Iterator[CheckMessage]:
    for secret, error in _missing_secrets(account):
        yield Error(str(error), hint=secret.hint, id=secret.error_id)
    with suppress(ImproperlyConfigured):
        if get_configured_backend(account).sends_nothing:
            name = f"VONAGE_MESSAGES[{account.alias!r}]"
            yield checks.Warning(
                f"{name} sends nothing: its BACKEND is {account.backend}.",
                hint="In production use django_vonage_messages.backends.api.ApiBackend.",
                id="vonage_messages.W007",
            )
    if account.limits_recipients:
        yield checks.Warning(
            f"VONAGE_MESSAGES[{account.alias!r}] does not send to all customers.",
            hint="In production remove ALLOWED_RECIPIENTS and REDIRECT_TO.",
            id="vonage_messages.W015",
        )


def _missing_secrets(account: Account) -> Iterator[tuple["_Secret", MissingSecret]]:
    for secret in (_SIGNATURE_SECRETS, _CREDENTIALS):
        try:
            secret.require(account)
        except MissingSecret as exc:
            yield secret, exc
        except ImproperlyConfigured:
            continue  # an invalid setting, which _check_account reports


def _require_signature_secrets(account: Account) -> None:
    try:
        secrets = account.signature_secrets
    except MissingSecret as exc:
        raise MissingSecret(
            f"{exc} This site answers each webhook, for any account, with 503."
        ) from exc
    if not secrets and account.verify_webhooks:
        raise MissingSecret(
            f"VONAGE_MESSAGES[{account.alias!r}] has no SIGNATURE_SECRETS, so this site answers "
            "each webhook for this account with 503."
        )


@dataclass(frozen=True)
class _Secret:
    warning_id: str
    error_id: str
    hint: str
    require: Callable[[Account], object]
    """Function that raises MissingSecret, or ImproperlyConfigured for an invalid setting."""


_EXAMPLE_HINT: Final = "See the complete example on the settings page."
_BACKEND_HINT: Final = "See BACKEND, OPTIONS and the credentials on the settings page."
_SIGNATURE_SECRETS: Final = _Secret(
    "vonage_messages.W003",
    "vonage_messages.E003",
    "List the signature secrets from the Vonage dashboard, newest first.",
    _require_signature_secrets,
)
_CREDENTIALS: Final = _Secret(
    "vonage_messages.W008",
    "vonage_messages.E008",
    "Set the credentials. To work without them, set BACKEND to "
    "django_vonage_messages.backends.console.ConsoleBackend.",
    get_configured_backend,
)


def _check_half_credentials(account: Account) -> Iterator[CheckMessage]:
    jwt = account.has_private_key and not account.application_id
    basic = bool(account.api_secret) and not account.api_key
    for half, alone, missing in (
        (jwt, "PRIVATE_KEY", "APPLICATION_ID"),
        (basic, "API_SECRET", "API_KEY"),
    ):
        if half:
            yield checks.Warning(
                f"VONAGE_MESSAGES[{account.alias!r}] has {alone} but no {missing}.",
                hint=f"Set {missing} too, or remove {alone}. {alone} alone is not used.",
                id="vonage_messages.W005",
            )


def _check_webhooks(account: Account) -> Iterator[CheckMessage]:
    name = f"VONAGE_MESSAGES[{account.alias!r}]"
    secrets = _usable_signature_secrets(account)
    if not account.verify_webhooks:
        yield checks.Warning(
            f"{name} accepts unsigned webhooks, because VERIFY_WEBHOOKS is False.",
            hint="Set it to True. Otherwise anyone who knows the URL can send false webhooks.",
            id="vonage_messages.W002",
        )
    if any(len(secret) < _SHORT_SECRET for secret in secrets):
        yield checks.Warning(
            f"{name}['SIGNATURE_SECRETS'] has a secret of under {_SHORT_SECRET} characters.",
            hint="Generate a longer one in the Vonage dashboard.",
            id="vonage_messages.W004",
        )
    if account.api_secret and account.api_secret in secrets:
        yield checks.Warning(
            f"{name}['SIGNATURE_SECRETS'] contains the API_SECRET. Vonage signs nothing with it.",
            hint="Copy the signature secret from the Vonage dashboard. It is not the API secret.",
            id="vonage_messages.W006",
        )


def _check_copied_values(account: Account) -> Iterator[CheckMessage]:
    for key in ("API_KEY", "API_SECRET", "APPLICATION_ID", "SIGNATURE_SECRETS"):
        if any(map(_has_outer_space, _given_texts(account, key))):
            yield checks.Warning(
                f"VONAGE_MESSAGES[{account.alias!r}][{key!r}] has white space or an invisible "
                "character around a value.",
                hint="Copy the value from the Vonage dashboard again. White space around it is "
                "not used.",
                id="vonage_messages.W017",
            )
    if account.application_id and not _UUID.fullmatch(account.application_id):
        yield checks.Warning(
            f"VONAGE_MESSAGES[{account.alias!r}]['APPLICATION_ID'] is not a UUID.",
            hint="Copy the ID of the application from the Vonage dashboard. It is not the API key "
            "and not the name of the application.",
            id="vonage_messages.W018",
        )


@sensitive_variables()
def _given_texts(account: Account, key: str) -> list[str]:
    value = _call(configured_accounts()[account.alias].get(key))
    items = value if isinstance(value, list | tuple) else (value,)
    return [str(_call(item) or "") for item in items]


def _call(value: Any) -> Any:
    return value() if callable(value) else value


def _has_outer_space(text: str) -> bool:
    return any(char.isspace() or category(char)[0] == "C" for char in text[:1] + text[-1:])


def _usable_signature_secrets(account: Account) -> tuple[str, ...]:
    with suppress(MissingSecret):
        return account.signature_secrets
    return ()


def _read_senders(account: Account) -> None:
    for channel in CHANNELS.values():
        account.senders(channel)


def _read_credentials(account: Account) -> None:
    # private_key is left out: its file can be missing if the backend does not need it.
    for read in ("api_key", "api_secret", "application_id", "has_private_key"):
        getattr(account, read)


def _shared_with(account: Account, before: Sequence[Account]) -> dict[str, list[str]]:
    ambiguous = [other for other in before if _is_ambiguous(account, other)]
    shared: dict[str, list[str]] = {}
    for channel in CHANNELS.values():
        senders = _repliable(account, channel)
        first = next((each for each in ambiguous if senders & _repliable(each, channel)), None)
        if first is not None:
            shared.setdefault(first.alias, []).append(channel.name)
    return shared


def _is_ambiguous(account: Account, first: Account) -> bool:
    """Return whether a webhook for ``account`` could belong to the account ``first`` too."""
    if not (account.verify_webhooks or first.verify_webhooks):
        return True
    is_named = account.application_id not in ("", first.application_id)
    return not is_named and _share_secret(account, first)


def _share_secret(account: Account, other: Account) -> bool:
    secrets = set(_usable_signature_secrets(account))
    return not secrets.isdisjoint(_usable_signature_secrets(other))


def _repliable(account: Account, channel: Channel) -> set[str]:
    return set(filter(channel.takes_replies_at, account.senders(channel)))


def _valid_accounts() -> list[Account]:
    return [account for account in _readable_accounts() if not any(_check_account(account))]


def _readable_accounts() -> Iterator[Account]:
    try:
        aliases = list(configured_accounts())
    except ImproperlyConfigured:
        return
    for alias in aliases:
        with suppress(ImproperlyConfigured):  # check_settings reports it
            yield get_account(alias)


def _error(check_id: str, problem: object, hint: str) -> Error:
    return Error(str(problem), hint=hint, id=f"vonage_messages.{check_id}")
