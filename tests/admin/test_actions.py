"""Buttons of a message: send again, cancel, settle."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client
from django.utils import timezone

from django_vonage_messages import queue_message, send_message
from django_vonage_messages.models import Conversation, Message, Suppression
from django_vonage_messages.protocol.outcomes import (
    NotSent,
    Outcome,
    Rejected,
    Throttled,
    Unconfirmed,
)
from django_vonage_messages.protocol.statuses import ErrorInfo
from django_vonage_messages.services.delivery.deliver import deliver
from django_vonage_messages.services.sending.resend import settle_message
from tests.admin.conftest import CUSTOMER, Receive, Staff
from tests.admin.test_thread import entry_of, failed_send
from tests.conftest import SENT

REFUSED = Rejected(error=ErrorInfo("1170", "Invalid", f"No such number {CUSTOMER}"))
UNREACHABLE = NotSent("No connection could be made")
BROKEN = Unconfirmed("The connection broke", "ReadTimeout")
ACTIONS = ["send-again", "cancel", "was-sent", "was-not-sent"]

Place = Callable[..., str]


def message_url(message: Message, action: str = "") -> str:
    url = f"/admin/vonage_messages/message/{message.pk}/"
    return f"{url}do/{action}/" if action else f"{url}change/"


def thread_url(message: Message, action: str = "") -> str:
    url = f"/admin/vonage_messages/conversation/{message.conversation_id}/"
    return f"{url}message/{message.pk}/{action}/" if action else f"{url}change/"


@pytest.fixture(params=[message_url, thread_url], ids=["page", "thread"])
def url_of(request: pytest.FixtureRequest) -> Place:
    """Return the URL of a message's page, or of one of its buttons."""
    place: Place = request.param
    return place


@pytest.fixture
def anna(staff: Staff, outcomes: list[Any]) -> Client:
    return staff("view_conversation", "view_message", "reply_conversation")


def buttons(client: Client, url: str) -> dict[str, str]:
    """Return the labels of the buttons on a page by their URLs."""
    found = re.findall(
        r'<button[^>]*formaction="([^"]+)"[^>]*>([^<]*)', client.get(url).content.decode()
    )
    return dict(found)


def shown_text(response: Any) -> str:
    return " ".join(str(message) for message in get_messages(response.wsgi_request))


def failed(outcomes: list[Any], outcome: Outcome, text: str = "Hello") -> Message:
    outcomes.append(outcome)
    return failed_send(text)


@pytest.mark.parametrize(
    ("status", "offered"),
    [
        ("failed", {"send-again": "Send again"}),
        ("rejected", {"send-again": "Send again"}),
        ("undeliverable", {"send-again": "Send again"}),
        ("expired", {"send-again": "Send again"}),
        ("cancelled", {"send-again": "Send again"}),
        ("queued", {"cancel": "Cancel message"}),
        ("unconfirmed", {"was-sent": "Vonage has it", "was-not-sent": "Vonage does not have it"}),
        ("sending", {}),
        ("accepted", {}),
        ("submitted", {}),
        ("delivered", {}),
        ("read", {}),
        ("invented_later", {}),
    ],
)
def test_each_status_offers_its_actions(
    status: str, offered: dict[str, str], anna: Client, url_of: Place
) -> None:
    message = send_message(CUSTOMER, "Hello")
    Message.objects.update(status=status)
    expected = {url_of(message, action): label for action, label in offered.items()}
    assert buttons(anna, url_of(message)) == expected


def test_inbound_message_has_no_buttons(anna: Client, receive_text: Receive, url_of: Place) -> None:
    assert buttons(anna, url_of(receive_text())) == {}


def test_button_label_warns_if_the_error_advises_against_resending(
    anna: Client, url_of: Place
) -> None:
    message = send_message(CUSTOMER, "Hello")
    Message.objects.update(status="rejected", error_code="1240")
    assert list(buttons(anna, url_of(message)).values()) == ["Send again anyway"]


