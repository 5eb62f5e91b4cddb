"""vonage_hold keeps the messages of a restored copy from being sent."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from django_vonage_messages import (
    cancel_message,
    queue_message,
    reschedule_message,
    send_message,
)
from django_vonage_messages.failover import Failover
from django_vonage_messages.models import Deployment, Message, SignalDispatch, UnprocessedWebhook
from django_vonage_messages.services.operations import hold as hold_module
from django_vonage_messages.services.operations.deployment import find_original
from django_vonage_messages.services.operations.overdue import filter_overdue
from django_vonage_messages.services.operations.reconcile import reconcile
from django_vonage_messages.services.operations.worker import WorkerLoop
from django_vonage_messages.testing import simulate_status
from tests.conftest import SENT

pytestmark = pytest.mark.django_db(transaction=True)
TO = "447700900000"
HOUR = timedelta(hours=1)


def hold(**options: bool) -> str:
    stdout = StringIO()
    call_command("vonage_hold", stdout=stdout, **options)
    return stdout.getvalue()


def release() -> str:
    return hold(release=True)


def work() -> None:
    reconcile()
    WorkerLoop(threads=1, poll=0.01).run(once=True)


def reasons() -> list[str]:
    return list(Message.objects.order_by("pk").values_list("held_reason", flat=True))


def test_held_messages_are_not_sent_until_they_are_released():
    later = timezone.now() + HOUR
    for send_at in (None, None, later):
        queue_message(TO, "Hello", send_at=send_at)
    Message.objects.filter(send_at=None).update(due_at=timezone.now() - HOUR)

    assert hold().splitlines() == ["held: 3"]
    work()
    assert SENT == []
    assert reasons() == ["hold"] * 3
    assert filter_overdue(Message.objects.all()).count() == 0

    assert release().splitlines() == ["released: 3, not allowed: 0"]
    assert reasons() == [""] * 3
    work()
    assert len(SENT) == 2
    assert Message.objects.get(status="queued").due_at == later


def test_failover_message_is_held_too(outcomes):
    first = send_message(TO, "Hello", failover=[Failover("Hello", channel="whatsapp")])
    assert hold().splitlines() == ["held: 1"]

    simulate_status(first, "rejected")
    work()

    second = first.workflow.messages.get(workflow_position=2)
    assert (second.status, second.held_reason, len(SENT)) == ("queued", "hold", 1)
    release()
    work()
    assert len(SENT) == 2


def test_held_message_can_be_cancelled_and_is_not_released():
    message = queue_message(TO, "Hello")
    hold()

    assert cancel_message(message)

    assert release().startswith("released: 0,")
    work()
    assert SENT == []


@pytest.mark.parametrize("reason", ["hold", "not_allowed"])
def test_message_that_was_cancelled_while_held_can_be_revived_after_the_release(reason):
    message = queue_message(TO, "Hello")
    Message.objects.update(held_reason=reason)
    cancel_message(message)
    release()

    assert reschedule_message(message, send_at=None)
    work()

    assert len(SENT) == 1


def test_failover_message_that_is_queued_during_the_command_is_held_too(settings, outcomes):
    account = settings.VONAGE_MESSAGES["default"] | {"EXECUTOR": "worker"}
    settings.VONAGE_MESSAGES = {"default": account}
    first = send_message(TO, "Hello", failover=[Failover("Hello", channel="whatsapp")])
    send_message(TO, "Hello", failover=[Failover("Hello", channel="whatsapp")])
    queue_message(TO, "Hello")
    steps = hold_module.hold_messages()
    next(steps)

    simulate_status(first, "rejected")
    list(steps)

    assert not Message.objects.filter(status__in=["queued", "standby"], held_reason="").exists()


def test_message_that_expires_while_it_is_held_is_not_sent():
    message = queue_message(TO, "Hello", expires_at=timezone.now() + HOUR)
    hold()
    Message.objects.update(expires_at=timezone.now() - HOUR)

    release()
    work()

    message.refresh_from_db()
    assert (message.status, SENT) == ("expired", [])


def test_release_keeps_recipients_that_are_still_not_allowed(settings):
    account = settings.VONAGE_MESSAGES["default"]
    settings.VONAGE_MESSAGES = {"default": account | {"ALLOWED_RECIPIENTS": []}}
    for number in ("447700900000", "447700900001", "447700900002"):
        queue_message(number, "Hello")
    work()
    assert reasons() == ["not_allowed"] * 3
    assert hold().splitlines() == ["held: 0"]

    allowed = {"ALLOWED_RECIPIENTS": ["447700900001"]}
    settings.VONAGE_MESSAGES = {"default": account | allowed}
    assert release().splitlines() == ["released: 1, not allowed: 2"]
    work()
    assert [sent.to for sent in SENT] == ["447700900001"]

    settings.VONAGE_MESSAGES = {"default": account | allowed | {"REDIRECT_TO": "447700900009"}}
    assert release().splitlines() == ["released: 2, not allowed: 0"]
    work()
    assert [sent.to for sent in SENT] == ["447700900001", "447700900009", "447700900009"]


def test_messages_of_an_unknown_account_stay_held(settings):
    queue_message(TO, "Hello")
    Message.objects.update(held_reason="not_allowed", account="removed")

    assert release().splitlines() == ["released: 0, not allowed: 1"]


def test_interrupted_command_is_continued(monkeypatch):
    monkeypatch.setattr(hold_module, "BATCH", 2)
    for _ in range(5):
        queue_message(TO, "Hello")
    Deployment.objects.create(fingerprint="of another", host="web1")
    steps = hold_module.hold_messages()
    assert next(steps) == 2
    steps.close()

    assert reasons() == ["hold", "hold", "", "", ""]
    assert find_original() is not None
    assert hold().splitlines() == ["held: 3"]
    assert find_original() is None


@pytest.mark.parametrize("options", [{}, {"release": True}])
def test_command_records_this_database(options):
    Deployment.objects.create(fingerprint="of another", host="web1")

    hold(**options)

    assert find_original() is None


def test_command_names_receivers_that_can_still_send():
    message = send_message(TO, "Hello")
    due = {"next_try_at": timezone.now()}
    SignalDispatch.objects.create(signal="message_received", message=message, error="x", **due)
    UnprocessedWebhook.objects.create(body_key="1", body=b"{}", account="default", **due)

    output = hold()

    assert "Not held: failed signals: 1, unprocessed webhooks: 1." in output
