"""Call the account's EXECUTOR for queued messages after the commit."""

import logging
from collections.abc import Callable
from functools import partial

from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

from django_vonage_messages.conf import Account, get_account
from django_vonage_messages.services.db.errors import identify
from django_vonage_messages.services.db.transactions import on_commit

logger = logging.getLogger("django_vonage_messages")

Executor = Callable[[int], object]
"""Function that delivers a queued message. Its argument is the message's primary key."""


def get_executor(account: Account) -> Executor:
    """Return the account's EXECUTOR, or raise ImproperlyConfigured."""
    path = account.executor
    try:
        executor = import_string(path)
    except ImportError as exc:
        raise ImproperlyConfigured(
            f"VONAGE_MESSAGES[{account.alias!r}]['EXECUTOR'] cannot be imported: {path!r}."
        ) from exc
    if not callable(executor):
        account.error("EXECUTOR", f"is not a function: {path!r}")
    return executor  # type: ignore[no-any-return]  # import_string returns Any


def deliver_on_commit(pk: int, executor: Executor) -> None:
    """Call ``executor`` for a queued message after the commit."""
    on_commit(partial(_deliver, pk, executor))


def release_on_commit(pk: int, alias: str) -> None:
    """Call the account's EXECUTOR for a queued message after the commit."""
    try:
        executor = get_executor(get_account(alias))
    except ImproperlyConfigured:
        return  # a worker or vonage_reconcile sends the message
    deliver_on_commit(pk, executor)


def _deliver(pk: int, executor: Executor) -> None:
    # Do not leave this to Django: it would log the exception's text, which can quote the message,
    # and its logging fails for a partial (no __qualname__).
    try:
        executor(pk)
    except Exception as exc:  # noqa: BLE001 -- a function of the site may raise anything
        logger.error(  # noqa: TRY400 -- a traceback could quote the message
            "The EXECUTOR failed for message %d, which stays queued: %s", pk, identify(exc)
        )