def test_code_of_a_response_is_not_looked_up_among_status_codes(
    anna: Client, url_of: Place
) -> None:
    message = send_message(CUSTOMER, "Hello")
    Message.objects.update(status="failed", error_code="1240")
    assert list(buttons(anna, url_of(message)).values()) == ["Send again"]


# Permissions


@pytest.mark.parametrize("action", ACTIONS)
def test_button_requires_the_permission_to_reply_and_to_view(
    action: str, staff: Staff, outcomes: list[Any], url_of: Place
) -> None:
    message = failed(outcomes, REFUSED)
    reader = staff("view_conversation", "view_message", username="reader")
    assert buttons(reader, url_of(message)) == {}
    other = "view_conversation" if url_of is message_url else "view_message"
    outsider = staff("reply_conversation", other, username="outsider")
    for client in (reader, outsider):
        assert client.post(url_of(message, action)).status_code == 403
        assert client.get(url_of(message, action)).status_code == 403
    assert Client().post(url_of(message, action)).status_code == 302
    assert Message.objects.get().status == "failed"
    assert len(SENT) == 1


def test_a_button_needs_a_csrf_token(staff: Staff, outcomes: list[Any], url_of: Place) -> None:
    message = failed(outcomes, REFUSED)
    names = ("view_conversation", "view_message", "reply_conversation")
    client = staff(*names, enforce_csrf_checks=True)
    assert client.post(url_of(message, "send-again")).status_code == 403
    page = client.get(url_of(message)).content.decode()
    form = next(part for part in page.split("<form")[1:] if "/send-again/" in part)
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form.partition("</form>")[0])
    assert token
    data = {"csrfmiddlewaretoken": token[1]}
    assert client.post(url_of(message, "send-again"), data).status_code == 302
    assert len(SENT) == 2


@pytest.mark.parametrize("action", ACTIONS)
def test_get_request_to_a_button_redirects_only(
    action: str, anna: Client, outcomes: list[Any], url_of: Place
) -> None:
    message = failed(outcomes, REFUSED)
    response = anna.get(url_of(message, action))
    assert response.status_code == 302
    assert response["Location"].startswith(url_of(message))
    assert len(SENT) == 1


