"""The receivers and the import of the page about opt-outs."""

from collections.abc import Callable
from typing import Any

import pytest

from django_vonage_messages import queue_message, send_message
from django_vonage_messages.admin.suppressions import SuppressionAdmin
from django_vonage_messages.exceptions import RecipientSuppressed
from django_vonage_messages.models import SignalDispatch, Suppression
from django_vonage_messages.services.delivery.deliver import deliver
from tests.conftest import PostWebhook
from tests.docs.blocks import ROOT
from tests.docs.running import run_page

Build = Callable[..., dict[str, Any]]


@pytest.fixture
def page(namespace: dict[str, Any], receivers_restored: None, tmp_path: Any) -> dict[str, Any]:
    run_page(ROOT / "docs" / "opt-outs.md", namespace, tmp_path)
    return namespace


@pytest.mark.usefixtures("page")
def test_stop_suppresses_once_and_start_lifts(
    post_webhook: PostWebhook, inbound_body: Build
) -> None:
    queued = queue_message("447700900000", "Hello")
    for uuid in ("one", "two"):
        body = inbound_body("Stop.", message_uuid=uuid)
        assert post_webhook("inbound-message", body).status_code == 200
    assert Suppression.objects.filter(address="447700900000").count() == 1
    with pytest.raises(RecipientSuppressed):
        send_message("447700900000", "Hello")
    deliver(queued.pk)
    queued.refresh_from_db()
    assert (queued.status, queued.reason) == ("failed", "suppressed")
    body = inbound_body("START", message_uuid="three")
    assert post_webhook("inbound-message", body).status_code == 200
    assert send_message("447700900000", "Hello").status == "accepted"


@pytest.mark.usefixtures("page")
def test_stop_after_two_equal_suppressions_is_no_failure(
    post_webhook: PostWebhook, inbound_body: Build
) -> None:
    body = inbound_body("STOP")
    addresses = {"address": body["from"]["number"], "our_address": body["to"]["number"]}
    for _ in range(2):
        Suppression.objects.create(channel="sms", **addresses, evidence="Added by hand")
    assert post_webhook("inbound-message", body).status_code == 200
    assert not SignalDispatch.objects.exists()


@pytest.mark.usefixtures("page")
def test_stop_from_a_short_code_is_no_failure(
    post_webhook: PostWebhook, inbound_body: Build
) -> None:
    body = inbound_body("STOP", **{"from": {"type": "sms", "number": "12345"}})
    assert post_webhook("inbound-message", body).status_code == 200
    assert not SignalDispatch.objects.exists()


def test_invalid_number_imports_nothing(page: dict[str, Any]) -> None:
    count = Suppression.objects.count()
    with pytest.raises(ValueError, match="number"):
        page["import_opt_outs"](["447700900701", "not a number"], "A list")
    assert Suppression.objects.count() == count


def test_label_of_the_admin_action_is_quoted() -> None:
    label: Any = SuppressionAdmin.lift_suppressions
    text = (ROOT / "docs" / "opt-outs.md").read_text(encoding="utf-8")
    assert f"**{label.short_description}**" in text
