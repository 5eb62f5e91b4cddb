"""The delivery of a message as a Django task (6.0 and newer), which EXECUTOR "task" enqueues."""

from django.tasks import task

from django_vonage_messages.services.delivery.deliver import deliver


@task
def deliver_message(pk: int) -> None:
    """Deliver a queued message, if nobody else does."""
    deliver(pk)
