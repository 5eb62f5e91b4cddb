"""Built-in functions for the setting EXECUTOR, called for queued messages after the commit."""

import logging

from django.utils.module_loading import import_string

from django_vonage_messages.services.db.errors import identify
from django_vonage_messages.services.delivery.deliver import deliver

logger = logging.getLogger("django_vonage_messages")


def deliver_inline(pk: int) -> None:
    """Deliver the message now, in this process. Failures are logged, not raised."""
    try:
        deliver(pk)
    except Exception as exc:  # noqa: BLE001 -- any exception belongs in the log
        logger.error(  # noqa: TRY400 -- a traceback could quote the message
            "Delivery of message %s failed after the commit: %s", pk, identify(exc)
        )


def leave_to_worker(pk: int) -> None:
    """Do nothing, because a ``vonage_worker`` delivers the message."""


def enqueue_task(pk: int) -> None:
    """Enqueue a Django task that delivers the message.

    If the task cannot be enqueued, a worker or ``vonage_reconcile`` delivers the message.
    """
    try:
        # By name, because the module imports django.tasks (Django 6.0 and newer).
        import_string("django_vonage_messages.tasks.deliver_message").enqueue(pk)
    except Exception as exc:  # noqa: BLE001 -- a task backend may raise anything
        logger.error(  # noqa: TRY400 -- a traceback could quote the message
            "Message %d could not be enqueued and stays queued: %s", pk, identify(exc)
        )
