"""vonage_reconcile, vonage_replay and vonage_prune: finish interrupted work, delete old rows."""

from datetime import timedelta
from itertools import product

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import transaction
from django.utils import timezone

from django_vonage_messages import queue_message, send_message
from django_vonage_messages.models import (
    Conversation,
    Message,
    SignalDispatch,
    StatusEvent,
    UnprocessedWebhook,
    Worker,
)
from django_vonage_messages.services.db.transactions import fix_time
from django_vonage_messages.services.history.dispatch import MAX_DISPATCHES, redispatch
from django_vonage_messages.services.operations.overdue import filter_overdue, queued_states
from django_vonage_messages.services.operations.reconcile import reconcile, reconcile_in_steps
from django_vonage_messages.signals import message_received, message_status_changed
from django_vonage_messages.testing import receiver_errors
from tests.conftest import SENT

TO = "447700900000"
LONG_AGO = timedelta(hours=1)


@pytest.fixture
def overdue_message(transactional_db, outcomes) -> Message:
    """A message whose process died between the commit and the delivery."""
    with transaction.atomic():
        message = send_message(TO, "Hello")
        transaction.get_connection().run_on_commit.clear()
    Message.objects.update(due_at=timezone.now() - LONG_AGO)
    return message


def test_an_overdue_message_is_delivered_once(overdue_message):
    assert reconcile().delivered == 1
    assert reconcile().delivered == 0

    overdue_message.refresh_from_db()
    assert overdue_message.status == "accepted"
    assert len(SENT) == 1


def test_message_that_is_not_overdue_is_skipped(overdue_message):
    Message.objects.update(due_at=timezone.now())

    assert reconcile().delivered == 0


def interrupted(**columns) -> Message:
    message = send_message(TO, "Hello")
    message.events.all().delete()
    columns = {"status": "sending", "message_uuid": None, "accepted_at": None} | columns
    Message.objects.filter(pk=message.pk).update(**columns)
    return message


def test_interrupted_attempt_is_unconfirmed_and_never_retried(db, outcomes, changes):
    message = interrupted(claim_expires_at=timezone.now() - timedelta(seconds=1))
    changes.clear()

    assert reconcile().unconfirmed == 1
    assert reconcile().unconfirmed == 0

    message.refresh_from_db()
    assert message.status == "unconfirmed"
    assert changes == [("sending", "unconfirmed")]
    assert len(SENT) == 1


def test_attempt_within_its_lease_is_skipped(db, outcomes):
    interrupted(claim_expires_at=timezone.now() + timedelta(minutes=1))

    assert reconcile().unconfirmed == 0


def test_a_status_settles_an_interrupted_attempt(db, outcomes, post_webhook, status_body):
    message = interrupted(claim_expires_at=timezone.now() - timedelta(seconds=1))
    reconcile()

    post_webhook("message-status", status_body(message, "delivered"))

    message.refresh_from_db()
    assert message.status == "delivered"


@pytest.fixture
def failing_receiver():
    class Receiver:
        fails = True

        def __call__(self, message, **kwargs):
            Group.objects.create(name=f"{message.pk} {message.status} {Group.objects.count()}")
            if self.fails:
                raise RuntimeError("no")

    receiver = Receiver()
    message_received.connect(receiver)
    message_status_changed.connect(receiver)
    yield receiver
    message_received.disconnect(receiver)
    message_status_changed.disconnect(receiver)
    receiver_errors.clear()


def test_failed_receivers_run_again_until_they_succeed(
    db, outcomes, failing_receiver, post_webhook, inbound_body
):
    post_webhook("inbound-message", inbound_body())
    assert reconcile().dispatched == 0
    assert SignalDispatch.objects.filter(done_at=None).count() == 1
    assert Group.objects.count() == 0

    failing_receiver.fails = False
    with fix_time(timezone.now() + timedelta(minutes=2)):
        assert reconcile().dispatched == 1
        assert reconcile().dispatched == 0

    assert Group.objects.count() == 1
    assert SignalDispatch.objects.get().done_at


def test_receivers_are_not_retried_after_the_last_attempt(
    db, outcomes, failing_receiver, post_webhook, inbound_body
):
    post_webhook("inbound-message", inbound_body())
    for hour in range(7, 7 * MAX_DISPATCHES + 35, 7):
        with fix_time(timezone.now() + timedelta(hours=hour)):
            reconcile()

    assert SignalDispatch.objects.get().attempts == MAX_DISPATCHES


