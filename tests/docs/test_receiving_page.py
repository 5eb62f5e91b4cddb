"""Receivers of the receiving page, called by webhooks."""

from collections.abc import Callable
from typing import Any

import pytest

from django_vonage_messages.backends.locmem import outbox
from django_vonage_messages.models import Message, SignalDispatch, Suppression
from tests.conftest import PostWebhook
from tests.docs.blocks import ROOT
from tests.docs.running import run_page

Build = Callable[..., dict[str, Any]]


@pytest.fixture
def page(namespace: dict[str, Any], receivers_restored: None, tmp_path: Any) -> dict[str, Any]:
    run_page(ROOT / "docs" / "receiving.md", namespace, tmp_path)
    outbox.clear()
    return namespace


def test_a_keyword_is_answered(
    page: dict[str, Any], post_webhook: PostWebhook, inbound_body: Build
) -> None:
    assert post_webhook("inbound-message", inbound_body("hours")).status_code == 200
    assert [(sent.to, sent.text) for sent in outbox] == [
        ("447700900000", "We are here Monday to Friday, 9 to 17.")
    ]
    received = Message.objects.inbound().get()
    assert page["team_channel"] == [f"Message {received.pk} came in."]


def test_status_is_stored_on_the_order(
    page: dict[str, Any], post_webhook: PostWebhook, status_body: Build
) -> None:
    message = Message.objects.outbound().exclude(status="failed").get()
    assert post_webhook("message-status", status_body(message, "delivered")).status_code == 200
    page["order"].refresh_from_db()
    assert page["order"].text_status == "delivered"


@pytest.mark.usefixtures("page")
def test_a_keyword_of_a_suppressed_customer_is_not_answered(
    post_webhook: PostWebhook, inbound_body: Build
) -> None:
    Suppression.objects.create(address="447700900000", evidence="A test.")
    assert post_webhook("inbound-message", inbound_body("hours")).status_code == 200
    assert outbox == []
    assert not SignalDispatch.objects.exists()
