"""Built-in values of the setting EXECUTOR."""

import logging
from datetime import datetime, timedelta
from typing import Final

from django.utils import timezone
from django.utils.module_loading import import_string

from django_vonage_messages.models import Message, Status
from django_vonage_messages.services.db.errors import identify
from django_vonage_messages.services.db.transactions import now, primary
from django_vonage_messages.services.delivery.deliver import deliver

logger = logging.getLogger("django_vonage_messages")

LONGEST_CLOCK_DIFFERENCE: Final = timedelta(minutes=1)
"""A message that is due later than this was rescheduled, and has another task."""


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


class TaskExecutor:
    """Enqueue a Django task that sends the message."""

    def __call__(self, pk: int) -> None:
        """Enqueue a task that runs now."""
        self.schedule(pk, None)

    def schedule(self, pk: int, due_at: datetime | None) -> None:
        """Enqueue a task that runs at ``due_at``.

        If the task backend cannot run tasks later, a message for later is left to ``vonage_worker``
        or ``deliver_due()``.
        """
        try:
            # By name, because the module imports django.tasks (Django 6.0 and newer).
            task = import_string("django_vonage_messages.tasks.deliver_message")
            if due_at is not None and due_at > timezone.now():
                if not task.get_backend().supports_defer:
                    return
                task = task.using(run_after=due_at)
            task.enqueue(pk)
        except Exception as exc:  # noqa: BLE001 -- a task backend may raise anything
            # A worker or vonage_reconcile sends the message later.
            logger.error(  # noqa: TRY400 -- a traceback could quote the message
                "Message %d could not be enqueued and stays queued: %s", pk, identify(exc)
            )


enqueue_task: Final = TaskExecutor()


def enqueue_again_if_early(pk: int) -> None:
    """Enqueue a task again that ran before its message was due.

    The clock of the task's host can be ahead of the database's clock.
    """
    early = primary(Message).filter(
        pk=pk,
        status=Status.QUEUED,
        due_at__gt=now(),
        due_at__lte=now() + LONGEST_CLOCK_DIFFERENCE,
    )
    for due_at, moment in early.values_list("due_at", now()):
        enqueue_task.schedule(pk, timezone.now() + (due_at - moment))
