"""str() and repr() of rows and parsed webhooks: no text and no full number."""

from typing import Any

import pytest

from django_vonage_messages import send_message
from django_vonage_messages.models import (
    Message,
    SignalDispatch,
    StatusEvent,
    Suppression,
    UnprocessedReason,
    UnprocessedWebhook,
    Workflow,
)
from django_vonage_messages.protocol.versions import parse_webhook

TEXT = "The code of the safe is 2468"
NUMBER = "447700900000"


def assert_private(*values: object) -> None:
    for value in values:
        for shown in (str(value), repr(value)):
            assert shown
            assert TEXT not in shown
            assert NUMBER not in shown


@pytest.mark.django_db
def test_rows_of_a_message_show_no_text_and_no_full_number() -> None:
    message = send_message(NUMBER, TEXT)
    event = StatusEvent.objects.filter(message=message).first()
    suppression = Suppression.objects.create(address=NUMBER)
    assert event is not None
    assert_private(Message.objects.get(pk=message.pk), message.conversation, event, suppression)


def test_rows_of_the_operator_show_no_body() -> None:
    webhook = UnprocessedWebhook(
        pk=1, reason=UnprocessedReason.UNKNOWN_MESSAGE, body=TEXT.encode(), account="default"
    )
    assert TEXT not in repr(webhook)
    assert_private(Workflow(pk=1), SignalDispatch(pk=1, signal="message_received"))


def test_parsed_webhooks_show_no_text_and_no_full_number(inbound_body: Any) -> None:
    inbound: dict[str, Any] = inbound_body(TEXT)
    status = inbound | {"status": "delivered", "client_ref": NUMBER}
    status.pop("message")
    for body in (inbound, status):
        assert_private_repr(parse_webhook(body))


def assert_private_repr(payload: object) -> None:
    assert "Payload(" in repr(payload)
    assert TEXT not in repr(payload)
    assert NUMBER not in repr(payload)
