"""Call the account's EXECUTOR for queued messages after the commit."""

import logging
from collections.abc import Callable
from datetime import datetime
from functools import partial

from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

from django_vonage_messages.conf import Account, get_account
from django_vonage_messages.executors import Executor, SchedulingExecutor
from django_vonage_messages.models import Message
from django_vonage_messages.services.db.errors import identify
from django_vonage_messages.services.db.transactions import on_commit

logger = logging.getLogger("django_vonage_messages")


def get_executor(account: Account) -> Executor:
    """Return the account's EXECUTOR, or raise ImproperlyConfigured."""
    path = account.executor
    try:
        executor = import_string(path)
    except Exception as exc:
        raise ImproperlyConfigured(
            f"VONAGE_MESSAGES[{account.alias!r}]['EXECUTOR'] cannot be imported: {path!r}."
        ) from exc
    if not callable(executor):
        account.error("EXECUTOR", f"is not a function: {path!r}")
    if isinstance(executor, type):
        account.error("EXECUTOR", f"is a class: name an instance or a function, not {path!r}")
    return executor  # type: ignore[no-any-return]  # import_string returns Any


def deliver_on_commit(pk: int, executor: Executor) -> None:
    """Call ``executor`` for a queued message after the commit."""
    _call_on_commit(pk, partial(executor, pk))


def release_on_commit(pk: int, alias: str) -> None:
    """Call the account's EXECUTOR for a queued message after the commit."""
    if executor := _find_executor(alias):
        deliver_on_commit(pk, executor)


def schedule_on_commit(message: Message, due_at: datetime | None) -> None:
    """Call ``schedule()`` of the account's EXECUTOR after the commit, if it has this method.

    Call this function whenever a message whose retries belong to the engine is queued. ``due_at``
    None means now.
    """
    executor = _find_executor(message.account)
    if isinstance(executor, SchedulingExecutor):
        _call_on_commit(message.pk, partial(executor.schedule, message.pk, due_at))


def _find_executor(alias: str) -> Executor | None:
    try:
        return get_executor(get_account(alias))
    except ImproperlyConfigured:
        return None  # a worker, deliver_due() or vonage_reconcile sends the message


def _call_on_commit(pk: int, call: Callable[[], object]) -> None:
    on_commit(partial(_call, pk, call))


def _call(pk: int, call: Callable[[], object]) -> None:
    # Do not leave this to Django: it would log the exception's text, which can quote the message,
    # and its logging fails for a partial (no __qualname__).
    try:
        call()
    except Exception as exc:  # noqa: BLE001 -- a function of the site may raise anything
        logger.error(  # noqa: TRY400 -- a traceback could quote the message
            "The EXECUTOR failed for message %d, which stays queued: %s", pk, identify(exc)
        )
