"""Whatever fits v1's webhook schemas is accepted, threaded and shown."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings

from django_vonage_messages import send_message
from django_vonage_messages.models import Message
from django_vonage_messages.protocol.channels import find_channel
from tests.openapi.documents import load_document
from tests.openapi.generation import bodies
from tests.spec import spec_file

pytestmark = pytest.mark.django_db
NAME = "messages-v1.openapi.json"
_FIXTURES = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    max_examples=8,
)


@pytest.fixture(scope="module", autouse=True)
def _at_hand() -> None:
    """Skip where the reference is not at hand; CI promises it."""
    spec_file(NAME)


def _webhooks(name: str) -> list[Any]:
    """Return a strategy for each kind of body of a webhook."""
    document = load_document(NAME)
    (call,) = document.data["x-webhooks"][name].values()
    schema = call["post"]["requestBody"]["content"]["application/json"]["schema"]
    return [bodies(document, leaf) for leaf in _leaves(schema)]


def _for_each(name: str, check: Callable[[dict[str, Any]], None], at_least: int) -> None:
    kinds = _webhooks(name)
    assert len(kinds) >= at_least
    for kind in kinds:
        _FIXTURES(given(kind)(check))()


def _leaves(schema: Any) -> list[Any]:
    if "oneOf" not in schema:
        return [schema]
    return [leaf for inner in schema["oneOf"] for leaf in _leaves(inner)]


def test_every_inbound_message(post_webhook: Any) -> None:
    desk = Client()
    desk.force_login(User.objects.create_superuser("ada"))

    def check(body: dict[str, Any]) -> None:
        body["message_uuid"] = str(uuid.uuid4())
        for side in (
            "to",
            "from",
        ):  # the schema bounds no sender; an address has 1 to 50 characters
            body[side] = body[side][:50].strip() or "447700900000"
        response = post_webhook("inbound-message", body)
        assert (response.status_code, response.json()) == (200, {"result": "applied"})
        message = Message.objects.get(message_uuid=body["message_uuid"])
        assert message.channel == find_channel(body["channel"]).name  # type: ignore[union-attr]
        assert message.content_type == body.get("message_type", "text")
        page = "admin:vonage_messages_conversation_change"
        shown = desk.get(reverse(page, args=[message.conversation_id]))
        assert shown.status_code == 200
        assert f'id="message-{message.pk}"' in shown.content.decode()

    _for_each("inbound-message", check, 30)


def test_every_status(post_webhook: Any) -> None:
    def check(body: dict[str, Any]) -> None:
        message = send_message("447700900000", "Hello")
        body["message_uuid"] = message.message_uuid
        response = post_webhook("message-status", body)
        assert (response.status_code, response.json()) == (200, {"result": "applied"})
        message.refresh_from_db()
        assert message.status == body["status"]

    _for_each("message-status", check, 6)
