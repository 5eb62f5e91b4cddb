"""A site that keeps this package's tables in another database."""

from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connections

from django_vonage_messages import send_message
from django_vonage_messages.models import (
    Conversation,
    Message,
    SignalDispatch,
    StatusEvent,
    UnprocessedWebhook,
    WebhookRefusal,
)
from django_vonage_messages.services.history.dispatch import redispatch
from django_vonage_messages.signals import message_received, message_status_changed

DATABASES = ["default", "other"]
MODELS = (Conversation, Message, SignalDispatch, StatusEvent, UnprocessedWebhook, WebhookRefusal)
pytestmark = pytest.mark.django_db(databases=DATABASES)


class VonageElsewhere:
    """This package's rows go to ``other``, and are read there."""

    def db_for_read(self, model: Any, **hints: Any) -> str | None:
        return "other" if model._meta.app_label == "vonage_messages" else None

    db_for_write = db_for_read

    def allow_relation(self, *objects: Any, **hints: Any) -> bool:
        return True


class ReadsFromAReplica(VonageElsewhere):
    """Reads go to a replica, which knows nothing yet."""

    def db_for_read(self, model: Any, **hints: Any) -> str | None:
        return "default" if model._meta.app_label == "vonage_messages" else None


@pytest.fixture(params=[VonageElsewhere, ReadsFromAReplica], autouse=True)
def _routed(request, settings):
    settings.DATABASE_ROUTERS = [f"{__name__}.{request.param.__name__}"]


@pytest.fixture
def elsewhere():
    """Count the rows of a model in the other database, and find none in the default one."""

    def count(model):
        assert not [model for model in MODELS if model.objects.using("default").exists()]
        return model.objects.using("other").count()

    return count


def test_everything_goes_to_the_other_database(
    post_webhook, status_body, inbound_body, elsewhere, connected
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
    assert [elsewhere(model) for model in MODELS] == [1, 2, 1, 2, 1, 1]
    assert not Group.objects.using("other").exists()


def test_what_is_owed_is_run_again_there(post_webhook, inbound_body, connected):
    def broken(sender, message, **kwargs):
        raise LookupError

    def works(sender, message, **kwargs):
        Group.objects.using("other").create(name=message.text)

    with connected(message_received, broken):
        post_webhook("inbound-message", inbound_body("done"))
    owed = SignalDispatch.objects.using("other").get()
    with connected(message_received, works):
        assert redispatch(owed)
    assert Group.objects.using("other").get().name == "done"


@pytest.mark.django_db(databases=DATABASES, transaction=True)
def test_the_proof_of_a_commit_is_asked_of_the_other_database(
    post_webhook, inbound_body, elsewhere, connected
):
    runs = []

    def receiver(sender, message, **kwargs):
        runs.append(1)
        connections["other"].close()

    with connected(message_received, receiver):
        assert post_webhook("inbound-message", inbound_body()).status_code == 503
    assert len(runs) == 3
    assert (elsewhere(Message), elsewhere(UnprocessedWebhook)) == (0, 1)
    assert post_webhook("inbound-message", inbound_body()).json() == {"result": "applied"}
    assert elsewhere(Message) == 1
