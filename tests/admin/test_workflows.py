"""Notes about the other messages of a failover workflow, and the workflow page."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from django_vonage_messages import queue_message, send_message
from django_vonage_messages.failover import Failover
from django_vonage_messages.models import Message, Workflow
from django_vonage_messages.testing import simulate_status
from tests.accounts import v1_account
from tests.admin.conftest import Staff
from tests.admin.test_actions import buttons, message_url

pytestmark = pytest.mark.django_db
NUMBER = "447700900000"
PLAN = [Failover("Hello", channel="viber"), Failover("Hello", channel="sms")]


@pytest.fixture
def plan() -> Any:
    with v1_account():
        first = send_message(NUMBER, "Hello", channel="whatsapp", failover=PLAN)
        yield list(first.workflow.messages.order_by("workflow_position"))


@pytest.fixture
def anna(staff: Staff) -> Client:
    return staff("view_conversation", "view_message", "reply_conversation", "view_workflow")


def related_text(client: Client, message: Message) -> str:
    page = client.get(message_url(message)).content.decode()
    return " ".join(re.findall(r'<p class="vonage-related" dir="auto">([^<]*)', page))


def test_notes_explain_the_plan_before_any_status(anna: Client, plan: list[Message]) -> None:
    first, second, third = plan
    assert "If this message is rejected, the Viber message is tried." in related_text(anna, first)
    assert "This message is sent only if the WhatsApp message is rejected." in related_text(
        anna, second
    )
    assert "If this message is rejected, the SMS message is tried." in related_text(anna, second)
    assert "This message is sent only if the Viber message is rejected." in related_text(
        anna, third
    )


def test_rejected_message_cannot_be_resent_while_its_workflow_continues(
    anna: Client, plan: list[Message]
) -> None:
    first, second, third = plan
    simulate_status(first, "rejected", error_code=1300)
    page = anna.get(message_url(first)).content.decode()
    assert "The Viber message is next." in related_text(anna, first)
    assert "No action needed yet: another message is being tried" in page
    assert buttons(anna, message_url(first)) == {}

    simulate_status(second, "submitted")
    assert "The Viber message was tried instead." in related_text(anna, first)
    assert "This message was tried because the WhatsApp message was rejected." in related_text(
        anna, second
    )

    simulate_status(second, "delivered")
    page = anna.get(message_url(first)).content.decode()
    assert "The customer was reached by Viber instead." in related_text(anna, first)
    assert "No action needed: another message reached the customer" in page
    assert buttons(anna, message_url(first)) == {}
    assert "The customer was reached by Viber instead." in related_text(anna, third)


def test_message_can_be_resent_after_its_workflow_failed(anna: Client, plan: list[Message]) -> None:
    for member in plan:
        simulate_status(member, "rejected", error_code=1300)
    assert any("Send again" in label for label in buttons(anna, message_url(plan[0])).values())


def test_only_messages_not_yet_at_vonage_can_be_cancelled(
    anna: Client, plan: list[Message]
) -> None:
    assert buttons(anna, message_url(plan[1])) == {}
    queued = queue_message(NUMBER, "Hello", failover=[Failover("Hello again")])
    assert queued.workflow is not None
    waiting = queued.workflow.messages.get(workflow_position=2)
    assert list(buttons(anna, message_url(waiting)).values()) == ["Cancel message"]
    anna.post(message_url(waiting, "cancel"))
    waiting.refresh_from_db()
    assert waiting.status == "cancelled"


def test_workflows_take_a_fixed_number_of_queries(anna: Client, plan: list[Message]) -> None:
    url = f"/admin/vonage_messages/conversation/{plan[0].conversation_id}/change/"

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert "If this message is rejected" in anna.get(url).content.decode()
        return len(captured)

    queries()
    before = queries()
    for _ in range(5):
        send_message(NUMBER, "Hello", channel="whatsapp", failover=PLAN)
    assert queries() == before


def test_the_list_of_workflows_shows_their_messages(anna: Client, plan: list[Message]) -> None:
    simulate_status(plan[0], "rejected", error_code=1300)
    workflow = Workflow.objects.get()
    for url in ("", f"{workflow.pk}/change/"):
        page = anna.get(f"/admin/vonage_messages/workflow/{url}").content.decode()
        found = re.search(r'<ol class="vonage-workflow">(.*?)</ol>', page)
        assert found
        words = " ".join(re.sub(r"<[^>]+>", " ", found[1]).split())
        assert words == "WhatsApp Did not arrive: rejected Viber On standby SMS On standby"


def test_unsendable_message_shows_its_reason(anna: Client) -> None:
    from django_vonage_messages.content import Sticker
    from django_vonage_messages.services.delivery.deliver import deliver

    with v1_account():
        message = queue_message(NUMBER, Sticker(id="1"), channel="whatsapp")
    deliver(message.pk)
    page = anna.get(message_url(message)).content.decode()
    assert "Vonage does not support this content or its options" in page
    assert "not Sticker" in page


def test_numbers_among_the_options_are_masked(anna: Client, staff: Staff) -> None:
    from django_vonage_messages.content.suggestions import Dial
    from django_vonage_messages.options import RcsOptions

    call = RcsOptions(suggestions=[Dial("Call us", "call", "+442079460123")])
    with v1_account():
        message = send_message(NUMBER, "Hello", channel="rcs", options=call)
    assert "442079460123" not in anna.get(message_url(message)).content.decode()
    full = staff("view_message", "view_full_address", username="full")
    assert "442079460123" in full.get(message_url(message)).content.decode()
