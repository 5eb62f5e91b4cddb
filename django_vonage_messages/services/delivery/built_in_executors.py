"""The built-in executors: how a message that a transaction queued is delivered after the commit."""

import logging

from django.utils.module_loading import import_string

from django_vonage_messages.services.db.errors import identify
from django_vonage_messages.services.delivery.deliver import deliver

logger = logging.getLogger("django_vonage_messages")


def deliver_inline(pk: int) -> None:
    """Deliver in the process that committed. Nobody is left to raise to, so failures are logged."""
    try:
        deliver(pk)
    except Exception as exc:  # noqa: BLE001 -- whatever it is, its place is the log
        logger.error(  # noqa: TRY400 -- a traceback could quote the message
            "Delivering message %s after the commit failed: %s", pk, identify(exc)
        )


def leave_to_worker(pk: int) -> None:
    """Do nothing: a ``vonage_worker`` finds the row."""


def enqueue_task(pk: int) -> None:
    """Enqueue a Django task. If that fails, the row stays queued for a worker or the sweep."""
    try:
        # By name: django.tasks, which the module imports, came with Django 6.0.
        import_string("django_vonage_messages.tasks.deliver_message").enqueue(pk)
    except Exception as exc:  # noqa: BLE001 -- whatever the task backend raises
        logger.error(  # noqa: TRY400 -- a traceback could quote the message
            "Message %d could not be enqueued: %s", pk, identify(exc)
        )
