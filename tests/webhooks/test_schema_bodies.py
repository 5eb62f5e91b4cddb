"""Whatever fits the reference's webhook schemas is accepted, threaded and shown."""

import uuid
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings

from django_vonage_messages import send_message
from django_vonage_messages.models import Conversation, Message, UnprocessedWebhook
from django_vonage_messages.protocol.channels import find_channel
from tests.openapi.documents import load_document
from tests.openapi.generation import bodies
from tests.spec import spec_file

pytestmark = pytest.mark.django_db
NAME = "messages-v0.1.openapi.yml"
_FIXTURES = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    max_examples=120,
)


@pytest.fixture(scope="module", autouse=True)
def _at_hand() -> None:
    """Skip where the reference is not at hand; CI promises it."""
    spec_file(NAME)


@pytest.fixture
def desk(client: Client) -> Client:
    """A member of staff at the admin."""
    staff = Client()
    staff.force_login(User.objects.create_superuser("ada"))
    return staff


def _inbound() -> Any:
    document = load_document(NAME)
    return bodies(document, document.schema("inbound-message"))


def _statuses() -> Any:
    document = load_document(NAME)
    return bodies(document, document.schema("MessageStatus"))


def test_every_inbound_message(post_webhook: Any, desk: Client) -> None:
    @_FIXTURES
    @given(_inbound())
    def check(body: dict[str, Any]) -> None:
        body["message_uuid"] = str(uuid.uuid4())  # a body that comes again is a duplicate
        response = post_webhook("inbound-message", body)
        assert (response.status_code, response.json()) == (200, {"result": "applied"})
        message = Message.objects.get(message_uuid=body["message_uuid"])
        _is_threaded(message, body)
        _is_shown(message, desk)

    check()


def _is_threaded(message: Message, body: dict[str, Any]) -> None:
    content = body["message"]["content"]
    assert message.channel == find_channel(body["from"]["type"]).name  # type: ignore[union-attr]
    assert message.content_type == content["type"]
    assert message.conversation.last_message_content_type == content["type"]
    if content["type"] == "text":
        assert message.text == content["text"].replace("\0", "\N{REPLACEMENT CHARACTER}")
    if "url" in content.get(content["type"], {}):
        assert [file.url for file in message.media] == [content[content["type"]]["url"]]


def _is_shown(message: Message, desk: Client) -> None:
    page = reverse("admin:vonage_messages_conversation_change", args=[message.conversation_id])
    shown = desk.get(page)
    assert shown.status_code == 200
    assert f'id="message-{message.pk}"' in shown.content.decode()
    details = reverse("admin:vonage_messages_message_change", args=[message.pk])
    assert desk.get(details).status_code == 200


def test_every_status(post_webhook: Any, desk: Client) -> None:
    @_FIXTURES
    @given(_statuses())
    def check(body: dict[str, Any]) -> None:
        message = send_message("447700900000", "Hello")
        body["message_uuid"] = message.message_uuid
        response = post_webhook("message-status", body)
        assert (response.status_code, response.json()) == (200, {"result": "applied"})
        message.refresh_from_db()
        assert message.status == body["status"]
        event = message.events.last()
        assert event is not None
        assert event.payload.keys() == body.keys()
        details = reverse("admin:vonage_messages_message_change", args=[message.pk])
        assert desk.get(details).status_code == 200

    check()
    assert not UnprocessedWebhook.objects.exists()
    assert Conversation.objects.count() == 1
