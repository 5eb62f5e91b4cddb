"""System checks of the settings, the URLs and the database.

They read the settings through the code that uses them, so that a check reports the words that a
call would raise. They do not depend on DEBUG.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connections, transaction
from django.urls import NoReverseMatch, reverse

from django_vonage_messages.backends import get_backend
from django_vonage_messages.conf import DEFAULT_ALIAS, Account, configured_accounts, get_account
from django_vonage_messages.models import Message
from django_vonage_messages.protocol.channels import CHANNELS, Channel
from django_vonage_messages.services.db.transactions import write_database
from django_vonage_messages.services.history.executor import get_executor
from django_vonage_messages.services.operations.overdue import filter_overdue

_SHORT_SECRET: Final = 16


@register("vonage_messages")
def check_settings(**_kwargs: Any) -> list[CheckMessage]:
    """Check ``VONAGE_MESSAGES``: E001–E009, E011, W001–W006, and the checks of its backends."""
    try:
        aliases = list(configured_accounts())
    except ImproperlyConfigured as exc:
        return [_error("E001", exc, _EXAMPLE_HINT)]
    found = [problem for alias in aliases for problem in _check_alias(alias)]
    if DEFAULT_ALIAS not in aliases:
        found.append(
            checks.Warning(
                "VONAGE_MESSAGES has no 'default' account.",
                hint="send_message() uses 'default' where no account is named.",
                id="vonage_messages.W001",
            )
        )
    return found


@register("vonage_messages")
def check_shared_senders(**_kwargs: Any) -> list[CheckMessage]:
    """Check that no inbound message could belong to two accounts: W014."""
    accounts = [account for account in _usable_accounts() if not any(_check_account(account))]
    return [
        checks.Warning(
            f"VONAGE_MESSAGES[{account.alias!r}] and [{first!r}] have the same SENDERS "
            f"({', '.join(channels)}): what customers write to these is filed under {first!r}.",
            hint=(
                "Set the APPLICATION_ID of each, if they have one each. Else name the address in "
                "the SENDERS of one: the other can still send from it, with sender=…."
            ),
            id="vonage_messages.W014",
        )
        for place, account in enumerate(accounts)
        for first, channels in _shared_with(account, accounts[:place]).items()
    ]


@register("vonage_messages", deploy=True)
def check_deployment(**_kwargs: Any) -> list[CheckMessage]:
    """Check that the backend of each account sends, with ``check --deploy``: W007."""
    return [
        checks.Warning(
            f"VONAGE_MESSAGES[{account.alias!r}] sends nothing: its BACKEND is {account.backend}.",
            hint="In production use django_vonage_messages.backends.api.ApiBackend.",
            id="vonage_messages.W007",
        )
        for account in _usable_accounts()
        if get_backend(account).sends_nothing
    ]


@register("vonage_messages")
def check_use_tz(**_kwargs: Any) -> list[CheckMessage]:
    """Check USE_TZ, because Vonage's times cannot be stored as naive local times: E010."""
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
    """Check that the webhook URLs are included: W010."""
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


@register(Tags.database)
def check_database(databases: Sequence[str] | None = None, **_kwargs: Any) -> list[CheckMessage]:
    """Check the messages' database, with ``migrate`` and ``check --database``: W011, W012."""
    alias = write_database()
    if alias not in (databases or ()):
        return []
    vendor = connections[alias].vendor
    if vendor == "sqlite":
        return _check_sqlite(alias)
    return _check_mysql(alias) if vendor == "mysql" else []


@register(Tags.database, deploy=True)
def check_queue(databases: Sequence[str] | None = None, **_kwargs: Any) -> list[CheckMessage]:
    """Check that a worker sends queued messages, with ``check --deploy --database``: W013."""
    alias = write_database()
    count = _count_overdue(alias) if alias in (databases or ()) else 0
    if not count:
        return []
    return [
        checks.Warning(
            f"Queued messages should have left by now ({count}), and no worker is there to send "
            "them.",
            hint=(
                "Keep manage.py vonage_worker running, or let cron run manage.py "
                "vonage_reconcile every minute."
            ),
            id="vonage_messages.W013",
        )
    ]


def _count_overdue(alias: str) -> int:
    """Count overdue messages; 0 if the table does not exist, as before ``migrate``."""
    try:
        with transaction.atomic(using=alias):
            return filter_overdue(Message.objects.using(alias)).count()
    except DatabaseError:
        return 0


def _check_sqlite(alias: str) -> list[CheckMessage]:
    connection: Any = connections[alias]
    mode = connection.settings_dict["OPTIONS"].get("transaction_mode") or ""
    if mode.upper() in {"IMMEDIATE", "EXCLUSIVE"} or connection.is_in_memory_db():
        return []
    return [
        checks.Warning(
            f"DATABASES[{alias!r}] is SQLite, and its transactions take the lock late.",
            hint=(
                'Set OPTIONS: {"transaction_mode": "IMMEDIATE"}: a receiver that reads before it '
                "writes then waits for its turn, where it would fail at once."
            ),
            id="vonage_messages.W011",
        )
    ]


