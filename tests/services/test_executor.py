"""EXECUTOR: delivery of messages that were sent inside a transaction."""

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import transaction

from django_vonage_messages import queue_message, send_message
from django_vonage_messages.compat import HAS_TASKS
from django_vonage_messages.conf import get_account
from django_vonage_messages.models import Message
from tests.conftest import SENT

needs_tasks = pytest.mark.skipif(not HAS_TASKS, reason="django.tasks came with Django 6.0")


@pytest.fixture
def executor(settings, outcomes):
    def use(name: str) -> None:
        account = settings.VONAGE_MESSAGES["default"] | {"EXECUTOR": name}
        settings.VONAGE_MESSAGES = {"default": account}

    return use


def send_in_a_transaction():
    with transaction.atomic():
        message = send_message("447700900000", "Hello")
    message.refresh_from_db()
    return message


def test_worker_delivers_after_the_commit(transactional_db, executor):
    executor("worker")
    message = send_in_a_transaction()
    assert (message.status, SENT) == ("queued", [])

    call_command("vonage_worker", once=True, threads=1, poll=0.01)

    message.refresh_from_db()
    assert (message.status, len(SENT)) == ("accepted", 1)


@needs_tasks
def test_task_delivers_after_the_commit(transactional_db, executor, settings):
    settings.TASKS = {"default": {"BACKEND": "django.tasks.backends.immediate.ImmediateBackend"}}
    executor("task")

    message = send_in_a_transaction()

    assert (message.status, len(SENT)) == ("accepted", 1)


@needs_tasks
def test_message_stays_queued_if_its_task_cannot_be_enqueued(
    transactional_db, executor, settings, caplog
):
    settings.TASKS = {
        "default": {"BACKEND": "django.tasks.backends.dummy.DummyBackend", "QUEUES": ["x"]}
    }
    executor("task")

    message = send_in_a_transaction()

    assert (message.status, SENT) == ("queued", [])
    assert "could not be enqueued and stays queued" in caplog.text


def own_executor(pk: int) -> None:
    OWN.append(pk)


OWN: list[int] = []


def test_executor_function_is_called_after_the_commit(transactional_db, executor):
    executor(f"{__name__}.own_executor")
    OWN.clear()
    with transaction.atomic():
        message = send_message("447700900000", "Hello")
        assert OWN == []
    assert [message.pk] == OWN
    message.refresh_from_db()
    assert (message.status, SENT) == ("queued", [])


class ExecutorClass:
    def __call__(self, pk: int) -> None:
        pass


def failing_executor(pk: int) -> None:
    raise RuntimeError("amqp://shop:hunter2@broker refused")


def test_later_hooks_run_if_the_executor_raises(transactional_db, executor, caplog):
    executor(f"{__name__}.failing_executor")
    hooks: list[str] = []
    with transaction.atomic():
        message = send_message("447700900000", "Hello")
        transaction.on_commit(lambda: hooks.append("a later one"))

    message.refresh_from_db()
    assert (message.status, hooks) == ("queued", ["a later one"])
    failed = f"The EXECUTOR failed for message {message.pk}, which stays queued: RuntimeError"
    assert failed in caplog.text
    assert "hunter2" not in caplog.text


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        (".deliver", "['EXECUTOR'] must be one of 'inline', 'worker', 'task', or the dotted path"),
        ("..deliver", "['EXECUTOR'] must be one of"),
        ("no.such.module", "['EXECUTOR'] cannot be imported: 'no.such.module'"),
        (f"{__name__}.OWN", "['EXECUTOR'] is not a function"),
        (f"{__name__}.ExecutorClass", "['EXECUTOR'] is a class: name an instance or a function"),
        ("tests.services.broken_executor.run", "['EXECUTOR'] cannot be imported: 'tests.services."),
    ],
)
def test_unusable_executor_stores_nothing(transactional_db, executor, path, problem):
    executor(path)
    with transaction.atomic(), pytest.raises(ImproperlyConfigured) as raised:
        send_message("447700900000", "Hello")
    assert problem in str(raised.value)
    assert not Message.objects.exists()


def test_unusable_executor_leaves_queued_messages_to_the_worker(transactional_db, executor):
    executor("tests.services.broken_executor.run")

    message = queue_message("447700900000", "Hello")

    assert Message.objects.get() == message


@pytest.mark.skipif(HAS_TASKS, reason="This Django has django.tasks.")
def test_executor_task_needs_django_tasks(db, executor):
    executor("task")
    with pytest.raises(ImproperlyConfigured, match="needs Django"):
        assert get_account().executor
