"""ALLOWED_RECIPIENTS and REDIRECT_TO decide who gets the messages of an account."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from django_vonage_messages import (
    cancel_message,
    mark_message_read,
    queue_message,
    revoke_message,
    send_message,
)
from django_vonage_messages.backends import NotSent
from django_vonage_messages.conf import Account
from django_vonage_messages.exceptions import MessageNotSent, NotUpdatable, RecipientNotAllowed
from django_vonage_messages.failover import Failover
from django_vonage_messages.models import Message
from django_vonage_messages.protocol.channels import CHANNELS
from django_vonage_messages.services.delivery.deliver import deliver
from django_vonage_messages.services.delivery.destinations import find_destination
from django_vonage_messages.services.operations.reconcile import reconcile
from django_vonage_messages.services.operations.worker import WorkerLoop
from django_vonage_messages.testing import simulate_inbound, simulate_status, updates
from tests.conftest import SENT

CUSTOMER, TESTER, PHONE = "447700900000", "447700900002", "447700900009"
MESSENGER_ID = "4598023126881234"


@pytest.fixture
def limit(settings: Any) -> Any:
    """Change settings of the account."""

    def limit(**changes: Any) -> None:
        account = settings.VONAGE_MESSAGES["default"] | changes
        settings.VONAGE_MESSAGES = {"default": account}

    return limit


def work() -> None:
    WorkerLoop(threads=1, poll=0.01).run(once=True)


def recipients() -> list[str]:
    return [message.to for message in SENT]


@pytest.mark.parametrize(
    ("config", "channel", "address", "destination"),
    [
        ({}, "sms", CUSTOMER, CUSTOMER),
        ({"ALLOWED_RECIPIENTS": None, "REDIRECT_TO": None}, "sms", CUSTOMER, CUSTOMER),
        ({"ALLOWED_RECIPIENTS": []}, "sms", CUSTOMER, None),
        ({"ALLOWED_RECIPIENTS": [""]}, "sms", CUSTOMER, None),
        ({"ALLOWED_RECIPIENTS": "+44 7700 900000"}, "sms", CUSTOMER, CUSTOMER),
        ({"ALLOWED_RECIPIENTS": ["07700 900000"], "REGION": "GB"}, "sms", CUSTOMER, CUSTOMER),
        ({"ALLOWED_RECIPIENTS": [TESTER]}, "sms", CUSTOMER, None),
        ({"ALLOWED_RECIPIENTS": lambda: [CUSTOMER]}, "viber", CUSTOMER, CUSTOMER),
        ({"ALLOWED_RECIPIENTS": [f" {MESSENGER_ID}"]}, "messenger", MESSENGER_ID, MESSENGER_ID),
        ({"ALLOWED_RECIPIENTS": [MESSENGER_ID]}, "sms", CUSTOMER, None),
        ({"REDIRECT_TO": "+44 7700 900009"}, "whatsapp", CUSTOMER, PHONE),
        ({"REDIRECT_TO": PHONE}, "messenger", MESSENGER_ID, None),
        ({"REDIRECT_TO": {"messenger": "42"}}, "messenger", MESSENGER_ID, "42"),
        ({"REDIRECT_TO": {"viber_service_msg": PHONE}}, "viber", CUSTOMER, PHONE),
        ({"REDIRECT_TO": {"sms": lambda: PHONE}}, "sms", CUSTOMER, PHONE),
        ({"REDIRECT_TO": {"sms": PHONE}}, "mms", CUSTOMER, None),
        ({"REDIRECT_TO": {}}, "sms", CUSTOMER, None),
        ({"REDIRECT_TO": PHONE, "ALLOWED_RECIPIENTS": [TESTER]}, "sms", TESTER, TESTER),
        ({"REDIRECT_TO": PHONE, "ALLOWED_RECIPIENTS": [TESTER]}, "sms", CUSTOMER, PHONE),
        ({"REDIRECT_TO": CUSTOMER}, "sms", CUSTOMER, CUSTOMER),
    ],
)
def test_destination(config, channel, address, destination):
    assert find_destination(Account("shop", config), CHANNELS[channel], address) == destination


# send_message()


@pytest.mark.django_db
def test_message_to_a_recipient_who_is_not_allowed_is_not_sent(limit):
    limit(ALLOWED_RECIPIENTS=[TESTER])

    with pytest.raises(RecipientNotAllowed, match="Add the recipient to ALLOWED_REC") as caught:
        send_message(CUSTOMER, "Hello")

    assert (caught.value.reason, caught.value.retryable) == ("not_allowed", False)
    assert isinstance(caught.value, MessageNotSent)
    stored = Message.objects.get()
    assert caught.value.message == stored
    assert (stored.status, stored.reason) == ("failed", "not_allowed")
    assert SENT == []
    assert CUSTOMER not in f"{caught.value} {caught.value!r}"


@pytest.mark.django_db
def test_repeated_call_raises_the_same_exception(limit):
    limit(ALLOWED_RECIPIENTS=[])
    for _ in range(2):
        with pytest.raises(RecipientNotAllowed):
            send_message(CUSTOMER, "Hello", idempotency_key="key")

    assert Message.objects.count() == 1


@pytest.mark.django_db
def test_message_to_an_allowed_recipient_is_sent(limit):
    limit(ALLOWED_RECIPIENTS=[TESTER])

    message = send_message(TESTER, "Hello")

    assert message.status == "accepted"
    assert recipients() == [TESTER]


@pytest.mark.django_db
def test_redirected_message_keeps_the_customer(limit):
    limit(REDIRECT_TO=PHONE)

    message = send_message(CUSTOMER, "Hello")

    (sent,) = SENT
    assert (sent.to, sent.body["to"]["number"]) == (PHONE, PHONE)
    message.refresh_from_db()
    assert (message.their_address, message.redirected_to) == (CUSTOMER, PHONE)
    assert message.conversation.their_address == CUSTOMER
    assert simulate_status(message, "delivered").status == "delivered"


@pytest.mark.django_db(transaction=True)
def test_message_in_a_transaction_is_held(limit):
    limit(ALLOWED_RECIPIENTS=[])

    with transaction.atomic():
        message = send_message(CUSTOMER, "Hello")

    message.refresh_from_db()
    assert (message.status, message.held_reason) == ("queued", "not_allowed")
    assert SENT == []


# queue_message()


@pytest.mark.django_db(transaction=True)
def test_queued_message_is_held_and_delays_no_other(limit):
    limit(ALLOWED_RECIPIENTS=[TESTER])
    held, sent = queue_message(CUSTOMER, "Hello"), queue_message(TESTER, "Hello")

    work()
    reconcile()
    deliver(held.pk)

    assert recipients() == [TESTER]
    held.refresh_from_db()
    sent.refresh_from_db()
    assert sent.status == "accepted"
    assert (held.status, held.held_reason, held.attempts) == ("queued", "not_allowed", 0)
    assert (held.claim_token, held.claim_expires_at, held.started_at) == (None, None, None)
    (event,) = held.events.all()
    assert (event.status, event.reason) == ("queued", "not_allowed")
    assert cancel_message(held)


@pytest.mark.django_db(transaction=True)
def test_queued_message_is_redirected_and_its_status_arrives(limit):
    limit(REDIRECT_TO=PHONE, ALLOWED_RECIPIENTS=[TESTER])
    message = queue_message(CUSTOMER, "Hello")

    work()

    message.refresh_from_db()
    assert recipients() == [PHONE]
    assert (message.redirected_to, message.their_address) == (PHONE, CUSTOMER)
    assert simulate_status(message, "delivered").status == "delivered"


@pytest.mark.django_db(transaction=True)
def test_status_before_the_answer_finds_a_redirected_message(limit, post_webhook, status_body):
    limit(REDIRECT_TO=PHONE)
    message = send_message(CUSTOMER, "Hello")
    Message.objects.update(message_uuid=None, status="sending")
    for number, result in ((CUSTOMER, "stored"), (PHONE, "applied")):
        body = status_body(message, "submitted", message_uuid=f"uuid-{number}")
        body["to"]["number"] = number
        assert post_webhook("message-status", body).json() == {"result": result}


@pytest.mark.django_db(transaction=True)
def test_wrong_setting_sends_nothing(limit):
    message = queue_message(CUSTOMER, "Hello")
    limit(REDIRECT_TO="not a number")

    work()

    message.refresh_from_db()
    assert (message.status, message.reason) == ("queued", "not_sent")
    assert SENT == []


# Failover


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_queued", [True, False])
def test_failover_to_a_recipient_who_is_not_allowed_is_left_out(limit, is_queued):
    limit(ALLOWED_RECIPIENTS=[TESTER], API_VERSION="v1")
    failover = [
        Failover("Hello", channel="whatsapp", to=CUSTOMER),
        Failover("Hello", channel="viber"),
    ]
    if is_queued:
        first = queue_message(TESTER, "Hello", failover=failover)
        work()
    else:
        first = send_message(TESTER, "Hello", failover=failover)

    (sent,) = SENT
    assert [part["to"] for part in sent.body["failover"]] == [TESTER]
    assert CUSTOMER not in str(sent.body)
    statuses = first.workflow.messages.order_by("channel").values_list("status", "reason")
    assert list(statuses) == [("accepted", ""), ("standby", ""), ("failed", "not_allowed")]


@pytest.mark.django_db
def test_failover_is_redirected(limit):
    limit(REDIRECT_TO={"sms": PHONE, "whatsapp": TESTER}, API_VERSION="v1")

    first = send_message(CUSTOMER, "Hello", failover=[Failover("Hello", channel="whatsapp")])

    (sent,) = SENT
    assert (sent.body["to"], sent.body["failover"][0]["to"]) == (PHONE, TESTER)
    redirected = first.workflow.messages.order_by("workflow_position")
    assert list(redirected.values_list("redirected_to", flat=True)) == [PHONE, TESTER]


@pytest.mark.django_db(transaction=True)
def test_failover_of_this_site_is_held(limit, outcomes):
    limit(ALLOWED_RECIPIENTS=[TESTER])
    failover = [Failover("Hello", channel="whatsapp", to=CUSTOMER)]
    first = send_message(TESTER, "Hello", failover=failover)

    simulate_status(first, "rejected")
    work()

    second = first.workflow.messages.get(workflow_position=2)
    assert (second.status, second.held_reason) == ("queued", "not_allowed")
    assert recipients() == [TESTER]


# Updates


@pytest.mark.django_db
def test_message_of_a_customer_who_is_not_allowed_is_not_marked_as_read(limit):
    limit(API_VERSION="v1")
    message = simulate_inbound(CUSTOMER, "Hello", channel="whatsapp")
    for changes in ({"ALLOWED_RECIPIENTS": [TESTER]}, {"REDIRECT_TO": PHONE}):
        limit(**changes)
        with pytest.raises(NotUpdatable, match="ALLOWED_RECIPIENTS does not contain"):
            mark_message_read(message)
    assert updates == []

    limit(ALLOWED_RECIPIENTS=[CUSTOMER])
    mark_message_read(message)
    assert len(updates) == 1


@pytest.mark.django_db
def test_message_sent_in_production_is_not_revoked_but_a_redirected_one_is(limit):
    limit(API_VERSION="v1", SENDERS={"rcs": "Shop"})
    production = send_message(CUSTOMER, "Hello", channel="rcs")
    limit(REDIRECT_TO=PHONE)
    redirected = send_message(CUSTOMER, "Hello", channel="rcs")

    with pytest.raises(NotUpdatable):
        revoke_message(production)
    revoke_message(redirected)

    assert [update.message_uuid for update in updates] == [redirected.message_uuid]


def test_held_message_is_not_shown_as_redirected_after_an_attempt(
    transactional_db, outcomes, limit
):
    limit(REDIRECT_TO=PHONE)
    outcomes.append(NotSent("No connection could be made"))
    message = queue_message(CUSTOMER, "Hello")
    work()
    Message.objects.update(due_at=timezone.now() - timedelta(seconds=1))

    limit(ALLOWED_RECIPIENTS=[], REDIRECT_TO=None)
    work()

    message.refresh_from_db()
    assert (message.held_reason, message.redirected_to) == ("not_allowed", "")
