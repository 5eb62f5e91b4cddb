"""Failover: the next message of a workflow is sent if the one before it was rejected.

On v1 Vonage sends the next message, on v0.1 this package does.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone

from django_vonage_messages import (
    cancel_message,
    queue_message,
    resend_message,
    send_message,
    settle_message,
)
from django_vonage_messages.content import Image, Sticker
from django_vonage_messages.exceptions import (
    IdempotencyConflict,
    InvalidMessage,
    MessageRejected,
    NotResendable,
    RecipientSuppressed,
)
from django_vonage_messages.failover import Failover
from django_vonage_messages.models import Conversation, Message, Suppression, Workflow
from django_vonage_messages.options import SmsOptions
from django_vonage_messages.protocol.outcomes import (
    Accepted,
    Outcome,
    Rejected,
    Throttled,
    Unconfirmed,
)
from django_vonage_messages.protocol.statuses import ErrorInfo
from django_vonage_messages.services.delivery.deliver import deliver
from django_vonage_messages.testing import outbox, outcomes, simulate_status
from tests.accounts import changed_account, v1_account
from tests.services.test_validation import problems

pytestmark = pytest.mark.django_db
NUMBER = "447700900000"
PICTURE = Image("https://example.com/cat.jpg", caption="Oliver")
PLAN = [Failover("Oliver", channel="viber"), Failover("Oliver", channel="sms")]
REFUSED = Rejected(error=ErrorInfo(code="1120", title="Invalid sender"))


@pytest.fixture(params=["v0.1", "v1"])
def version(request: Any) -> Iterator[str]:
    with changed_account() if request.param == "v0.1" else v1_account():
        yield request.param


@pytest.fixture
def on_v1() -> Iterator[None]:
    with v1_account():
        yield


def send(**fields: Any) -> Message:
    return send_message(NUMBER, PICTURE, channel="whatsapp", failover=PLAN, **fields)


def messages_of(message: Message) -> list[Message]:
    assert message.workflow is not None
    return list(message.workflow.messages.order_by("workflow_position"))


def statuses_of(message: Message) -> list[str]:
    return [member.status for member in messages_of(message)]


def report(member: Message, status: str, callbacks: Any, **fields: Any) -> None:
    with callbacks(execute=True):
        simulate_status(member, status, **fields)


def set_outcomes(*values: Outcome) -> None:
    outcomes[:] = values


def test_the_plan_is_stored_as_messages_on_standby(version: str) -> None:
    message = send(created_by=None)
    assert (message.status, message.workflow_position) == ("accepted", 1)
    assert statuses_of(message) == ["accepted", "standby", "standby"]
    assert [member.channel for member in messages_of(message)] == ["whatsapp", "viber", "sms"]
    assert {member.their_address for member in messages_of(message)} == {NUMBER}
    assert message.workflow is not None
    assert message.workflow.failover_by == ("vonage" if version == "v1" else "local")
    assert message.workflow.arrived is None
    assert len(outbox) == 1


@pytest.mark.usefixtures("version")
def test_standby_message_does_not_change_its_conversation() -> None:
    send()
    for thread in Conversation.objects.exclude(channel="whatsapp"):
        columns = (thread.in_inbox, thread.last_message_direction, thread.last_message_preview)
        assert columns == (False, "", "")


@pytest.mark.usefixtures("on_v1")
def test_v1_request_contains_the_whole_plan() -> None:
    message = send()
    _, viber, sms = messages_of(message)
    assert outbox[0].body["failover"] == [
        {
            "channel": "viber_service",
            "message_type": "text",
            "text": "Oliver",
            "to": NUMBER,
            "from": "654321",
            "client_ref": viber.reference.hex,
        },
        {
            "channel": "sms",
            "message_type": "text",
            "text": "Oliver",
            "to": NUMBER,
            "from": "447700900001",
            "client_ref": sms.reference.hex,
        },
    ]


def test_v0_1_request_contains_only_the_first_message() -> None:
    send()
    assert "failover" not in outbox[0].body


def test_delivered_message_cancels_the_rest(
    version: str, django_capture_on_commit_callbacks: Any
) -> None:
    message = send()
    report(message, "delivered", django_capture_on_commit_callbacks)
    assert statuses_of(message) == ["delivered", "cancelled", "cancelled"]
    assert message.workflow is not None
    assert message.workflow.arrived == message
    assert "arrived" in messages_of(message)[1].error_title
    assert len(outbox) == 1


def test_a_read_status_without_delivered_cancels_the_rest(
    version: str, django_capture_on_commit_callbacks: Any
) -> None:
    message = send()
    report(message, "read", django_capture_on_commit_callbacks)
    assert statuses_of(message) == ["read", "cancelled", "cancelled"]
    assert {member.reason for member in messages_of(message)[1:]} == {"workflow_stopped"}


def test_each_rejection_leads_to_the_next_message(
    version: str, django_capture_on_commit_callbacks: Any
) -> None:
    message = send()
    report(message, "rejected", django_capture_on_commit_callbacks, error_code=1340)
    if version == "v0.1":
        assert statuses_of(message) == ["rejected", "accepted", "standby"]
        assert [sent.channel for sent in outbox] == ["whatsapp", "viber"]
    report(messages_of(message)[1], "rejected", django_capture_on_commit_callbacks, error_code=1300)
    report(messages_of(message)[2], "submitted", django_capture_on_commit_callbacks)
    assert statuses_of(message) == ["rejected", "rejected", "submitted"]
    thread = Conversation.objects.get(channel="sms")
    assert thread.last_message_preview == "Oliver"

    report(messages_of(message)[2], "delivered", django_capture_on_commit_callbacks)
    assert message.workflow is not None
    assert message.workflow.arrived == messages_of(message)[2]
    assert len(outbox) == (3 if version == "v0.1" else 1)


def test_repeated_rejection_sends_the_next_message_once(
    version: str, django_capture_on_commit_callbacks: Any
) -> None:
    message = send()
    for moment in ("2026-01-01T14:00:00Z", "2026-01-01T14:00:00Z", "2026-01-01T14:00:09Z"):
        report(
            message,
            "rejected",
            django_capture_on_commit_callbacks,
            error_code=1340,
            timestamp=moment,
        )
    assert [sent.channel for sent in outbox[1:]] == (["viber"] if version == "v0.1" else [])
    assert messages_of(message)[2].status == "standby"


def test_rejection_after_settling_as_failed_does_not_send_the_next_again(
    django_capture_on_commit_callbacks: Any,
) -> None:
    set_outcomes(Accepted("1"), Unconfirmed("HTTP 500"), Accepted("3"), Accepted("4"))
    message = send_message(
        NUMBER, PICTURE, channel="whatsapp", failover=[*PLAN, Failover("Last", channel="sms")]
    )
    report(message, "rejected", django_capture_on_commit_callbacks, error_code=1340)
    with django_capture_on_commit_callbacks(execute=True):
        assert settle_message(messages_of(message)[1], "failed")
    assert statuses_of(message) == ["rejected", "failed", "accepted", "standby"]

    report(messages_of(message)[1], "rejected", django_capture_on_commit_callbacks, error_code=1300)

    assert statuses_of(message) == ["rejected", "rejected", "accepted", "standby"]
    assert outcomes == [Accepted("4")]  # no further message was sent


def test_undeliverable_after_a_rejection_cancels_nothing(
    django_capture_on_commit_callbacks: Any,
) -> None:
    message = send()
    report(message, "rejected", django_capture_on_commit_callbacks, error_code=1340)
    report(message, "undeliverable", django_capture_on_commit_callbacks, error_code=1210)
    assert statuses_of(message) == ["undeliverable", "accepted", "standby"]
    report(messages_of(message)[1], "rejected", django_capture_on_commit_callbacks, error_code=1300)
    assert statuses_of(message) == ["undeliverable", "rejected", "accepted"]


@pytest.mark.parametrize("end", ["cancelled", "expired"])
def test_cancelled_or_expired_message_ends_the_workflow(end: str) -> None:
    with changed_account(EXECUTOR="worker"):
        message = send()
        simulate_status(message, "rejected", error_code=1340)
        second = messages_of(message)[1]
        if end == "cancelled":
            assert cancel_message(second)
        else:
            Message.objects.filter(pk=second.pk).update(expires_at="2020-01-01T00:00:00Z")
            deliver(second.pk)
    assert statuses_of(message) == ["rejected", end, "cancelled"]


def test_delivery_after_a_rejection_cancels_unsent_messages() -> None:
    with changed_account(EXECUTOR="worker"):
        message = send()
        simulate_status(message, "rejected", error_code=1340)
        assert statuses_of(message) == ["rejected", "queued", "standby"]
        simulate_status(message, "delivered")
    assert statuses_of(message) == ["delivered", "cancelled", "cancelled"]


@pytest.mark.usefixtures("version")
def test_undeliverable_status_does_not_trigger_failover(
    django_capture_on_commit_callbacks: Any,
) -> None:
    message = send()
    report(message, "undeliverable", django_capture_on_commit_callbacks, error_code=1210)
    assert statuses_of(message) == ["undeliverable", "cancelled", "cancelled"]
    assert len(outbox) == 1


@pytest.mark.usefixtures("version")
def test_refused_first_message_cancels_the_workflow() -> None:
    set_outcomes(REFUSED)
    with pytest.raises(MessageRejected) as refused:
        send()
    assert refused.value.message is not None
    assert statuses_of(refused.value.message) == ["failed", "cancelled", "cancelled"]


def test_refused_later_message_is_skipped(
    django_capture_on_commit_callbacks: Any,
) -> None:
    set_outcomes(Accepted("one"), REFUSED, Accepted("three"))
    message = send()
    report(message, "rejected", django_capture_on_commit_callbacks, error_code=1340)
    assert statuses_of(message) == ["rejected", "failed", "accepted"]


@pytest.mark.usefixtures("on_v1")
def test_workflow_id_is_stored_from_the_response() -> None:
    set_outcomes(Accepted("one", "3TcNjguHxr2vcCZ9Ddsnq6tw8yQUpZ9rMHv9QXSxLan5ibMxqSzLdx9"))
    message = send()
    assert Workflow.objects.get().workflow_id.startswith("3TcN")
    assert statuses_of(message) == ["accepted", "standby", "standby"]


def status_webhook_of(member: Message, **changes: Any) -> dict[str, Any]:
    return {
        "channel": {"viber": "viber_service"}.get(member.channel, member.channel),
        "message_uuid": f"uuid-of-{member.workflow_position}",
        "to": member.their_address,
        "from": member.our_address,
        "timestamp": "2026-01-01T14:00:00Z",
        "status": "delivered",
        **changes,
    }


@pytest.mark.usefixtures("on_v1")
@pytest.mark.parametrize(
    "workflow",
    [
        {"workflow_id": "w-1", "items_number": "2", "items_total": "3"},
        {"id": "w-1", "item_number": 2, "total_items": 3},
    ],
)
def test_status_finds_a_later_message_by_workflow_position(
    workflow: Any, post_webhook: Any
) -> None:
    set_outcomes(Accepted("one", "w-1"))
    message = send()
    body = status_webhook_of(messages_of(message)[1], workflow=workflow)
    assert post_webhook("message-status", body).status_code == 200
    _, second, third = messages_of(message)
    assert (second.status, second.message_uuid) == ("delivered", "uuid-of-2")
    assert third.status == "cancelled"


@pytest.mark.usefixtures("on_v1")
def test_status_of_another_workflow_changes_nothing(post_webhook: Any) -> None:
    set_outcomes(Accepted("one", "w-1"))
    message = send()
    workflow = {"workflow_id": "W-1", "items_number": "2", "items_total": "3"}
    post_webhook("message-status", status_webhook_of(messages_of(message)[1], workflow=workflow))
    assert statuses_of(message) == ["accepted", "standby", "standby"]


@pytest.mark.usefixtures("on_v1")
def test_status_of_a_later_message_is_matched_while_the_first_is_unconfirmed(
    post_webhook: Any,
) -> None:
    set_outcomes(Unconfirmed("HTTP 500"))
    with pytest.raises(Exception, match="not known"):
        send()
    message = Message.objects.get(workflow_position=1)
    second = messages_of(message)[1]
    body = status_webhook_of(
        second,
        client_ref=second.client_ref,
        workflow={"workflow_id": "w-9", "items_number": "2", "items_total": "3"},
    )
    post_webhook("message-status", body)
    assert statuses_of(message) == ["unconfirmed", "delivered", "cancelled"]
    assert Workflow.objects.get().workflow_id == "w-9"


@pytest.mark.usefixtures("on_v1")
def test_status_outranks_a_cancellation(post_webhook: Any) -> None:
    set_outcomes(Unconfirmed("HTTP 500"))
    with pytest.raises(Exception, match="not known"):
        send()
    message = Message.objects.get(workflow_position=1)
    settle_message(message, "failed")
    assert statuses_of(message) == ["failed", "cancelled", "cancelled"]
    second = messages_of(message)[1]
    post_webhook("message-status", status_webhook_of(second, client_ref=second.client_ref))
    assert statuses_of(message) == ["failed", "delivered", "cancelled"]


@pytest.mark.usefixtures("version")
def test_queued_plan_can_be_delivered_and_cancelled() -> None:
    message = queue_message(NUMBER, PICTURE, channel="whatsapp", failover=PLAN)
    assert statuses_of(message) == ["queued", "standby", "standby"]
    assert cancel_message(messages_of(message)[2])
    deliver(message.pk)
    assert statuses_of(message) == ["accepted", "standby", "cancelled"]

    again = queue_message(NUMBER, PICTURE, channel="whatsapp", failover=PLAN)
    assert cancel_message(again)
    assert statuses_of(again) == ["cancelled"] * 3


@pytest.mark.usefixtures("on_v1")
def test_standby_message_at_vonage_cannot_be_cancelled() -> None:
    assert not cancel_message(messages_of(send())[1])
    assert len(outbox[0].body["failover"]) == 2


@pytest.mark.usefixtures("version")
def test_plan_in_a_transaction_is_sent_after_the_commit(
    django_capture_on_commit_callbacks: Any,
) -> None:
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        message = send()
        assert statuses_of(message) == ["queued", "standby", "standby"]
        assert outbox == []
    assert statuses_of(message) == ["accepted", "standby", "standby"]


def test_failover_follows_the_current_version_of_the_account() -> None:
    with v1_account():
        message = queue_message(NUMBER, PICTURE, channel="whatsapp", failover=PLAN)
    deliver(message.pk)
    assert "failover" not in outbox[0].body
    assert Workflow.objects.get().failover_by == "local"


@pytest.mark.usefixtures("on_v1")
def test_suppressed_message_leaves_the_plan_and_later_positions_move_up(
    post_webhook: Any,
) -> None:
    message = queue_message(NUMBER, PICTURE, channel="whatsapp", failover=PLAN)
    _, viber, sms = messages_of(message)
    Suppression.objects.create(address=NUMBER, channel="viber")
    set_outcomes(Accepted("one", "w-1"))
    sent = outbox
    deliver(message.pk)
    assert [member["channel"] for member in sent[0].body["failover"]] == ["sms"]

    sms.refresh_from_db()
    workflow = {"workflow_id": "w-1", "items_number": "2", "items_total": "2"}
    post_webhook("message-status", status_webhook_of(sms, workflow=workflow))

    viber.refresh_from_db()
    sms.refresh_from_db()
    assert (viber.status, sms.status) == ("failed", "delivered")
    assert "suppressed" in viber.error_title
    assert Conversation.objects.get(channel="viber").last_message_preview == ""
    assert message.workflow is not None
    assert message.workflow.arrived == sms


@pytest.mark.usefixtures("on_v1")
@pytest.mark.parametrize(
    "changed", [{"to": "447700900999"}, {"from": "Another"}, {"client_ref": "another"}]
)
def test_workflow_position_does_not_match_if_other_fields_contradict(
    changed: Any, post_webhook: Any
) -> None:
    set_outcomes(Accepted("one", "w-1"))
    message = send()
    workflow = {"workflow_id": "w-1", "items_number": "2", "items_total": "3"}
    body = status_webhook_of(messages_of(message)[1], workflow=workflow) | changed
    post_webhook("message-status", body)
    assert statuses_of(message) == ["accepted", "standby", "standby"]


@pytest.mark.usefixtures("on_v1")
def test_throttled_plan_stays_here_and_can_be_cancelled() -> None:
    message = queue_message(NUMBER, PICTURE, channel="whatsapp", failover=PLAN)
    set_outcomes(Throttled())
    deliver(message.pk)
    assert statuses_of(message) == ["queued", "standby", "standby"]
    assert cancel_message(messages_of(message)[2])


@pytest.mark.usefixtures("version")
def test_error_quotes_no_content_of_any_message_of_the_plan(
    caplog: pytest.LogCaptureFixture,
) -> None:
    detail = (
        "“tulip garden” and “Oliver the cat” are not allowed, “https://example.com/private” too"
    )
    refused = Rejected(error=ErrorInfo(title="Invalid", detail=detail))
    set_outcomes(refused, refused)
    plan = {
        "channel": "whatsapp",
        "failover": [Failover("tulip garden")],
    }
    picture = Image("https://example.com/private", caption="Oliver the cat")
    with pytest.raises(MessageRejected) as caught:
        send_message(NUMBER, picture, **plan)  # type: ignore[arg-type]
    queued = queue_message(NUMBER, picture, **plan)  # type: ignore[arg-type]
    deliver(queued.pk)
    for text_shown in (str(caught.value), caplog.text):
        assert "not allowed" in text_shown
        assert not any(text in text_shown for text in ("tulip", "Oliver", "private"))


def test_read_message_counts_as_arrived() -> None:
    message = send()
    simulate_status(message, "read")
    Message.objects.filter(workflow_position=2).update(delivered_at="2026-01-01T00:00:00Z")
    assert message.workflow is not None
    assert message.workflow.arrived == message


@pytest.mark.usefixtures("version")
def test_only_one_message_of_a_workflow_can_be_resent(
    django_capture_on_commit_callbacks: Any,
) -> None:
    message = send()
    for member in messages_of(message):
        report(member, "rejected", django_capture_on_commit_callbacks, error_code=1300)
    first, second, _ = messages_of(message)
    again = resend_message(first)
    assert resend_message(first) == again
    with pytest.raises(NotResendable):
        resend_message(second)


def test_delivered_message_cannot_be_resent_from_a_stale_instance() -> None:
    message = send_message(NUMBER, "Hello")
    simulate_status(message, "rejected", error_code=1300)
    stale = Message.objects.get(pk=message.pk)
    simulate_status(message, "delivered")
    with pytest.raises(NotResendable):
        resend_message(stale)
    assert len(outbox) == 1


@pytest.mark.usefixtures("version")
def test_standby_message_is_pruned_only_after_its_workflow_could_continue() -> None:
    message = send()
    simulate_status(message, "submitted")
    for days, remaining in ((5, 2), (40, 0)):
        Message.objects.update(created_at=timezone.now() - timedelta(days=days))
        call_command("vonage_prune", "--messages", "1")
        assert Message.objects.filter(status="standby").count() == remaining


@pytest.mark.usefixtures("version")
def test_plan_with_a_suppressed_address_is_refused() -> None:
    Suppression.objects.create(address=NUMBER, channel="sms")
    with pytest.raises(RecipientSuppressed):
        send()
    assert not Message.objects.exists()
    assert not Workflow.objects.exists()


@pytest.mark.usefixtures("on_v1")
@pytest.mark.parametrize(
    ("failover", "problem"),
    [
        (["Hello"], "list of Failover objects"),
        ("Hello", "list of Failover objects"),
        ([Failover("")], "Failover 1, content"),
        ([Failover("Hello"), Failover(Sticker("x"), channel="whatsapp")], "Failover 2, content"),
        ([Failover("Hello", options=SmsOptions(ttl=0))], "Failover 1, options"),
        ([Failover("Hello", channel="messenger", to="1" * 51)], "Failover 1, to"),
        ([Failover("Hello", channel="messenger")], "Failover 1, to"),
        ([Failover("Hello")] * 11, "more than 10"),
    ],
)
def test_invalid_plan_is_rejected(failover: Any, problem: str) -> None:
    fields = problems(failover=failover)
    assert list(fields) == ["failover"]
    assert problem in fields["failover"][0]


def test_plan_on_v0_1_is_validated_for_v0_1() -> None:
    with pytest.raises(InvalidMessage, match=r"Failover 1, channel: API v0\.1 cannot send on RCS"):
        send_message(NUMBER, "Hello", failover=[Failover("Hello", channel="rcs", sender="Us")])


@pytest.mark.usefixtures("version")
def test_idempotency_key_covers_the_plan() -> None:
    message = send(idempotency_key="k")
    assert send(idempotency_key="k") == message
    assert Message.objects.count() == 3
    with pytest.raises(IdempotencyConflict):
        send_message(NUMBER, PICTURE, channel="whatsapp", idempotency_key="k")


@pytest.mark.usefixtures("version")
def test_message_cannot_be_resent_while_its_workflow_continues(
    django_capture_on_commit_callbacks: Any,
) -> None:
    message = send()
    report(message, "rejected", django_capture_on_commit_callbacks, error_code=1340)
    message.refresh_from_db()
    with pytest.raises(NotResendable, match="workflow"):
        resend_message(message)

    for member in messages_of(message)[1:]:
        report(member, "rejected", django_capture_on_commit_callbacks, error_code=1300)
    assert resend_message(message).status == "accepted"


@pytest.mark.usefixtures("version")
def test_standby_message_of_a_queued_plan_is_not_pruned() -> None:
    message = queue_message(NUMBER, PICTURE, channel="whatsapp", failover=PLAN)
    for model in (Message, Workflow):
        model.objects.update(created_at="2020-01-01T00:00:00Z")
    call_command("vonage_prune", "--texts", "1", "--messages", "1")
    assert statuses_of(message) == ["queued", "standby", "standby"]
    assert messages_of(message)[1].text == "Oliver"
    assert cancel_message(message)
    call_command("vonage_prune", "--messages", "1")
    assert not Message.objects.exists()
    assert not Workflow.objects.exists()


def test_repr_of_failover_hides_text_and_number() -> None:
    assert "secret" not in repr(Failover("secret", to="447700900123"))
    assert "0123" not in repr(Failover("secret", to="447700900123"))
