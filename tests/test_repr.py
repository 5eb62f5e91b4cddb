"""str() and repr() of rows and parsed webhooks: no text and no full number."""

from typing import Any

import pytest

from django_vonage_messages import send_message
from django_vonage_messages.models import (
    Deployment,
    FailoverBy,
    PausedSender,
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
def test_rows_show_no_text_and_no_full_number() -> None:
    message = send_message(NUMBER, TEXT)
    event = StatusEvent.objects.filter(message=message).first()
    suppression = Suppression.objects.create(address=NUMBER)
    dispatch = SignalDispatch(signal="message_received", message=message, error=TEXT)
    webhook = UnprocessedWebhook(
        reason=UnprocessedReason.FAILED, body=TEXT.encode(), detail=TEXT, client_ref=NUMBER
    )
    assert event is not None
    assert_private(message, message.conversation, event, suppression, dispatch, webhook)
    paused = PausedSender(account="default", our_address=NUMBER)
    assert NUMBER not in repr(paused)  # str() shows our own number
    assert_private(Deployment(host="web-1"), Workflow(pk=1, failover_by=FailoverBy.LOCAL))


def test_parsed_webhooks_show_no_text_and_no_full_number(inbound_body: Any) -> None:
    inbound: dict[str, Any] = inbound_body(TEXT)
    status = inbound | {"status": "delivered", "client_ref": NUMBER}
    status.pop("message")
    assert_private(parse_webhook(inbound), parse_webhook(status))
