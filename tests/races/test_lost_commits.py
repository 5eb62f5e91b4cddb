"""Each write recognises its own commit if the connection fails during the commit.

Each test repeats its work: first the first commit fails, then the second one, and so on, until the
work has no such commit. Each commit fails before the database commits, after it, or meanwhile.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from django_vonage_messages import (
    cancel_message,
    mark_message_read,
    queue_message,
    reschedule_message,
    resend_message,
    send_message,
    settle_message,
)
from django_vonage_messages.exceptions import MessageRejected
from django_vonage_messages.failover import Failover
from django_vonage_messages.models import (
    Conversation,
    Message,
    SignalDispatch,
    UnprocessedWebhook,
)
from django_vonage_messages.protocol.outcomes import Rejected, Throttled, Unconfirmed
from django_vonage_messages.protocol.statuses import ErrorInfo
from django_vonage_messages.services.db.transactions import now
from django_vonage_messages.services.delivery.claims import claim, claim_batch
from django_vonage_messages.services.delivery.deliver import deliver
from django_vonage_messages.services.history.dispatch import redispatch
from django_vonage_messages.services.operations.deployment import find_original
from django_vonage_messages.services.operations.hold import hold_messages, release_messages
from django_vonage_messages.services.operations.reconcile import reconcile
from django_vonage_messages.services.operations.worker import WorkerLoop
from django_vonage_messages.services.receiving.status_webhooks import apply_stored_statuses
from django_vonage_messages.signals import message_received, message_status_changed
from django_vonage_messages.testing import receiver_errors
from tests.conftest import SENT
from tests.lost_commits import lost_commit
from tests.races.conftest import SERVER

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
TO = "447700900000"
LATER = datetime(2030, 5, 1, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _nothing_is_logged_as_an_error() -> None:
    """Replace the fixture of this package: these failures are logged."""


@pytest.fixture(params=["before", "after", "meanwhile"] if SERVER else ["before", "after"])
def failing(request) -> Iterator[object]:
    """Yield a context manager for each commit of the work, in turn."""

    def each_commit():
        for number in range(1, 20):
            SENT.clear()
            with lost_commit(number, request.param) as lost:
                yield lost
            if not lost.happened:
                assert number > 1, "The work has no commit."
                return
        raise AssertionError("The work has too many commits.")

    return each_commit


def events_of(message: Message) -> list[str]:
    return [event.status for event in message.events.order_by("id")]


def test_queued_message_is_stored_once(failing):
    for number, _ in enumerate(failing(), start=1):
        message = queue_message(TO, "Hello")
        assert Message.objects.get(reference=message.reference).pk == message.pk
        assert Message.objects.count() == number


def test_queued_message_with_a_key_is_stored_once(failing):
    for lost in failing():
        message = queue_message(TO, "Hello", idempotency_key=f"key {lost.number}")
        again = queue_message(TO, "Hello", idempotency_key=f"key {lost.number}")
        assert message.pk == again.pk


@pytest.mark.parametrize("key", ["", "key"])
def test_inline_message_is_sent_once_and_returned(failing, key):
    for lost in failing():
        message = send_message(TO, "Hello", idempotency_key=key and f"{key} {lost.number}")
        assert message.status == "accepted"
        assert message.message_uuid
        assert len(SENT) == 1
        assert events_of(message) == ["accepted"]
        assert Message.objects.filter(status="accepted").count() == Message.objects.count()


def test_rejection_of_an_inline_message_is_raised(failing, vonage_outcomes):
    for _ in failing():
        vonage_outcomes.append(Rejected(error=ErrorInfo(code="1010", title="No")))
        with pytest.raises(MessageRejected) as caught:
            send_message(TO, "Hello")
        assert events_of(caught.value.message) == ["failed"]


def test_failover_is_sent_once(failing):
    for _ in failing():
        message = send_message(TO, "Hello", failover=[Failover("Hello", channel="whatsapp")])
        assert message.status == "accepted"
        assert len(SENT) == 1
        assert message.workflow.messages.count() == 2


@pytest.mark.parametrize("is_batch", [True, False], ids=["worker", "deliver"])
def test_queued_message_is_sent_once(failing, is_batch):
    for _ in failing():
        message = queue_message(TO, "Hello")
        if is_batch:
            WorkerLoop(threads=1, poll=0.01).run(once=True)
        else:
            deliver(message.pk)
        message.refresh_from_db()
        assert (message.status, message.attempts, len(SENT)) == ("accepted", 1, 1)
        assert events_of(message) == ["sending", "accepted"]


def test_claims_do_not_exceed_their_limit(failing):
    for _ in failing():
        Message.objects.update(claim_token=None, claim_expires_at=None)
        for _number in range(3):
            queue_message(TO, "Hello")
        claimed = claim_batch(2)
        assert len(claimed) == 2
        rows = Message.objects.exclude(claim_token=None)
        assert sorted(rows.values_list("pk", flat=True)) == sorted(each.pk for each in claimed)


def test_single_claim_returns_its_token(failing):
    for _ in failing():
        message = queue_message(TO, "Hello")
        token = claim(message.pk)
        message.refresh_from_db()
        assert token is not None
        assert message.claim_token == token


def test_throttled_message_is_queued_again_once(failing, vonage_outcomes):
    for _ in failing():
        message = queue_message(TO, "Hello")
        vonage_outcomes.append(Throttled(error=ErrorInfo(title="Slow down")))
        deliver(message.pk)
        message.refresh_from_db()
        assert (message.status, message.attempts, message.claim_token) == ("queued", 1, None)
        assert events_of(message) == ["sending", "queued"]
        assert Message.objects.filter(pk=message.pk, due_at__gt=now()).exists()


def test_message_that_is_not_allowed_is_held_once(failing, settings):
    account = settings.VONAGE_MESSAGES["default"] | {"ALLOWED_RECIPIENTS": []}
    for _ in failing():
        settings.VONAGE_MESSAGES = {"default": account}
        message = queue_message(TO, "Hello")
        deliver(message.pk)
        message.refresh_from_db()
        assert (message.status, message.held_reason) == ("queued", "not_allowed")
        assert (message.claim_token, events_of(message), len(SENT)) == (None, ["queued"], 0)


def test_hold_and_release_are_complete(failing):
    for _ in failing():
        queue_message(TO, "Hello")
        list(hold_messages())
        assert set(Message.objects.values_list("held_reason")) == {("hold",)}
        list(release_messages())
        assert set(Message.objects.values_list("held_reason")) == {("",)}
        assert find_original() is None


def test_cancel_returns_true_and_is_recorded_once(failing):
    for _ in failing():
        message = queue_message(TO, "Hello")
        assert cancel_message(message)
        assert not cancel_message(message)
        assert events_of(message) == ["cancelled"]


def test_cancel_releases_the_key_once(failing):
    for lost in failing():
        message = queue_message(TO, "Hello", idempotency_key=f"key {lost.number}")
        assert cancel_message(message, release_key=True)
        assert (message.status, message.idempotency_key) == ("cancelled", None)
        assert events_of(message) == ["cancelled"]


def test_move_returns_true_and_is_recorded_once(failing):
    for _ in failing():
        message = queue_message(TO, "Hello")
        assert reschedule_message(message, send_at=LATER)
        assert (message.due_at, events_of(message)) == (LATER, ["queued"])


def test_revived_workflow_is_recorded_once(failing):
    for _ in failing():
        with lost_commit(0):
            message = queue_message(TO, "Hello", failover=[Failover("Hello", channel="viber")])
            assert cancel_message(message)
        assert reschedule_message(message, send_at=LATER)
        standby = message.workflow.messages.get(workflow_position=2)
        assert (message.status, standby.status) == ("queued", "standby")
        assert events_of(message) == ["cancelled", "queued"]
        assert events_of(standby) == ["cancelled", "standby"]


def test_settle_returns_true_and_is_recorded_once(failing, vonage_outcomes):
    for _ in failing():
        message = queue_message(TO, "Hello")
        vonage_outcomes.append(Unconfirmed())
        deliver(message.pk)
        assert settle_message(message, "failed")
        assert not settle_message(message, "failed")
        assert events_of(message) == ["sending", "unconfirmed", "failed"]


def test_resend_is_sent_once(failing, vonage_outcomes):
    for _ in failing():
        vonage_outcomes.append(Rejected(error=ErrorInfo(title="No")))
        with pytest.raises(MessageRejected) as caught:
            send_message(TO, "Hello")
        SENT.clear()
        resend = resend_message(caught.value.message)
        assert (resend.status, len(SENT)) == ("accepted", 1)
        assert caught.value.message.resends.count() == 1


def test_status_is_recorded_once(failing, post_webhook, status_body):
    for _ in failing():
        message = send_message(TO, "Hello")
        body = status_body(message, "delivered")
        assert post_webhook("message-status", body).json() == {"result": "applied"}
        message.refresh_from_db()
        assert message.status == "delivered"
        assert events_of(message) == ["accepted", "delivered"]


def test_inbound_message_is_stored_once(failing, post_webhook, inbound_body):
    for number, lost in enumerate(failing(), start=1):
        body = inbound_body(message_uuid=f"uuid-{lost.number}")
        assert post_webhook("inbound-message", body).json() == {"result": "applied"}
        assert Message.objects.inbound().count() == number
        assert Conversation.objects.get().unread_count == number


def test_answer_of_a_receiver_is_sent_once(failing, post_webhook, inbound_body):
    """The receiver's message leaves after the commit, also if the answer to the commit is lost."""

    def answer(sender, message, **kwargs):
        send_message(message.their_address, "Thank you")

    message_received.connect(answer)
    try:
        for lost in failing():
            post_webhook("inbound-message", inbound_body(message_uuid=f"uuid-{lost.number}"))
            assert len(SENT) == 1
            assert set(Message.objects.outbound().values_list("status", flat=True)) == {"accepted"}
    finally:
        message_received.disconnect(answer)