def test_reconcile_applies_a_webhook_that_failed(
    db, outcomes, post_webhook, inbound_body, monkeypatch
):
    with monkeypatch.context() as broken:
        broken.setattr("django_vonage_messages.services.receiving.receive.attach_inbound", None)
        assert post_webhook("inbound-message", inbound_body()).status_code == 503
    assert not Message.objects.exists()

    done = reconcile()

    assert done.replayed == 1
    assert Message.objects.inbound().get().text == "Where is my order?"
    assert UnprocessedWebhook.objects.get().processed_at


def test_unusable_webhook_stays_unprocessed(db, outcomes, post_webhook):
    post_webhook("message-status", b"[]")

    done = reconcile()

    assert done.replayed == 0
    assert UnprocessedWebhook.objects.get().deliveries == 1


def test_one_bad_webhook_does_not_stop_the_others(
    db, outcomes, post_webhook, inbound_body, status_body, monkeypatch
):
    message = send_message(TO, "Hello")
    with monkeypatch.context() as broken:
        broken.setattr("django_vonage_messages.services.receiving.receive.attach_inbound", None)
        post_webhook("inbound-message", inbound_body())
        broken.setattr(
            "django_vonage_messages.services.receiving.status_webhooks.record_status", None
        )
        post_webhook("message-status", status_body(message, "delivered"))

    with monkeypatch.context() as broken:
        broken.setattr("django_vonage_messages.services.receiving.receive.attach_inbound", None)
        assert reconcile().replayed == 1

    message.refresh_from_db()
    assert message.status == "delivered"


def test_replay_prints_each_result(db, outcomes, post_webhook, inbound_body, monkeypatch, capsys):
    with monkeypatch.context() as broken:
        broken.setattr("django_vonage_messages.services.receiving.receive.attach_inbound", None)
        post_webhook("inbound-message", inbound_body())
    pk = UnprocessedWebhook.objects.get().pk

    call_command("vonage_replay", pk)
    call_command("vonage_replay")

    assert capsys.readouterr().out == f"{pk}: applied\napplied: 0, still unprocessed: 0\n"
    with pytest.raises(CommandError, match="no unprocessed webhook 12345"):
        call_command("vonage_replay", 12345)


def test_reconcile_prints_its_counts(db, outcomes, capsys):
    interrupted(claim_expires_at=timezone.now() - timedelta(seconds=1))

    call_command("vonage_reconcile")

    assert "unconfirmed: 1" in capsys.readouterr().out


PRUNED = {
    "webhooks": UnprocessedWebhook,
    "signals": SignalDispatch,
    "messages": Message,
    "workers": Worker,
}


@pytest.fixture
def old_rows(db, outcomes, post_webhook, inbound_body, status_body, failing_receiver):
    """Rows of every kind that can be pruned, all of them old."""
    post_webhook("inbound-message", inbound_body())
    failing_receiver.fails = False
    redispatch(SignalDispatch.objects.get())
    message = send_message(TO, "Hello")
    post_webhook("message-status", status_body(message, "delivered"))
    post_webhook("message-status", b"[]")
    old = timezone.now() - timedelta(days=40)
    Message.objects.update(created_at=old)
    StatusEvent.objects.update(received_at=old)
    SignalDispatch.objects.update(done_at=old)
    UnprocessedWebhook.objects.update(received_at=old)
    Conversation.objects.update(last_message_at=old)
    Worker.objects.create(name="killed", seen_at=old)


@pytest.mark.parametrize("kind", PRUNED)
def test_prune_removes_only_rows_over_the_given_age(old_rows, kind, capsys):
    model = PRUNED[kind]
    count = model.objects.count()
    assert count

    call_command("vonage_prune", f"--{kind}=30", "--dry-run")
    call_command("vonage_prune", f"--{kind}=50")
    assert model.objects.count() == count

    call_command("vonage_prune", f"--{kind}=30")
    assert model.objects.count() == 0
    assert f"{kind}: {count} would be removed\n{kind}: 0 removed\n{kind}: {count} removed\n" in (
        capsys.readouterr().out
    )


