"""System checks: every misconfiguration has an id and a hint.

They read the settings through the same code that uses them, so that what a check says is what a
call would raise. DEBUG turns none of them off.
"""

from collections.abc import Callable, Iterator
from typing import Any

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.exceptions import ImproperlyConfigured
from django.urls import NoReverseMatch, reverse

from django_vonage_messages.backends import get_backend
from django_vonage_messages.conf import Account, get_accounts
from django_vonage_messages.protocol.channels import CHANNELS

_SHORT_SECRET = 16


@register("vonage_messages")
def check_settings(**_kwargs: Any) -> list[CheckMessage]:
    """E001–E009: ``VONAGE_MESSAGES`` as a whole and each account in it."""
    try:
        accounts = get_accounts()
    except ImproperlyConfigured as exc:
        return [_error("E001", exc, "See the settings page for a complete example.")]
    found = [problem for account in accounts for problem in _check_account(account)]
    if not any(account.alias == "default" for account in accounts):
        found.append(
            checks.Warning(
                "VONAGE_MESSAGES has no 'default' account.",
                hint="send_message() uses 'default' where no account is named.",
                id="vonage_messages.W001",
            )
        )
    return found


@register("vonage_messages")
def check_use_tz(**_kwargs: Any) -> list[CheckMessage]:
    """E010: Vonage's times are UTC, and cannot be stored as naive local times."""
    if settings.USE_TZ:
        return []
    return [
        Error(
            "USE_TZ is False.",
            hint="Set USE_TZ = True: Vonage's times carry a zone, and so must the columns.",
            id="vonage_messages.E010",
        )
    ]


@register(Tags.urls)
def check_urls(**_kwargs: Any) -> list[CheckMessage]:
    """W010: an account receives webhooks, but no URL takes them."""
    if not getattr(settings, "ROOT_URLCONF", None):
        return []
    try:
        reverse("vonage_messages:message-status")
    except NoReverseMatch:
        return [
            checks.Warning(
                "The webhook URLs of django_vonage_messages are not mounted.",
                hint=(
                    'Add path("webhooks/", include("django_vonage_messages.urls")) to your URLs; '
                    "without it no status and no answer arrives."
                ),
                id="vonage_messages.W010",
            )
        ]
    return []


def _check_account(account: Account) -> Iterator[CheckMessage]:
    steps: list[tuple[str, Callable[[], object], str]] = [
        ("E002", lambda: account.api_version, "v0.1 is the version that this release speaks."),
        ("E003", lambda: account.signature_secrets, _SECRETS_HINT),
        ("E004", lambda: account.verify_webhooks, "Leave it True unless Vonage cannot sign."),
        ("E005", lambda: account.webhook_max_age, "None, the default, accepts late retries."),
        ("E006", lambda: account.region, "REGION is only used to read numbers with a leading 0."),
        ("E007", lambda: _read_senders(account), "SENDERS: {'sms': '447700900001'}."),
        ("E008", lambda: get_backend(account), "Credentials and OPTIONS are on the settings page."),
    ]
    failed = False
    for check_id, read, hint in steps:
        try:
            read()
        except ImproperlyConfigured as exc:
            failed = True
            yield _error(check_id, exc, hint)
    if not failed:
        yield from _check_webhooks(account)


_SECRETS_HINT = "A list of the signature secrets in the Vonage dashboard, newest first."


def _check_webhooks(account: Account) -> Iterator[CheckMessage]:
    name = f"VONAGE_MESSAGES[{account.alias!r}]"
    if not account.verify_webhooks:
        yield checks.Warning(
            f"{name} takes webhooks that nobody signed: VERIFY_WEBHOOKS is False.",
            hint="Whoever knows the URL can write statuses and messages of this account.",
            id="vonage_messages.W002",
        )
    elif not account.signature_secrets:
        yield checks.Warning(
            f"{name} has no SIGNATURE_SECRETS, so every webhook of it is answered 503.",
            hint="Copy the signature secret from the Vonage dashboard.",
            id="vonage_messages.W003",
        )
    if any(len(secret) < _SHORT_SECRET for secret in account.signature_secrets):
        yield checks.Warning(
            f"{name}['SIGNATURE_SECRETS'] holds a secret of under {_SHORT_SECRET} characters.",
            hint="Generate a longer one in the Vonage dashboard.",
            id="vonage_messages.W004",
        )


def _read_senders(account: Account) -> None:
    for channel in CHANNELS.values():
        account.senders(channel)


def _error(check_id: str, exc: ImproperlyConfigured, hint: str) -> Error:
    return Error(str(exc), hint=hint, id=f"vonage_messages.{check_id}")
