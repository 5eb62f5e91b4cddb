"""Sites that keep this package's tables in another database, or read from a replica."""

import re
import traceback
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.db import connections, transaction
from django.utils import timezone

from django_vonage_messages import (
    cancel_message,
    mark_message_read,
    queue_message,
    resend_message,
    send_message,
    settle_message,
)
from django_vonage_messages.exceptions import (
    DeliveryUnconfirmed,
    NotUpdatable,
    RecipientSuppressed,
)
from django_vonage_messages.failover import Failover
from django_vonage_messages.models import (
    Conversation,
    Message,
    SignalDispatch,
    StatusEvent,
    Suppression,
    UnprocessedWebhook,
    WebhookRefusal,
    Workflow,
)
from django_vonage_messages.protocol.outcomes import Unconfirmed
from django_vonage_messages.services.history.dispatch import redispatch
from django_vonage_messages.services.operations.prune import RETENTION_RULES, prune
from django_vonage_messages.services.operations.reconcile import reconcile
from django_vonage_messages.services.operations.worker import WorkerLoop
from django_vonage_messages.signals import message_received, message_status_changed
from django_vonage_messages.testing import capture_messages

DATABASES = ["default", "other"]
MODELS = (Conversation, Message, SignalDispatch, StatusEvent, UnprocessedWebhook, WebhookRefusal)
REPLICATED = (
    Workflow,
    Conversation,
    Message,
    StatusEvent,
    SignalDispatch,
    UnprocessedWebhook,
    Suppression,
)
pytestmark = pytest.mark.django_db(databases=DATABASES)


class OtherDatabaseRouter:
    """Read and write this package's rows in ``other``."""

    def db_for_read(self, model: Any, **hints: Any) -> str | None:
        return "other" if model._meta.app_label == "vonage_messages" else None

    db_for_write = db_for_read

    def allow_relation(self, *objects: Any, **hints: Any) -> bool:
        return True


class ReadsFromAReplica(OtherDatabaseRouter):
    """Read from a replica that has no rows yet."""

    def db_for_read(self, model: Any, **hints: Any) -> str | None:
        return "default" if model._meta.app_label == "vonage_messages" else None


@pytest.fixture(params=[OtherDatabaseRouter, ReadsFromAReplica], autouse=True)
def _routed(request, settings):
    settings.DATABASE_ROUTERS = [f"{__name__}.{request.param.__name__}"]


@pytest.fixture
def count_in_other():
    """Count the rows of a model in ``other``, and check that ``default`` has none."""

    def count(model):
        assert not [model for model in MODELS if model.objects.using("default").exists()]
        return model.objects.using("other").count()

    return count


def test_every_row_is_stored_in_the_other_database(
    post_webhook, status_body, inbound_body, count_in_other, connected
):
    def broken(sender, message, **kwargs):
        Group.objects.using("other").create(name="undone")
        raise LookupError

    message = send_message("447700900000", "Hello")
    with connected(message_status_changed, broken):
        results = [
            post_webhook("message-status", status_body(message, "delivered")).json()["result"],
            post_webhook("message-status", status_body(message, "delivered")).json()["result"],
            post_webhook("inbound-message", inbound_body()).json()["result"],
            post_webhook("inbound-message", inbound_body()).json()["result"],
            post_webhook("inbound-message", b"of no use").json()["result"],
        ]
    assert results == ["applied", "duplicate", "applied", "duplicate", "stored"]
    assert post_webhook("inbound-message", b"", secret=None).status_code == 503

    assert Message.objects.using("other").get(pk=message.pk).status == "delivered"
    assert [count_in_other(model) for model in MODELS] == [1, 2, 1, 2, 1, 1]
    assert not Group.objects.using("other").exists()


def test_pending_dispatch_runs_in_the_other_database(post_webhook, inbound_body, connected):
    def broken(sender, message, **kwargs):
        raise LookupError

    def works(sender, message, **kwargs):
        Group.objects.using("other").create(name=message.text)

    with connected(message_received, broken):
        post_webhook("inbound-message", inbound_body("done"))
    dispatch = SignalDispatch.objects.using("other").get()
    with connected(message_received, works):
        assert redispatch(dispatch)
    assert Group.objects.using("other").get().name == "done"