def _check_mysql(alias: str) -> list[CheckMessage]:
    if all(collation.startswith("utf8mb4") for collation in _mysql_collations(alias)):
        return []
    return [
        checks.Warning(
            f"DATABASES[{alias!r}] does not store every character: it is not utf8mb4.",
            hint=(
                "ALTER DATABASE … CHARACTER SET utf8mb4, and ALTER TABLE … CONVERT TO CHARACTER "
                "SET utf8mb4 for the tables that exist: a text with an emoji cannot be stored "
                "until then."
            ),
            id="vonage_messages.W012",
        )
    ]


def _mysql_collations(alias: str) -> list[str]:
    """Return the collation of the database, and of the table of messages if it exists."""
    with connections[alias].cursor() as cursor:
        cursor.execute(
            "SELECT @@collation_database UNION SELECT table_collation"
            " FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = %s",
            [Message._meta.db_table],
        )
        return [collation for (collation,) in cursor.fetchall()]


def _check_alias(alias: str) -> Iterator[CheckMessage]:
    try:
        account = get_account(alias)
    except ImproperlyConfigured as exc:
        yield _error("E001", exc, _EXAMPLE_HINT)
        return
    errors = list(_check_account(account))
    yield from errors
    if not errors:
        yield from _check_credentials(account)
        yield from _check_webhooks(account)
        yield from get_backend(account).check()


def _check_account(account: Account) -> Iterator[CheckMessage]:
    """Yield an error for each setting of an account that cannot be used, without repeats."""
    steps: list[tuple[str, Callable[[], object], str]] = [
        ("E002", lambda: account.api_version, "v1 is the current API; v0.1 is the one before."),
        ("E003", lambda: account.signature_secrets, _SECRETS_HINT),
        ("E004", lambda: account.verify_webhooks, "Leave it True unless Vonage cannot sign."),
        ("E005", lambda: account.webhook_max_age, "None, the default, accepts late retries."),
        ("E006", lambda: account.region, "REGION is only used to read numbers with a leading 0."),
        ("E011", lambda: get_executor(account), "'inline' delivers in the process that committed."),
        ("E007", lambda: _read_senders(account), "SENDERS: {'sms': '447700900001'}."),
        ("E009", lambda: _read_credentials(account), "Each is a str, or a callable returning one."),
        ("E008", lambda: get_backend(account), "Credentials and OPTIONS are on the settings page."),
    ]
    seen = set()
    for check_id, read, hint in steps:
        try:
            read()
        except ImproperlyConfigured as exc:
            if str(exc) not in seen:
                seen.add(str(exc))
                yield _error(check_id, exc, hint)


_EXAMPLE_HINT = "See the settings page for a complete example."
_SECRETS_HINT = "A list of the signature secrets in the Vonage dashboard, newest first."


def _check_credentials(account: Account) -> Iterator[CheckMessage]:
    """Check for half of a pair of credentials: W005."""
    jwt = account.has_private_key and not account.application_id
    basic = bool(account.api_secret) and not account.api_key
    for half, alone, missing in (
        (jwt, "PRIVATE_KEY", "APPLICATION_ID"),
        (basic, "API_SECRET", "API_KEY"),
    ):
        if half:
            yield checks.Warning(
                f"VONAGE_MESSAGES[{account.alias!r}] has {alone} but no {missing}.",
                hint=f"Set {missing} too, or remove {alone}: it is not used.",
                id="vonage_messages.W005",
            )


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
    if account.api_secret and account.api_secret in account.signature_secrets:
        yield checks.Warning(
            f"{name}['SIGNATURE_SECRETS'] holds the API_SECRET, which Vonage signs nothing with.",
            hint="The dashboard shows the signature secret apart from the API secret.",
            id="vonage_messages.W006",
        )


def _read_senders(account: Account) -> None:
    for channel in CHANNELS.values():
        account.senders(channel)


def _read_credentials(account: Account) -> None:
    # Not private_key: its file may be missing where the backend does not need it.
    for read in ("api_key", "api_secret", "application_id", "has_private_key"):
        getattr(account, read)


def _shared_with(account: Account, before: Sequence[Account]) -> dict[str, list[str]]:
    """Return the earlier accounts that share a sender with this one, with the channels."""
    ambiguous = [other for other in before if _is_ambiguous(account, other)]
    shared: dict[str, list[str]] = {}
    for channel in CHANNELS.values():
        senders = _repliable(account, channel)
        first = next((each for each in ambiguous if senders & _repliable(each, channel)), None)
        if first is not None:
            shared.setdefault(first.alias, []).append(channel.name)
    return shared


def _is_ambiguous(account: Account, first: Account) -> bool:
    """Return whether a webhook of one account also passes as one of an earlier account."""
    if not (account.verify_webhooks or first.verify_webhooks):
        return True
    is_named = account.application_id not in ("", first.application_id)
    return not is_named and not set(account.signature_secrets).isdisjoint(first.signature_secrets)


def _repliable(account: Account, channel: Channel) -> set[str]:
    """Return the senders that customers can reply to: all except names."""
    return set(filter(channel.takes_replies_at, account.senders(channel)))


def _usable_accounts() -> Iterator[Account]:
    """Yield the accounts whose backend can be created. check_settings reports the others."""
    try:
        aliases = list(configured_accounts())
    except ImproperlyConfigured:
        return
    for alias in aliases:
        try:
            account = get_account(alias)
            get_backend(account)
        except ImproperlyConfigured:
            continue
        yield account


def _error(check_id: str, exc: ImproperlyConfigured, hint: str) -> Error:
    return Error(str(exc), hint=hint, id=f"vonage_messages.{check_id}")
