"""A workflow: messages of which the next is tried where the one before it was rejected.

On v1 Vonage goes on to the next by itself, on v0.1 this site does.
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


def send(**more: Any) -> Message:
    return send_message(NUMBER, PICTURE, channel="whatsapp", failover=PLAN, **more)


def messages_of(message: Message) -> list[Message]:
    assert message.workflow is not None
    return list(message.workflow.messages.order_by("workflow_position"))


def statuses_of(message: Message) -> list[str]:
    return [part.status for part in messages_of(message)]


def report(part: Message, status: str, callbacks: Any, **more: Any) -> None:
    with callbacks(execute=True):
        simulate_status(part, status, **more)


def outcomes_are(*given: Outcome) -> None:
    outcomes[:] = given


def test_the_plan_is_stored_as_messages_on_standby(version: str) -> None:
    message = send(created_by=None)
    assert (message.status, message.workflow_position) == ("accepted", 1)
    assert statuses_of(message) == ["accepted", "standby", "standby"]
    assert [part.channel for part in messages_of(message)] == ["whatsapp", "viber", "sms"]
    assert {part.their_address for part in messages_of(message)} == {NUMBER}
    assert message.workflow is not None
    assert message.workflow.failover_by == ("vonage" if version == "v1" else "local")
    assert message.workflow.arrived is None
    assert len(outbox) == 1


@pytest.mark.usefixtures("version")
def test_what_is_on_standby_has_said_nothing_yet() -> None:
    send()
    for thread in Conversation.objects.exclude(channel="whatsapp"):
        said = (thread.in_inbox, thread.last_message_direction, thread.last_message_preview)
        assert said == (False, "", "")


@pytest.mark.usefixtures("on_v1")
def test_vonage_is_given_the_whole_plan() -> None:
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


def test_v0_1_is_given_the_first_message_alone() -> None:
    send()
    assert "failover" not in outbox[0].body


def test_what_arrives_calls_off_the_rest(
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
    assert {part.reason for part in messages_of(message)[1:]} == {"workflow_stopped"}


def test_a_rejection_leads_to_the_next_and_the_next(
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


def test_a_rejection_that_is_told_twice_sends_once(
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


def test_what_was_settled_as_not_sent_and_is_rejected_later_leads_on_once(
    django_capture_on_commit_callbacks: Any,
) -> None:
    outcomes_are(Accepted("1"), Unconfirmed("HTTP 500"), Accepted("3"), Accepted("4"))
    message = send_message(
        NUMBER, PICTURE, channel="whatsapp", failover=[*PLAN, Failover("Last", channel="sms")]
    )
    report(message, "rejected", django_capture_on_commit_callbacks, error_code=1340)
    with django_capture_on_commit_callbacks(execute=True):
        assert settle_message(messages_of(message)[1], "failed")
    assert statuses_of(message) == ["rejected", "failed", "accepted", "standby"]

    report(messages_of(message)[1], "rejected", django_capture_on_commit_callbacks, error_code=1300)

    assert statuses_of(message) == ["rejected", "rejected", "accepted", "standby"]
    assert outcomes == [Accepted("4")]  # nothing more was sent


def test_undeliverable_after_a_rejection_takes_no_way_away(
    django_capture_on_commit_callbacks: Any,
) -> None:
    message = send()
    report(message, "rejected", django_capture_on_commit_callbacks, error_code=1340)
    report(message, "undeliverable", django_capture_on_commit_callbacks, error_code=1210)
    assert statuses_of(message) == ["undeliverable", "accepted", "standby"]
    report(messages_of(message)[1], "rejected", django_capture_on_commit_callbacks, error_code=1300)
    assert statuses_of(message) == ["undeliverable", "rejected", "accepted"]


@pytest.mark.parametrize("end", ["cancelled", "expired"])
def test_one_that_is_stopped_on_its_turn_ends_the_workflow(end: str) -> None:
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


def test_what_was_rejected_and_then_arrived_stops_what_has_not_left() -> None:
    with changed_account(EXECUTOR="worker"):
        message = send()
        simulate_status(message, "rejected", error_code=1340)
        assert statuses_of(message) == ["rejected", "queued", "standby"]
        simulate_status(message, "delivered")
    assert statuses_of(message) == ["delivered", "cancelled", "cancelled"]


@pytest.mark.usefixtures("version")
def test_undeliverable_is_no_rejection(
    django_capture_on_commit_callbacks: Any,
) -> None:
    message = send()
    report(message, "undeliverable", django_capture_on_commit_callbacks, error_code=1210)
    assert statuses_of(message) == ["undeliverable", "cancelled", "cancelled"]
    assert len(outbox) == 1


@pytest.mark.usefixtures("version")
def test_where_the_first_is_refused_nothing_is_tried() -> None:
    outcomes_are(REFUSED)
    with pytest.raises(MessageRejected) as refused:
        send()
    assert refused.value.message is not None
    assert statuses_of(refused.value.message) == ["failed", "cancelled", "cancelled"]


def test_a_later_one_that_is_refused_is_passed_over(
    django_capture_on_commit_callbacks: Any,
) -> None:
    outcomes_are(Accepted("one"), REFUSED, Accepted("three"))
    message = send()
    report(message, "rejected", django_capture_on_commit_callbacks, error_code=1340)
    assert statuses_of(message) == ["rejected", "failed", "accepted"]


@pytest.mark.usefixtures("on_v1")
def test_the_id_of_the_workflow_comes_with_the_answer() -> None:
    outcomes_are(Accepted("one", "3TcNjguHxr2vcCZ9Ddsnq6tw8yQUpZ9rMHv9QXSxLan5ibMxqSzLdx9"))
    message = send()
    assert Workflow.objects.get().workflow_id.startswith("3TcN")
    assert statuses_of(message) == ["accepted", "standby", "standby"]


def status_webhook_of(part: Message, **changes: Any) -> dict[str, Any]:
    return {
        "channel": {"viber": "viber_service"}.get(part.channel, part.channel),
        "message_uuid": f"uuid-of-{part.workflow_position}",
        "to": part.their_address,
        "from": part.our_address,
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
def test_a_later_message_is_found_by_its_place_in_the_workflow(
    workflow: Any, post_webhook: Any
) -> None:
    outcomes_are(Accepted("one", "w-1"))
    message = send()
    body = status_webhook_of(messages_of(message)[1], workflow=workflow)
    assert post_webhook("message-status", body).status_code == 200
    _, second, third = messages_of(message)
    assert (second.status, second.message_uuid) == ("delivered", "uuid-of-2")
    assert third.status == "cancelled"


@pytest.mark.usefixtures("on_v1")
def test_the_workflow_of_another_is_not_ours(post_webhook: Any) -> None:
    outcomes_are(Accepted("one", "w-1"))
    message = send()
    workflow = {"workflow_id": "W-1", "items_number": "2", "items_total": "3"}
    post_webhook("message-status", status_webhook_of(messages_of(message)[1], workflow=workflow))
    assert statuses_of(message) == ["accepted", "standby", "standby"]


@pytest.mark.usefixtures("on_v1")
def test_a_status_of_a_later_message_settles_an_answer_that_never_came(post_webhook: Any) -> None:
    outcomes_are(Unconfirmed("HTTP 500"))
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
def test_evidence_outranks_that_it_was_called_off(post_webhook: Any) -> None:
    outcomes_are(Unconfirmed("HTTP 500"))
    with pytest.raises(Exception, match="not known"):
        send()
    message = Message.objects.get(workflow_position=1)
    settle_message(message, "failed")
    assert statuses_of(message) == ["failed", "cancelled", "cancelled"]
    second = messages_of(message)[1]
    post_webhook("message-status", status_webhook_of(second, client_ref=second.client_ref))
    assert statuses_of(message) == ["failed", "delivered", "cancelled"]


@pytest.mark.usefixtures("version")
def test_a_queued_plan_is_delivered_when_due_and_can_be_cancelled() -> None:
    message = queue_message(NUMBER, PICTURE, channel="whatsapp", failover=PLAN)
    assert statuses_of(message) == ["queued", "standby", "standby"]
    assert cancel_message(messages_of(message)[2])
    deliver(message.pk)
    assert statuses_of(message) == ["accepted", "standby", "cancelled"]

    again = queue_message(NUMBER, PICTURE, channel="whatsapp", failover=PLAN)
    assert cancel_message(again)
    assert statuses_of(again) == ["cancelled"] * 3


@pytest.mark.usefixtures("on_v1")
def test_what_vonage_has_on_standby_cannot_be_cancelled() -> None:
    assert not cancel_message(messages_of(send())[1])
    assert len(outbox[0].body["failover"]) == 2


@pytest.mark.usefixtures("version")
def test_in_a_transaction_the_plan_leaves_with_the_commit(
    django_capture_on_commit_callbacks: Any,
) -> None:
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        message = send()
        assert statuses_of(message) == ["queued", "standby", "standby"]
        assert outbox == []
    assert statuses_of(message) == ["accepted", "standby", "standby"]


def test_an_account_that_changed_its_version_goes_on_in_the_new_way() -> None:
    with v1_account():
        message = queue_message(NUMBER, PICTURE, channel="whatsapp", failover=PLAN)
    deliver(message.pk)
    assert "failover" not in outbox[0].body
    assert Workflow.objects.get().failover_by == "local"


@pytest.mark.usefixtures("on_v1")
def test_one_who_must_not_be_messaged_any_more_is_left_out_and_its_place_is_the_next_ones(
    post_webhook: Any,
) -> None:
    message = queue_message(NUMBER, PICTURE, channel="whatsapp", failover=PLAN)
    _, viber, sms = messages_of(message)
    Suppression.objects.create(address=NUMBER, channel="viber")
    outcomes_are(Accepted("one", "w-1"))
    sent = outbox
    deliver(message.pk)
    assert [part["channel"] for part in sent[0].body["failover"]] == ["sms"]

    sms.refresh_from_db()
    workflow = {"workflow_id": "w-1", "items_number": "2", "items_total": "2"}
    post_webhook("message-status", status_webhook_of(sms, workflow=workflow))

    viber.refresh_from_db()
    sms.refresh_from_db()
    assert (viber.status, sms.status) == ("failed", "delivered")
    assert "suppression" in viber.error_title
    assert Conversation.objects.get(channel="viber").last_message_preview == ""
    assert message.workflow is not None
    assert message.workflow.arrived == sms


@pytest.mark.usefixtures("on_v1")
@pytest.mark.parametrize(
    "changed", [{"to": "447700900999"}, {"from": "Another"}, {"client_ref": "another"}]
)
def test_a_place_in_a_workflow_does_not_outweigh_what_else_is_said(
    changed: Any, post_webhook: Any
) -> None:
    outcomes_are(Accepted("one", "w-1"))
    message = send()
    workflow = {"workflow_id": "w-1", "items_number": "2", "items_total": "3"}
    body = status_webhook_of(messages_of(message)[1], workflow=workflow) | changed
    post_webhook("message-status", body)
    assert statuses_of(message) == ["accepted", "standby", "standby"]


@pytest.mark.usefixtures("on_v1")
def test_what_was_refused_for_now_has_handed_nothing_over() -> None:
    message = queue_message(NUMBER, PICTURE, channel="whatsapp", failover=PLAN)
    outcomes_are(Throttled())
    deliver(message.pk)
    assert statuses_of(message) == ["queued", "standby", "standby"]
    assert cancel_message(messages_of(message)[2])


@pytest.mark.usefixtures("version")
def test_what_the_api_quotes_of_any_message_is_in_no_error(
    caplog: pytest.LogCaptureFixture,
) -> None:
    said = "“tulip garden” and “Oliver the cat” are not allowed, “https://example.com/private” too"
    refused = Rejected(error=ErrorInfo(title="Invalid", detail=said))
    outcomes_are(refused, refused)
    plan = {
        "channel": "whatsapp",
        "failover": [Failover("tulip garden")],
    }
    picture = Image("https://example.com/private", caption="Oliver the cat")
    with pytest.raises(MessageRejected) as caught:
        send_message(NUMBER, picture, **plan)  # type: ignore[arg-type]
    queued = queue_message(NUMBER, picture, **plan)  # type: ignore[arg-type]
    deliver(queued.pk)
    for words in (str(caught.value), caplog.text):
        assert "not allowed" in words
        assert not any(text in words for text in ("tulip", "Oliver", "private"))


def test_what_was_read_and_never_said_to_be_delivered_has_arrived() -> None:
    message = send()
    simulate_status(message, "read")
    Message.objects.filter(workflow_position=2).update(delivered_at="2026-01-01T00:00:00Z")
    assert message.workflow is not None
    assert message.workflow.arrived == message


@pytest.mark.usefixtures("version")
def test_of_a_workflow_one_message_is_sent_again(django_capture_on_commit_callbacks: Any) -> None:
    message = send()
    for part in messages_of(message):
        report(part, "rejected", django_capture_on_commit_callbacks, error_code=1300)
    first, second, _ = messages_of(message)
    again = resend_message(first)
    assert resend_message(first) == again
    with pytest.raises(NotResendable):
        resend_message(second)


def test_what_arrived_meanwhile_is_not_sent_again() -> None:
    message = send_message(NUMBER, "Hello")
    simulate_status(message, "rejected", error_code=1300)
    stale = Message.objects.get(pk=message.pk)
    simulate_status(message, "delivered")
    with pytest.raises(NotResendable):
        resend_message(stale)
    assert len(outbox) == 1


@pytest.mark.usefixtures("version")
def test_what_may_still_have_its_turn_is_not_pruned() -> None:
    message = send()
    simulate_status(message, "submitted")
    for days, kept in ((5, 2), (40, 0)):
        Message.objects.update(created_at=timezone.now() - timedelta(days=days))
        call_command("vonage_prune", "--messages", "1")
        assert Message.objects.filter(status="standby").count() == kept


@pytest.mark.usefixtures("version")
def test_a_plan_is_refused_if_one_of_it_must_not_go() -> None:
    Suppression.objects.create(address=NUMBER, channel="sms")
    with pytest.raises(RecipientSuppressed):
        send()
    assert not Message.objects.exists()
    assert not Workflow.objects.exists()


@pytest.mark.usefixtures("on_v1")
@pytest.mark.parametrize(
    ("failover", "said"),
    [
        (["Hello"], "list of Failover"),
        ("Hello", "list of Failover"),
        ([Failover("")], "Failover 1, content"),
        ([Failover("Hello"), Failover(Sticker("x"), channel="whatsapp")], "Failover 2, content"),
        ([Failover("Hello", options=SmsOptions(ttl=0))], "Failover 1, options"),
        ([Failover("Hello", channel="messenger", to="1" * 51)], "Failover 1, to"),
        ([Failover("Hello", channel="messenger")], "Failover 1, to"),
        ([Failover("Hello")] * 11, "more than 10"),
    ],
)
def test_a_plan_that_is_none(failover: Any, said: str) -> None:
    found = problems(failover=failover)
    assert list(found) == ["failover"]
    assert said in found["failover"][0]


def test_a_plan_on_v0_1_is_judged_by_v0_1() -> None:
    with pytest.raises(InvalidMessage, match=r"Failover 1, channel: API v0\.1 cannot send on RCS"):
        send_message(NUMBER, "Hello", failover=[Failover("Hello", channel="rcs", sender="Us")])


@pytest.mark.usefixtures("version")
def test_the_plan_is_part_of_what_a_key_means() -> None:
    message = send(idempotency_key="k")
    assert send(idempotency_key="k") == message
    assert Message.objects.count() == 3
    with pytest.raises(IdempotencyConflict):
        send_message(NUMBER, PICTURE, channel="whatsapp", idempotency_key="k")


@pytest.mark.usefixtures("version")
def test_what_may_still_arrive_in_another_way_is_not_sent_again(
    django_capture_on_commit_callbacks: Any,
) -> None:
    message = send()
    report(message, "rejected", django_capture_on_commit_callbacks, error_code=1340)
    message.refresh_from_db()
    with pytest.raises(NotResendable, match="workflow"):
        resend_message(message)

    for part in messages_of(message)[1:]:
        report(part, "rejected", django_capture_on_commit_callbacks, error_code=1300)
    assert resend_message(message).status == "accepted"


@pytest.mark.usefixtures("version")
def test_what_waits_for_something_to_be_sent_is_not_pruned() -> None:
    message = queue_message(NUMBER, PICTURE, channel="whatsapp", failover=PLAN)
    Message.objects.update(created_at="2020-01-01T00:00:00Z")
    call_command("vonage_prune", "--texts", "1", "--messages", "1")
    assert statuses_of(message) == ["queued", "standby", "standby"]
    assert messages_of(message)[1].text == "Oliver"
    assert cancel_message(message)
    call_command("vonage_prune", "--messages", "1")
    assert not Message.objects.exists()
    assert not Workflow.objects.exists()


def test_a_plan_shows_nothing_of_what_it_says() -> None:
    assert "secret" not in repr(Failover("secret", to="447700900123"))
    assert "0123" not in repr(Failover("secret", to="447700900123"))