@pytest.mark.django_db(databases=DATABASES, transaction=True)
def test_commit_is_verified_in_the_other_database(
    post_webhook, inbound_body, count_in_other, connected
):
    runs = []

    def receiver(sender, message, **kwargs):
        runs.append(1)
        connections["other"].close()

    with connected(message_received, receiver):
        assert post_webhook("inbound-message", inbound_body()).status_code == 503
    assert len(runs) == 3
    assert (count_in_other(Message), count_in_other(UnprocessedWebhook)) == (0, 1)
    assert post_webhook("inbound-message", inbound_body()).json() == {"result": "applied"}
    assert count_in_other(Message) == 1


@pytest.fixture
def refuse_services(monkeypatch):
    """Raise if a service reads this package's tables from the replica."""

    def refuse(execute, sql, params, many, context):
        if "vonage_messages_" in sql:
            files = [frame.filename for frame in traceback.extract_stack()]
            assert not any("/django_vonage_messages/services/" in file for file in files), sql
        return execute(sql, params, many, context)

    with connections["default"].execute_wrapper(refuse):
        yield


@pytest.fixture
def replicate():
    """Copy the rows to the replica, like replication without delay."""

    def copy():
        User.objects.using("other").bulk_create(User.objects.using("default"))
        for model in REPLICATED:
            rows = model.objects.using("other").order_by("pk")
            model.objects.using("default").bulk_create(rows)

    return copy


def on_primary(message: Message) -> Message:
    return Message.objects.using("other").get(pk=message.pk)


def unconfirmed_message(**arguments) -> Message:
    broken = capture_messages(outcome=Unconfirmed("Broken"))
    with broken, pytest.raises(DeliveryUnconfirmed) as raised:
        send_message("447700900000", "Hello", **arguments)
    return raised.value.message


def test_service_that_reads_the_replica_raises(refuse_services):
    code = compile(
        "list(Message.objects.using('default'))", "/django_vonage_messages/services/x.py", "exec"
    )
    with pytest.raises(AssertionError):
        exec(code, {"Message": Message})


def test_services_send_and_queue_without_the_replica(refuse_services):
    sent = send_message("447700900000", "Hello", idempotency_key="one")
    assert send_message("447700900000", "Hello", idempotency_key="one") == sent
    with transaction.atomic(using="other"):
        deferred = send_message("447700900000", "Later")
    plan = send_message("447700900000", "First", failover=[Failover("Then", channel="whatsapp")])
    queued = queue_message("447700900000", "Hello", idempotency_key="two")
    assert queue_message("447700900000", "Hello", idempotency_key="two") == queued
    assert cancel_message(queued) is True
    assert on_primary(queued).status == "cancelled"
    assert (sent.status, deferred.status, plan.status) == ("accepted", "queued", "accepted")
    Suppression(address="447700900009", evidence="asked").save()
    with pytest.raises(RecipientSuppressed):
        send_message("447700900009", "Hello")


def test_services_settle_resend_and_update_without_the_replica(
    refuse_services, post_webhook, inbound_body
):
    with (
        capture_messages(outcome=[Unconfirmed("Broken")]),
        pytest.raises(DeliveryUnconfirmed) as exc,
    ):
        send_message("447700900000", "Hello")
    message = exc.value.message
    assert settle_message(message, "failed") is True
    again = resend_message(message)
    assert on_primary(again).resend_of_id == message.pk
    assert resend_message(message) == again
    with pytest.raises(NotUpdatable):
        mark_message_read(message)


def test_services_find_a_status_by_workflow_and_client_ref_without_the_replica(
    refuse_services, post_webhook, status_body
):
    with (
        capture_messages(outcome=[Unconfirmed("Broken")]),
        pytest.raises(DeliveryUnconfirmed) as exc,
    ):
        send_message("447700900000", "Hello", client_ref="order-42")
    message = exc.value.message
    unknown = status_body(message, "submitted", message_uuid="uuid-1", client_ref="")
    assert post_webhook("message-status", unknown).json() == {"result": "stored"}
    body = status_body(message, "delivered", message_uuid="uuid-1")
    assert post_webhook("message-status", body).json() == {"result": "applied"}
    assert on_primary(message).submitted_at is not None
    assert on_primary(message).status == "delivered"


