"""Django task that sends a message. Used if ``EXECUTOR`` is "task"."""

from django.tasks import task

from django_vonage_messages.services.delivery.deliver import deliver


@task
def deliver_message(pk: int) -> None:
    """Send the stored message ``pk``, unless another process is already sending it."""
    deliver(pk)
