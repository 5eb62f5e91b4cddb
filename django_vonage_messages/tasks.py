"""Django task that sends a message. Used if ``EXECUTOR`` is "task"."""

from django.tasks import task

from django_vonage_messages.services.delivery.built_in_executors import enqueue_again_if_early
from django_vonage_messages.services.delivery.deliver import deliver


@task
def deliver_message(pk: int) -> None:
    """Send the stored message ``pk`` if it is due and no other process is sending it."""
    if not deliver(pk):
        enqueue_again_if_early(pk)