@pytest.mark.django_db(databases=DATABASES, transaction=True)
def test_worker_reconcile_and_prune_run_without_the_replica(
    refuse_services, post_webhook, inbound_body, connected
):
    def broken(sender, **kwargs):
        raise LookupError

    queued = [queue_message("447700900000", f"Hello {n}") for n in range(3)]
    WorkerLoop(threads=1, poll=0.05).run(once=True)
    assert {on_primary(message).status for message in queued} == {"accepted"}

    late = queue_message("447700900000", "Late", send_at=timezone.now() - timedelta(hours=1))
    with connected(message_received, broken):
        post_webhook("inbound-message", inbound_body())
    post_webhook("inbound-message", b"of no use")
    started = queue_message("447700900000", "Interrupted")
    Message.objects.using("other").filter(pk=started.pk).update(
        status="sending", claim_expires_at=timezone.now() - timedelta(hours=1)
    )
    SignalDispatch.objects.using("other").update(next_try_at=timezone.now())
    done = reconcile()
    assert (done.delivered, done.unconfirmed, done.dispatched) == (1, 1, 1)
    assert on_primary(late).status == "accepted"
    assert on_primary(started).status == "unconfirmed"

    for rule in RETENTION_RULES:
        sum(prune(rule, timedelta(0)))
    assert not Conversation.objects.using("other").exists()


@pytest.mark.parametrize(
    ("action", "status", "after"),
    [
        ("cancel", "queued", "cancelled"),
        ("was-sent", "unconfirmed", "accepted"),
        ("was-not-sent", "unconfirmed", "failed"),
        ("send-again", "failed", "failed"),
    ],
)
def test_admin_buttons_act_on_the_primary(
    refuse_services, replicate, admin_client, action, status, after
):
    message = queue_message("447700900000", "Hello")
    Message.objects.using("other").filter(pk=message.pk).update(status=status)
    replicate()
    url = f"/admin/vonage_messages/message/{message.pk}/do/{action}/"
    assert admin_client.post(url).status_code == 302
    assert on_primary(message).status == after
    resent = Message.objects.using("other").filter(resend_of=message)
    assert resent.count() == (action == "send-again")


def test_admin_actions_and_replies_act_on_the_primary(
    refuse_services, replicate, admin_client, post_webhook, inbound_body, connected
):
    def broken(sender, **kwargs):
        raise LookupError

    with connected(message_received, broken):
        post_webhook("inbound-message", inbound_body())
    with connected(message_received, broken):
        post_webhook("inbound-message", b"of no use")
    Suppression(address="447700900009", evidence="asked").save()
    replicate()
    conversation = Conversation.objects.using("other").get()
    page = f"/admin/vonage_messages/conversation/{conversation.pk}"
    token = re.search(
        r'name="token" value="([^"]+)', str(admin_client.get(f"{page}/change/").content)
    )
    assert Conversation.objects.using("other").get().unread_count == 0
    reply = {"token": token[1], "text": "Hello back"}
    assert admin_client.post(f"{page}/reply/", reply).status_code == 302
    assert Message.objects.using("other").outbound().get().status == "accepted"
    run_action(admin_client, "signaldispatch", "run_again", SignalDispatch)
    run_action(admin_client, "unprocessedwebhook", "apply_again", UnprocessedWebhook)
    run_action(admin_client, "suppression", "lift_suppressions", Suppression, confirmed="yes")
    assert SignalDispatch.objects.using("other").get().done_at is not None
    assert Suppression.objects.using("other").get().lifted_at is not None


def run_action(client, page, action, model, **extra):
    pks = list(model.objects.using("other").values_list("pk", flat=True))
    data = {"action": action, "_selected_action": pks} | extra
    assert client.post(f"/admin/vonage_messages/{page}/", data).status_code == 302


class UndecidedOnRelations(OtherDatabaseRouter):
    """A router without an opinion: Django allows relations within one database."""

    def allow_relation(self, *objects: Any, **hints: Any) -> Any:
        return None


def test_user_of_another_database_can_settle_a_message(settings):
    settings.DATABASE_ROUTERS = [f"{__name__}.UndecidedOnRelations"]
    user = User.objects.create_user("ada")
    with capture_messages(outcome=Unconfirmed("?")), pytest.raises(DeliveryUnconfirmed) as raised:
        send_message("447700900000", "Hello")

    assert settle_message(raised.value.message, "failed", settled_by=user)

    assert StatusEvent.objects.latest("id").settled_by_id == user.pk