def test_stored_status_is_applied_once(failing, post_webhook, status_body):
    """A status arrives before Vonage's answer, is stored, and is applied with the answer."""
    for _ in failing():
        message = queue_message(TO, "Hello")
        uuid = str(uuid4())
        body = status_body(message, "delivered", message_uuid=uuid, client_ref="")
        with lost_commit(0):
            post_webhook("message-status", body)
        Message.objects.filter(pk=message.pk).update(message_uuid=uuid, status="accepted")
        message.refresh_from_db()
        assert apply_stored_statuses(message) == 1
        assert (message.status, events_of(message)) == ("delivered", ["delivered"])


def test_unknown_status_is_stored_as_one_delivery(failing, post_webhook, status_body):
    message = send_message(TO, "Hello")
    for lost in failing():
        body = status_body(message, "delivered", message_uuid=f"other-{lost.number}", client_ref="")
        assert post_webhook("message-status", body).json() == {"result": "stored"}
        assert set(UnprocessedWebhook.objects.values_list("deliveries", flat=True)) == {1}


def test_receivers_run_once_more(failing, vonage_outcomes):
    """A failed signal is tried once, counted once, and its receivers' work is committed once."""
    runs: list[int] = []
    broken = [True]

    def receiver(sender, message, event, **kwargs):
        if broken[0]:
            raise ValueError
        runs.append(message.pk)
        Message.objects.filter(pk=message.pk).update(client_ref=f"{message.client_ref}+")

    message_status_changed.connect(receiver)
    try:
        for _ in failing():
            broken[0] = True
            message = send_message(TO, "Hello", client_ref="ref")
            broken[0] = False
            dispatch = SignalDispatch.objects.get(done_at=None)
            assert redispatch(dispatch)
            dispatch.refresh_from_db()
            message.refresh_from_db()
            assert (dispatch.attempts, message.client_ref) == (2, "ref+")
    finally:
        message_status_changed.disconnect(receiver)
        receiver_errors.clear()


def test_interrupted_attempt_becomes_unconfirmed_once(failing, vonage_outcomes):
    for _ in failing():
        message = queue_message(TO, "Hello")
        Message.objects.filter(pk=message.pk).update(
            status="sending", claim_expires_at=now() - timedelta(minutes=1)
        )
        assert reconcile().unconfirmed == 1
        assert events_of(message) == ["unconfirmed"]


def test_marked_message_keeps_the_time(failing, post_webhook, inbound_body, settings):
    account = settings.VONAGE_MESSAGES["default"] | {"API_VERSION": "v1"}
    settings.VONAGE_MESSAGES = {"default": account}
    for lost in failing():
        uuid = str(UUID(int=lost.number))
        body = inbound_body(message_uuid=uuid)
        with lost_commit(0):
            post_webhook("inbound-message", body)
        Message.objects.filter(message_uuid=uuid).update(channel="whatsapp")
        message = Message.objects.get(message_uuid=uuid)
        mark_message_read(message)
        message.refresh_from_db()
        assert message.marked_read_at is not None
