"""Django task (Django 6.0 and newer) that delivers a message. EXECUTOR "task" enqueues it."""

from django.tasks import task

from django_vonage_messages.services.delivery.deliver import deliver


@task
def deliver_message(pk: int) -> None:
    """Deliver a queued message, unless another process delivers it."""
    deliver(pk)
