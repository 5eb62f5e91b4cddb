"""Built-in functions for the setting EXECUTOR."""

import logging

from django.utils.module_loading import import_string

from django_vonage_messages.services.db.errors import identify
from django_vonage_messages.services.delivery.deliver import deliver

logger = logging.getLogger("django_vonage_messages")


def deliver_inline(pk: int) -> None:
    """Send the message now, in this process. Failures are logged, not raised."""
    try:
        deliver(pk)
    except Exception as exc:  # noqa: BLE001 -- any exception belongs in the log
        logger.error(  # noqa: TRY400 -- a traceback could quote the message
            "Delivery of message %s failed after the commit: %s", pk, identify(exc)
        )


def leave_to_worker(pk: int) -> None:
    """Leave the message in the queue for ``vonage_worker``."""


def enqueue_task(pk: int) -> None:
    """Enqueue a Django task that sends the message."""
    try:
        # By name, because the module imports django.tasks (Django 6.0 and newer).
        import_string("django_vonage_messages.tasks.deliver_message").enqueue(pk)
    except Exception as exc:  # noqa: BLE001 -- a task backend may raise anything
        # A worker or vonage_reconcile sends the message later.
        logger.error(  # noqa: TRY400 -- a traceback could quote the message
            "Message %d could not be enqueued and stays queued: %s", pk, identify(exc)
        )