def test_button_respects_get_queryset(
    anna: Client, outcomes: list[Any], url_of: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = failed(outcomes, REFUSED)
    for model in (Conversation, Message):
        nothing = model.objects.none()
        model_admin = admin.site.get_model_admin(model)
        monkeypatch.setattr(model_admin, "get_queryset", lambda request, rows=nothing: rows)
    assert anna.post(url_of(message, "send-again")).status_code == 404
    assert len(SENT) == 1


def test_button_url_with_another_conversation_is_not_found(
    anna: Client, outcomes: list[Any], receive_text: Receive
) -> None:
    message = failed(outcomes, REFUSED)
    other = receive_text(sender="447700900009").conversation
    url = f"/admin/vonage_messages/conversation/{other.pk}/message/{message.pk}/send-again/"
    assert anna.post(url).status_code == 404
    assert len(SENT) == 1


@pytest.mark.parametrize("action", ["delete", "send", "was"])
def test_an_unknown_button_is_not_found(
    action: str, anna: Client, outcomes: list[Any], url_of: Place
) -> None:
    message = failed(outcomes, REFUSED)
    assert anna.post(url_of(message, action)).status_code == 404
    message.pk = 10**30
    assert anna.post(url_of(message, "send-again")).status_code == 404


# Send again


def test_send_again_creates_a_new_message(anna: Client, outcomes: list[Any], url_of: Place) -> None:
    message = failed(outcomes, UNREACHABLE)
    response = anna.post(url_of(message, "send-again"))
    assert shown_text(response) == "Sent again."
    again = message.resends.get()
    assert response["Location"].partition("?")[0].partition("#")[0] == url_of(again)
    assert [sent.text for sent in SENT] == ["Hello", "Hello"]
    assert again.status == "accepted"
    assert again.created_by is not None
    assert again.created_by.username == "anna"
    entry = LogEntry.objects.get()
    assert (entry.object_id, entry.change_message) == (str(message.pk), "Sent again.")


def test_original_and_resend_link_to_each_other(
    anna: Client, outcomes: list[Any], url_of: Place
) -> None:
    message = failed(outcomes, UNREACHABLE)
    anna.post(url_of(message, "send-again"))
    again = message.resends.get()
    on_page = url_of is message_url
    for shown, expected_text, linked in (
        (message, "Sent again: ", again),
        (again, "This is a resend. Original message: ", message),
    ):
        page = anna.get(url_of(shown)).content.decode()
        part = page if on_page else entry_of(page, shown)
        target = message_url(linked) if on_page else f"#message-{linked.pk}"
        assert expected_text in part
        assert f'href="{target}"' in part
        was_sent_again = "No action needed: the message was sent again." in part
        assert was_sent_again is (shown == message)
        assert not was_sent_again or "Who must act?" not in part


def test_resend_on_another_page_is_linked_with_permission(
    staff: Staff, outcomes: list[Any]
) -> None:
    message = failed(outcomes, UNREACHABLE)
    anna = staff("view_conversation", "reply_conversation")
    anna.post(thread_url(message, "send-again"))
    again = message.resends.get()
    older = {"before": again.pk}
    link = f'href="{message_url(again)}"'
    page = anna.get(thread_url(message), older).content.decode()
    assert "Sent again: " in page
    assert link not in page
    boss = staff("view_conversation", "view_message", username="boss")
    assert link in entry_of(boss.get(thread_url(message), older).content.decode(), message)


def test_double_click_resends_once(anna: Client, outcomes: list[Any], url_of: Place) -> None:
    message = failed(outcomes, UNREACHABLE)
    first = anna.post(url_of(message, "send-again"))
    second = anna.post(url_of(message, "send-again"))
    assert "The message was already sent again." in shown_text(second)
    assert second["Location"] == first["Location"]
    assert len(SENT) == 2
    assert LogEntry.objects.count() == 1
    assert buttons(anna, url_of(message)) == {}


def test_double_click_during_the_first_request_resends_once(
    anna: Client, outcomes: list[Any], url_of: Place
) -> None:
    message = failed(outcomes, UNREACHABLE)
    anna.post(url_of(message, "send-again"))
    message.resends.update(status="sending")
    assert "already being sent again" in shown_text(anna.post(url_of(message, "send-again")))
    assert len(SENT) == 2


@pytest.mark.parametrize(
    ("outcome", "expected_text"),
    [
        (REFUSED, ["Not sent again.", "Vonage rejected the message."]),
        (UNREACHABLE, ["Not sent again.", "could not be reached."]),
        (Throttled(), ["Not sent again.", "rate limit was reached."]),
        (BROKEN, ["Not known if the message was sent again", "Do not send the message again"]),
    ],
)
def test_failed_resend_shows_its_reason(
    outcome: Outcome, expected_text: list[str], anna: Client, outcomes: list[Any], url_of: Place
) -> None:
    message = failed(outcomes, UNREACHABLE)
    outcomes.append(outcome)
    response = anna.post(url_of(message, "send-again"))
    assert all(part in shown_text(response) for part in expected_text)
    assert CUSTOMER not in shown_text(response)
    again = message.resends.get()
    assert url_of(again) in response["Location"]
    action = "was-sent" if outcome is BROKEN else "send-again"
    offered = buttons(anna, url_of(again))
    assert url_of(again, action) in offered
    assert url_of(message, "send-again") not in offered
    assert len(SENT) == 2


def test_number_in_an_error_of_vonage_is_unmasked_with_permission(
    staff: Staff, outcomes: list[Any], url_of: Place
) -> None:
    message = failed(outcomes, UNREACHABLE)
    names = ("view_conversation", "view_message", "reply_conversation", "view_full_address")
    outcomes.append(REFUSED)
    assert f"No such number {CUSTOMER}" in shown_text(
        staff(*names).post(url_of(message, "send-again"))
    )


def test_resend_to_a_suppressed_customer_is_refused(
    anna: Client, outcomes: list[Any], url_of: Place
) -> None:
    message = failed(outcomes, UNREACHABLE)
    Suppression.objects.create(address=CUSTOMER, evidence="STOP")
    response = anna.post(url_of(message, "send-again"))
    assert "Not sent again. You cannot message this customer" in shown_text(response)
    assert url_of(message) in response["Location"]
    assert len(SENT) == 1
    assert not LogEntry.objects.exists()


def test_missing_account_is_reported(
    anna: Client, outcomes: list[Any], url_of: Place, settings: Any
) -> None:
    message = failed(outcomes, UNREACHABLE)
    settings.VONAGE_MESSAGES = {"other": settings.VONAGE_MESSAGES["default"]}
    assert "has no account 'default'" in shown_text(anna.post(url_of(message, "send-again")))


def test_delivered_message_is_not_resent_from_a_stale_page(
    anna: Client, outcomes: list[Any], url_of: Place
) -> None:
    message = failed(outcomes, UNREACHABLE)
    Message.objects.update(status="delivered")
    response = anna.post(url_of(message, "send-again"))
    assert "Not sent again. The status is now “Delivered”." in shown_text(response)
    assert len(SENT) == 1


@pytest.mark.django_db(transaction=True)
def test_failure_is_shown_at_once_under_atomic_requests(
    staff: Staff, outcomes: list[Any], url_of: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = failed(outcomes, UNREACHABLE)
    anna = staff("view_conversation", "view_message", "reply_conversation")
    monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", True)
    outcomes.append(UNREACHABLE)
    assert "could not be reached" in shown_text(anna.post(url_of(message, "send-again")))
    assert message.resends.get().status == "failed"


# Cancel


def test_a_queued_message_is_cancelled_once(anna: Client, url_of: Place) -> None:
    message = queue_message(CUSTOMER, "Hello", send_at=timezone.now() + timedelta(hours=1))
    response = anna.post(url_of(message, "cancel"))
    assert shown_text(response) == "Message cancelled."
    assert url_of(message) in response["Location"]
    message.refresh_from_db()
    assert message.status == "cancelled"
    assert "Already cancelled" in shown_text(anna.post(url_of(message, "cancel")))
    assert [entry.change_message for entry in LogEntry.objects.all()] == ["Cancelled."]
    deliver(message.pk)
    assert not SENT


def test_late_cancel_shows_the_current_status(anna: Client, url_of: Place) -> None:
    message = queue_message(CUSTOMER, "Hello")
    deliver(message.pk)
    response = anna.post(url_of(message, "cancel"))
    assert shown_text(response) == "Too late to cancel. The status is now “Sent”."
    assert not LogEntry.objects.exists()


def test_cancelled_message_can_be_resent(anna: Client, url_of: Place) -> None:
    message = queue_message(CUSTOMER, "Hello")
    anna.post(url_of(message, "cancel"))
    anna.post(url_of(message, "send-again"))
    assert [sent.text for sent in SENT] == ["Hello"]


# Settle


@pytest.mark.parametrize(
    ("action", "status", "expected_text"),
    [
        ("was-sent", "accepted", "Outcome recorded: Vonage has the message."),
        ("was-not-sent", "failed", "Outcome recorded: Vonage does not have the message."),
    ],
)
def test_unconfirmed_message_is_settled_once_with_the_name_of_the_user(
    action: str, status: str, expected_text: str, anna: Client, outcomes: list[Any], url_of: Place
) -> None:
    message = failed(outcomes, BROKEN)
    response = anna.post(url_of(message, action))
    assert expected_text in shown_text(response)
    assert url_of(message) in response["Location"]
    message.refresh_from_db()
    assert message.status == status
    for again in ("was-sent", "was-not-sent"):
        assert "The outcome is already known" in shown_text(anna.post(url_of(message, again)))
    message.refresh_from_db()
    assert message.status == status
    assert LogEntry.objects.count() == 1
    assert "Anna Kowalska (recorded the outcome)" in anna.get(message_url(message)).content.decode()
    assert len(SENT) == 1


def test_unconfirmed_message_shows_its_client_reference(
    anna: Client, outcomes: list[Any], url_of: Place
) -> None:
    message = failed(outcomes, BROKEN)
    page = anna.get(url_of(message)).content.decode()
    assert "Vonage dashboard" in page
    assert f"<code>{message.client_ref}</code>" in page
    assert "A status that Vonage sends later replaces" in page


def test_message_settled_as_not_sent_can_be_resent(
    anna: Client, outcomes: list[Any], url_of: Place
) -> None:
    message = failed(outcomes, BROKEN)
    anna.post(url_of(message, "was-not-sent"))
    page = anna.get(url_of(message)).content.decode()
    assert "Recorded by staff as not sent" in page
    assert "Vonage rejected the message" not in page
    assert url_of(message, "send-again") in buttons(anna, url_of(message))


def test_timeline_distinguishes_staff_programs_and_deleted_accounts(
    anna: Client, outcomes: list[Any]
) -> None:
    by_hand, by_program = (failed(outcomes, BROKEN) for _ in range(2))
    anna.post(message_url(by_hand, "was-sent"))
    settle_message(by_program, "failed")
    page = anna.get(message_url(by_program)).content.decode()
    assert "outcome recorded by a program, not by a person" in page
    event = by_hand.events.get(status="accepted")
    event.settled_by_id = 99_999
    event.save()
    page = anna.get(message_url(by_hand)).content.decode()
    assert "Deleted user (recorded the outcome)" in page


# The conversation page after a button


def test_result_of_an_action_is_shown_beside_its_message(anna: Client, outcomes: list[Any]) -> None:
    first, second = failed(outcomes, BROKEN, "One"), failed(outcomes, BROKEN, "Two")
    response = anna.post(thread_url(first, "was-sent"))
    assert response["Location"] == f"{thread_url(first)}?result={first.pk}#message-{first.pk}"
    page = anna.get(response["Location"].partition("#")[0]).content.decode()
    expected_text = "Outcome recorded: Vonage has the message."
    article = page.partition(f'id="message-{first.pk}"')[2].partition("</article>")[0]
    assert expected_text in article
    assert page.count(expected_text) == 1
    assert expected_text not in entry_of(page, second)


@pytest.mark.parametrize("result_at", ["", "x", "999999", "9" * 40])
def test_result_is_shown_at_the_end_if_its_message_is_not_on_the_page(
    result_at: str, anna: Client, outcomes: list[Any]
) -> None:
    message = failed(outcomes, BROKEN)
    anna.post(thread_url(message, "was-sent"))
    page = anna.get(thread_url(message), {"result": result_at}).content.decode()
    assert "Outcome recorded: " in page.partition('id="vonage-reply"')[2]


def test_button_keeps_the_filters_and_the_page(anna: Client, outcomes: list[Any]) -> None:
    message = failed(outcomes, BROKEN)
    query = f"?before={message.pk + 1}&_changelist_filters=attention%3Dwaiting"
    action = thread_url(message, "was-not-sent") + query.replace("&", "&amp;")
    assert action in buttons(anna, thread_url(message) + query)
    response = anna.post(thread_url(message, "was-not-sent") + query)
    where = f"{query}&result={message.pk}#message-{message.pk}"
    assert response["Location"] == thread_url(message) + where
    # A new message is on the newest page.
    response = anna.post(thread_url(message, "send-again") + query)
    assert "before=" not in response["Location"]
    assert "_changelist_filters=attention%3Dwaiting" in response["Location"]
