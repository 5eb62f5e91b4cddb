"""Failed signals, unprocessed and refused webhooks, and their notices."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.utils import timezone

from django_vonage_messages import queue_message
from django_vonage_messages.admin.status_text import format_time
from django_vonage_messages.models import (
    Message,
    PausedSender,
    SignalDispatch,
    UnprocessedWebhook,
    WebhookRefusal,
    Worker,
)
from django_vonage_messages.models.keys import key_of
from django_vonage_messages.protocol.outcomes import Throttled, Unconfirmed
from django_vonage_messages.services.db.transactions import fix_time
from django_vonage_messages.services.delivery.deliver import deliver
from django_vonage_messages.services.receiving import receive
from django_vonage_messages.signals import message_received
from django_vonage_messages.webhooks.refusals import WebhookRefused
from tests.admin.conftest import CUSTOMER, Receive, Staff
from tests.admin.test_thread import failed_send

INBOX = "/admin/vonage_messages/conversation/"
SIGNALS = "/admin/vonage_messages/signaldispatch/"


class Receiver:
    def __init__(self) -> None:
        self.broken = True
        self.received: list[Message] = []

    def __call__(self, message: Message, **kwargs: Any) -> None:
        if self.broken:
            raise ValueError("The stock is unknown")
        self.received.append(message)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    message_received.connect(receiver)
    yield receiver
    message_received.disconnect(receiver)


def run_again(client: Client) -> str:
    selected = [each.pk for each in SignalDispatch.objects.all()]
    data = {"action": "run_again", "_selected_action": selected}
    return client.post(SIGNALS, data, follow=True).content.decode()


def test_receivers_are_run_again_until_they_succeed(
    staff: Staff, receiver: Receiver, receive_text: Receive
) -> None:
    message = receive_text()
    client = staff("view_signaldispatch", "change_signaldispatch")
    assert "1 signal failed again" in run_again(client)
    dispatch = SignalDispatch.objects.get()
    assert dispatch.attempts == 2
    assert dispatch.done_at is None

    receiver.broken = False
    assert "The receivers of 1 signal succeeded." in run_again(client)
    assert receiver.received == [message]
    dispatch.refresh_from_db()
    assert dispatch.done_at is not None
    assert "All selected signals are already done." in run_again(client)
    assert receiver.received == [message]


def test_running_again_requires_the_permission_to_change(
    staff: Staff, receiver: Receiver, receive_text: Receive
) -> None:
    receive_text()
    receiver.broken = False
    client = staff("view_signaldispatch")
    run_again(client)
    assert receiver.received == []
    url = f"{SIGNALS}{SignalDispatch.objects.get().pk}/change/"
    assert "run_again" not in client.get(url).content.decode()
    allowed = staff("view_signaldispatch", "change_signaldispatch", username="allowed")
    assert 'value="run_again"' in allowed.get(url).content.decode()


def unprocessed(body: bytes, **kwargs: Any) -> str:
    row = UnprocessedWebhook.objects.create(
        **{"body_key": "1", "body": body, "account": "default", "reason": "unusable", **kwargs}
    )
    return f"/admin/vonage_messages/unprocessedwebhook/{row.pk}/change/"


def test_body_is_escaped(staff: Staff) -> None:
    url = unprocessed(b'{"a": "<script>alert(1)</script>\xff\x00"}')
    client = staff("view_unprocessedwebhook", "view_full_address")
    page = client.get(url).content.decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;\\xff\\x00" in page
    assert "<script>alert" not in page


def test_numbers_in_a_body_are_masked(staff: Staff) -> None:
    url = unprocessed(f'{{"to": {{"number": "{CUSTOMER}"}}}}'.encode())
    page = staff("view_unprocessedwebhook").get(url).content.decode()
    assert "••••" in page
    assert CUSTOMER not in page
    trusted = staff("view_unprocessedwebhook", "view_full_address", username="trusted")
    assert CUSTOMER in trusted.get(url).content.decode()


@pytest.mark.parametrize("reason", ["unusable", "unknown_message", "ambiguous_message", "failed"])
def test_every_reason_has_advice(reason: str, staff: Staff) -> None:
    url = unprocessed(b"{}", reason=reason)
    page = staff("view_unprocessedwebhook").get(url)
    advice = page.context["adminform"].model_admin.advice(UnprocessedWebhook.objects.get())
    assert len(advice) > 20
    UnprocessedWebhook.objects.update(processed_at=timezone.now())
    assert (
        "the webhook was applied later"
        in staff("view_unprocessedwebhook", username="ben").get(url).content.decode()
    )


def test_workflow_webhook_needs_no_action(staff: Staff) -> None:
    body = b'{"dispatch_uuid": "d", "status": "completed", "template": "failover"}'
    assert receive.receive(receive.VerifiedWebhook(body, ("default",))) == "stored"
    row = UnprocessedWebhook.objects.get()
    client = staff("view_conversation", "view_unprocessedwebhook", "change_unprocessedwebhook")
    assert notices(client) == ""
    page = client.get(f"{UNPROCESSED}{row.pk}/change/").content.decode()
    assert "Status of a Dispatch workflow, not of a message" in page
    assert "Nothing to apply" in page
    assert "a whole workflow" in page
    assert "it was applied" not in page
    assert 'value="apply_again"' not in page
    assert client.get(UNPROCESSED, {"state": "open"}).context["cl"].result_count == 0
    assert client.get(UNPROCESSED, {"state": "closed"}).context["cl"].result_count == 1
    assert "All selected webhooks are already processed." in apply_again(client)


UNPROCESSED = "/admin/vonage_messages/unprocessedwebhook/"


def test_pages_show_the_attempts_and_the_next_try(
    staff: Staff, receiver: Receiver, receive_text: Receive
) -> None:
    receive_text()
    signal = f"{SIGNALS}{SignalDispatch.objects.get().pk}/change/"
    webhook = unprocessed(b"{}", reason="failed", attempts=17)
    client = staff("view_signaldispatch", "view_unprocessedwebhook")
    next_try_at = datetime(2031, 2, 3, 4, 5, tzinfo=UTC)
    for model, url, ended in (
        (SignalDispatch, signal, "Failed"),
        (UnprocessedWebhook, webhook, "Not applied"),
    ):
        model.objects.update(next_try_at=next_try_at, attempts=17)
        page = client.get(url).content.decode()
        assert "Pending retry" in page
        assert "2031" in page
        assert "17" in page
        model.objects.update(next_try_at=None)
        page = client.get(url).content.decode()
        assert "Pending retry" not in page
        assert ended in page


def test_statuses_of_unknown_messages_have_no_notice(staff: Staff) -> None:
    client = staff("view_conversation")
    for number, reason in enumerate(("unknown_message", "ambiguous_message")):
        unprocessed(b"{}", reason=reason, body_key=f"quiet-{number}")
        assert notices(client) == ""
    for number, reason in enumerate(("unusable", "failed"), start=1):
        unprocessed(b"{}", reason=reason, body_key=f"notable-{number}")
        assert f"{number} webhook" in notices(client)


def apply_again(client: Client) -> str:
    selected = [each.pk for each in UnprocessedWebhook.objects.all()]
    data = {"action": "apply_again", "_selected_action": selected}
    return client.post(UNPROCESSED, data, follow=True).content.decode()


def test_webhooks_are_applied_again(staff: Staff, inbound_body: Callable[..., Any]) -> None:
    body = json.dumps(inbound_body("Kept while this site was broken")).encode()
    unprocessed(body, body_key=key_of(body.hex()), accounts=["default"], reason="failed")
    unprocessed(b"{}")
    client = staff("view_unprocessedwebhook", "change_unprocessedwebhook")
    page = apply_again(client)
    assert "1 webhook was applied." in page
    assert "1 webhook could still not be applied." in page
    assert Message.objects.get().text == "Kept while this site was broken"
    assert UnprocessedWebhook.objects.filter(processed_at=None).count() == 1
    assert [entry.change_message for entry in LogEntry.objects.all()] == [
        "Applied after an earlier failure."
    ]

    UnprocessedWebhook.objects.update(processed_at=timezone.now())
    assert "All selected webhooks are already processed." in apply_again(client)
    assert Message.objects.count() == 1


def test_applying_again_requires_the_permission_to_change(
    staff: Staff, inbound_body: Callable[..., Any]
) -> None:
    body = json.dumps(inbound_body("Hello")).encode()
    url = unprocessed(body, body_key=key_of(body.hex()), accounts=["default"], reason="failed")
    reader = staff("view_unprocessedwebhook")
    apply_again(reader)
    assert not Message.objects.exists()
    assert "apply_again" not in reader.get(url).content.decode()
    allowed = staff("view_unprocessedwebhook", "change_unprocessedwebhook", username="allowed")
    assert 'value="apply_again"' in allowed.get(url).content.decode()
    apply_again(allowed)
    assert Message.objects.count() == 1
    assert 'value="apply_again"' not in allowed.get(url).content.decode()


def test_every_refusal_reason_has_a_text(staff: Staff) -> None:
    reasons = [kind.reason for kind in WebhookRefused.__subclasses__()]
    for reason in [*reasons, "invented_later"]:
        WebhookRefusal.objects.create(reason=reason, count=3)
    page = staff("view_webhookrefusal").get("/admin/vonage_messages/webhookrefusal/")
    text = page.content.decode()
    assert "invented_later" in text
    assert not [reason for reason in reasons if reason in text]


def notices(client: Client) -> str:
    page = client.get(INBOX).content.decode()
    return page.partition('class="vonage-notices"')[2].partition("</section>")[0]


def test_a_quiet_site_has_no_notices(staff: Staff) -> None:
    old = timezone.now() - timedelta(hours=25)
    WebhookRefusal.objects.create(reason="no_secret", last_at=old)
    WebhookRefusal.objects.create(reason="not_vonage")
    unprocessed(b"{}", processed_at=timezone.now())
    assert notices(staff("view_conversation")) == ""


def test_overdue_messages_have_a_notice(staff: Staff) -> None:
    agent = staff("view_conversation")
    operator = staff("view_conversation", "view_message", username="keeper")
    expected_text = "1 queued message is overdue, and no worker is running."
    queue_message(CUSTOMER, "Hello")
    Message.objects.update(due_at=timezone.now() - timedelta(seconds=115))
    assert notices(operator) == ""
    Message.objects.update(due_at=timezone.now() - timedelta(seconds=125))
    assert expected_text in notices(agent)
    assert "<a " not in notices(agent)
    link = "/admin/vonage_messages/message/?status__exact=queued"
    assert f'href="{link}"' in notices(operator)
    assert operator.get(link).context["cl"].result_count == 1

    Worker.objects.create(name="w", seen_at=timezone.now() - timedelta(seconds=50))
    assert notices(operator) == ""
    Worker.objects.update(seen_at=timezone.now() - timedelta(seconds=70))
    assert expected_text in notices(operator)
    Message.objects.update(claim_expires_at=timezone.now() + timedelta(minutes=1))
    assert notices(operator) == ""
    Message.objects.update(claim_expires_at=timezone.now() - timedelta(minutes=1))
    assert expected_text in notices(operator)
    Message.objects.update(status="sending")
    assert notices(operator) == ""


def test_paused_senders_have_a_notice(staff: Staff, outcomes: list[Any]) -> None:
    agent = staff("view_conversation")
    operator = staff("view_conversation", "view_pausedsender", username="keeper")
    outcomes.append(Throttled(retry_after=86_400))
    message = queue_message(CUSTOMER, "Hello", sender="ACME")
    deliver(message.pk)
    Message.objects.update(due_at=timezone.now() - timedelta(minutes=3))
    moment = timezone.now() + timedelta(minutes=20)
    PausedSender.objects.update(until=moment)
    expected_text = (
        f"Sender ACME of account “default” is paused until {format_time(moment)}: Vonage asked to "
        "wait."
    )
    for text in (notices(agent), notices(operator)):
        assert expected_text in text
        assert "no worker is running" not in text
    assert "<a " not in notices(agent)
    assert 'href="/admin/vonage_messages/pausedsender/"' in notices(operator)
    assert "ACME" in operator.get("/admin/vonage_messages/pausedsender/").content.decode()

    PausedSender.objects.create(
        account="default", our_address="OTHER", paused_at=timezone.now(), until=moment
    )
    assert "2 senders are paused, the last one until" in notices(agent)
    PausedSender.objects.update(until=timezone.now() - timedelta(seconds=1))
    assert "paused" not in notices(agent)
    assert "1 queued message is overdue, and no worker is running." in notices(agent)


def test_short_pause_has_no_notice(staff: Staff) -> None:
    now = timezone.now()
    for seconds, is_shown in ((9, False), (11, True)):
        PausedSender.objects.update_or_create(
            our_address="ACME",
            defaults={"paused_at": now, "until": now + timedelta(seconds=seconds)},
        )
        agent = staff("view_conversation", username=f"agent{seconds}")
        with fix_time(now):
            assert ("ACME" in notices(agent)) is is_shown


def test_messages_that_stay_unconfirmed_have_a_notice(staff: Staff, outcomes: list[Any]) -> None:
    agent = staff("view_conversation")
    operator = staff("view_conversation", "view_message", username="keeper")
    outcomes.append(Unconfirmed("The connection broke"))
    failed_send("Hello")
    for age, is_shown in ((9, False), (11, True)):
        Message.objects.update(started_at=timezone.now() - timedelta(minutes=age))
        text = "1 message has had the status “Not known if sent” for over 10 minutes."
        assert (text in notices(agent)) is is_shown
    assert "<a " not in notices(agent)
    link = "/admin/vonage_messages/message/?status__exact=unconfirmed"
    assert f'href="{link}"' in notices(operator)
    assert operator.get(link).context["cl"].result_count == 1
    Message.objects.update(status="delivered")
    assert notices(operator) == ""


@pytest.mark.parametrize("error", [timedelta(hours=2), timedelta(hours=-2)])
def test_clock_of_the_web_host_does_not_change_notices_and_pages(
    staff: Staff, outcomes: list[Any], monkeypatch: pytest.MonkeyPatch, error: timedelta
) -> None:
    outcomes += [Unconfirmed("The connection broke")] * 2
    old, new = failed_send("Old"), failed_send("New")
    now, minute = timezone.now(), timedelta(minutes=1)
    Message.objects.filter(pk=old.pk).update(started_at=now - 11 * minute)
    Message.objects.filter(pk=new.pk).update(started_at=now - 9 * minute)
    later = queue_message(CUSTOMER, "Later", send_at=now + 60 * minute)
    Worker.objects.create(name="running", seen_at=now)
    Worker.objects.create(name="stopped", seen_at=now - 2 * minute)
    client = staff("view_conversation", "view_message", "view_worker")
    monkeypatch.setattr(timezone, "now", lambda: now + error)

    assert "1 message has had the status “Not known if sent” for over" in notices(client)
    page = client.get(f"/admin/vonage_messages/message/{later.pk}/change/").content.decode()
    assert "Will be sent" in page
    assert "Due since" not in page
    workers = client.get("/admin/vonage_messages/worker/").content.decode()
    assert workers.count("Running") == workers.count("Not seen for over a minute") == 1


def test_notice_has_a_link_for_users_with_permission(
    staff: Staff, receiver: Receiver, receive_text: Receive
) -> None:
    receive_text()
    unprocessed(b"{}")
    WebhookRefusal.objects.create(reason="no_secret")
    agent = notices(staff("view_conversation"))
    assert agent.count("<li>") == 3
    assert "<a " not in agent
    operator = notices(
        staff(
            "view_conversation",
            "view_signaldispatch",
            "view_unprocessedwebhook",
            "view_webhookrefusal",
            username="keeper",
        )
    )
    for model in ("signaldispatch", "unprocessedwebhook", "webhookrefusal"):
        assert f'href="/admin/vonage_messages/{model}/"' in operator
