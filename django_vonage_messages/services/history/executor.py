"""Delivering after the commit, by whatever the account's EXECUTOR names."""

import logging
from functools import partial

from django.core.exceptions import ImproperlyConfigured
from django.db import transaction

from django_vonage_messages.conf import get_account
from django_vonage_messages.services.db.errors import identify

logger = logging.getLogger("django_vonage_messages")


def executor_of(alias: str) -> str:
    """Return an account's EXECUTOR; for one that is gone, whatever sweeps up what is due."""
    try:
        return get_account(alias).executor
    except ImproperlyConfigured:
        return "worker"


def deliver_on_commit(pk: int, executor: str, using: str) -> None:
    """Deliver a queued message once the transaction is committed; a ``worker`` finds it itself."""
    hooks = {"inline": _deliver, "task": _enqueue}
    if hook := hooks.get(executor):
        transaction.on_commit(partial(hook, pk), using=using, robust=True)


def _deliver(pk: int) -> None:
    # Here, since delivering ends in recording, which can release the next message of a workflow.
    from django_vonage_messages.services.delivery.deliver import deliver_after_commit

    deliver_after_commit(pk)


def _enqueue(pk: int) -> None:
    """A task that cannot be enqueued leaves the row queued, for a worker or the sweep."""
    from django_vonage_messages.tasks import deliver_message

    try:
        deliver_message.enqueue(pk)
    except Exception as exc:  # noqa: BLE001 -- whatever the task backend raises
        logger.error(  # noqa: TRY400 -- a traceback could quote the message
            "Message %d could not be enqueued: %s", pk, identify(exc)
        )
