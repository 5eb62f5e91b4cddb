"""Bodies that fit the webhook schemas of v0.1 and v1 are applied, threaded and shown."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from hypothesis import given, settings

from django_vonage_messages import send_message
from django_vonage_messages.models import Conversation, Message, UnprocessedWebhook
from django_vonage_messages.protocol.channels import CHANNELS, get_channel
from tests.openapi.documents import load_document
from tests.openapi.generation import bodies

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
V0_1 = "messages-v0.1.openapi.yml"
V1 = "messages-v1.openapi.json"
_FIXTURES = settings(
    max_examples=120,
)


@pytest.fixture
def desk(client: Client) -> Client:
    """A client logged in to the admin."""
    staff = Client()
    staff.force_login(User.objects.create_superuser("ada"))
    return staff


def _bodies(schema: str) -> Any:
    document = load_document(V0_1)
    return bodies(document, document.schema(schema))


def _for_each(webhook: str, check: Callable[[dict[str, Any]], None], *, at_least: int) -> None:
    """Check bodies of every kind in v1's schema."""
    document = load_document(V1)
    (call,) = document.data["x-webhooks"][webhook].values()
    kinds = _leaves(call["post"]["requestBody"]["content"]["application/json"]["schema"])
    assert len(kinds) >= at_least
    for kind in kinds:
        settings(_FIXTURES, max_examples=5)(given(bodies(document, kind))(check))()


def _leaves(schema: Any) -> list[Any]:
    if "oneOf" not in schema:
        return [schema]
    return [leaf for inner in schema["oneOf"] for leaf in _leaves(inner)]


def test_every_inbound_message_of_v0_1_is_applied_and_shown(
    post_webhook: Any, desk: Client
) -> None:
    @_FIXTURES
    @given(_bodies("inbound-message"))
    def check(body: dict[str, Any]) -> None:
        body["message_uuid"] = str(uuid.uuid4())  # a repeated body would be a duplicate
        response = post_webhook("inbound-message", body)
        assert (response.status_code, response.json()) == (200, {"result": "applied"})
        message = Message.objects.get(message_uuid=body["message_uuid"])
        _is_threaded(message, body)
        _is_shown(message, desk)

    check()


def _is_threaded(message: Message, body: dict[str, Any]) -> None:
    content = body["message"]["content"]
    assert CHANNELS[message.channel] is get_channel(body["from"]["type"])
    _has_content(message, content["type"], content)


def _has_content(message: Message, content_type: str, content: dict[str, Any]) -> None:
    assert message.content_type == content_type
    assert message.conversation.last_message_content_type == content_type
    if content_type == "text":
        assert message.text == content["text"].replace("\0", "\N{REPLACEMENT CHARACTER}")
    media = content.get(content_type)
    if isinstance(media, dict) and "url" in media and content_type != "location":
        assert message.media[0].url == media["url"]
        assert len(message.media) <= 1 + len(content.get("content", ()))


def _is_shown(message: Message, desk: Client) -> None:
    page = reverse("admin:vonage_messages_conversation_change", args=[message.conversation_id])
    shown = desk.get(page)
    assert shown.status_code == 200
    assert f'id="message-{message.pk}"' in shown.content.decode()
    details = reverse("admin:vonage_messages_message_change", args=[message.pk])
    assert desk.get(details).status_code == 200


def test_every_status_of_v0_1_is_applied(post_webhook: Any, desk: Client) -> None:
    @_FIXTURES
    @given(_bodies("MessageStatus"))
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


def test_every_inbound_message_of_v1_is_applied_and_shown(post_webhook: Any, desk: Client) -> None:
    def check(body: dict[str, Any]) -> None:
        body["message_uuid"] = str(uuid.uuid4())
        for side in (
            "to",
            "from",
        ):  # v1's schema has no limits for addresses; v0.1's has 1 to 50 characters
            body[side] = body[side][:50].strip() or "447700900000"
        response = post_webhook("inbound-message", body)
        assert (response.status_code, response.json()) == (200, {"result": "applied"})
        message = Message.objects.get(message_uuid=body["message_uuid"])
        assert CHANNELS[message.channel] is get_channel(body["channel"])
        _has_content(message, body.get("message_type", "text"), body)
        _is_shown(message, desk)

    _for_each("inbound-message", check, at_least=30)


def test_every_status_of_v1_is_applied(post_webhook: Any, desk: Client) -> None:
    def check(body: dict[str, Any]) -> None:
        message = send_message("447700900000", "Hello")
        body["message_uuid"] = message.message_uuid
        response = post_webhook("message-status", body)
        assert (response.status_code, response.json()) == (200, {"result": "applied"})
        message.refresh_from_db()
        assert message.status == body["status"]
        details = reverse("admin:vonage_messages_message_change", args=[message.pk])
        assert desk.get(details).status_code == 200

    _for_each("message-status", check, at_least=6)
