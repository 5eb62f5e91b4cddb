"""The Django task (Django 6.0 and newer) that the EXECUTOR "task" enqueues for each message."""

from django.tasks import task

from django_vonage_messages.services.delivery.deliver import deliver


@task
def deliver_message(pk: int) -> None:
    """Deliver a queued message, unless another process is already delivering it."""
    deliver(pk)