def test_prune_clears_texts_and_payloads_and_keeps_the_messages(old_rows):
    for kind in ("texts", "event-payloads", "message-payloads"):
        call_command("vonage_prune", f"--{kind}=30")

    assert Message.objects.count() == 2
    assert set(Message.objects.values_list("text", flat=True)) == {""}
    assert all(message.content == message.payload == {} for message in Message.objects.all())
    assert all(event.payload == {} for event in StatusEvent.objects.filter(source="vonage"))
    assert Conversation.objects.get().last_message_preview == ""
    assert Message.objects.outbound().get().status == "delivered"


def test_prune_keeps_the_preview_of_a_new_text(old_rows):
    send_message(TO, "Something new")

    call_command("vonage_prune", "--texts=30")

    assert Conversation.objects.get().last_message_preview == "Something new"


def test_prune_clears_the_contact_name_with_the_last_text(old_rows):
    Conversation.objects.update(contact_name="Jane Smith")
    call_command("vonage_prune", "--texts=50", "--event-payloads=30")
    assert Conversation.objects.get().contact_name == "Jane Smith"

    newer = send_message(TO, "Something new")
    call_command("vonage_prune", "--texts=30")
    assert Conversation.objects.get().contact_name == "Jane Smith"

    Message.objects.filter(pk=newer.pk).update(created_at=timezone.now() - timedelta(days=40))
    call_command("vonage_prune", "--texts=30")
    assert Conversation.objects.get().contact_name == ""


def test_prune_names_depends_on_the_last_inbound_message(old_rows, capsys):
    past = timezone.now() - timedelta(days=40)
    Conversation.objects.update(contact_name="Jane Smith", last_inbound_at=past)
    send_message(TO, "Are you still there?")
    for arguments in (["--names=50"], ["--names=30", "--dry-run"]):
        call_command("vonage_prune", *arguments)
        assert Conversation.objects.get().contact_name == "Jane Smith"

    call_command("vonage_prune", "--names=30")
    assert Conversation.objects.get().contact_name == ""
    assert (
        "names: 0 removed\nnames: 1 would be removed\nnames: 1 removed\n" in capsys.readouterr().out
    )


def test_prune_removes_only_empty_conversations(old_rows):
    call_command("vonage_prune", "--conversations=30")
    assert Conversation.objects.count() == 1

    call_command("vonage_prune", "--messages=30")
    call_command("vonage_prune", "--conversations=30")
    assert Conversation.objects.count() == 0


def test_prune_keeps_unsent_messages(db, outcomes):
    interrupted(created_at=timezone.now() - timedelta(days=400))

    call_command("vonage_prune", "--messages=30", "--texts=30")

    assert Message.objects.get().text == "Hello"


def test_prune_without_options_is_an_error(db):
    with pytest.raises(CommandError, match="Give an age for at least one kind"):
        call_command("vonage_prune")


def test_overdue_row_and_overdue_query_agree(db, outcomes):
    now = timezone.now()
    hours = [None, now - timedelta(hours=1), now + timedelta(hours=1)]
    times = [None, now - timedelta(minutes=1), now - timedelta(minutes=3), now + timedelta(hours=1)]
    for status, due_at, claim in product(["queued", "sending", "accepted"], times, hours):
        message = queue_message(TO, "Hello")
        columns = {"status": status, "due_at": due_at, "claim_expires_at": claim}
        Message.objects.filter(pk=message.pk).update(**columns)

    states = queued_states(Message.objects.all())
    overdue = {pk for pk, state in states.items() if state.is_overdue}
    assert set(filter_overdue(Message.objects.all()).values_list("pk", flat=True)) == overdue
    assert len(overdue) == 2


def test_slow_receivers_do_not_hide_webhooks(
    db, outcomes, failing_receiver, post_webhook, inbound_body, monkeypatch
):
    """Each kind of work has its own time: here, enough for one signal and one webhook."""
    for each in range(3):
        post_webhook("inbound-message", inbound_body(message_uuid=f"uuid-{each}"))
    failing_receiver.fails = False
    with monkeypatch.context() as broken:
        broken.setattr("django_vonage_messages.services.receiving.receive.attach_inbound", None)
        assert post_webhook("inbound-message", inbound_body()).status_code == 503

    with fix_time(timezone.now() + timedelta(minutes=2)):
        *_, done = reconcile_in_steps(seconds=0)
    assert (done.dispatched, done.replayed) == (1, 1)
