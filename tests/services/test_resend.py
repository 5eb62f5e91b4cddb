"""resend_message() and settle_message()."""

from io import StringIO

import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command

from django_vonage_messages import resend_message, send_message, settle_message
from django_vonage_messages.exceptions import (
    DeliveryUnconfirmed,
    MessageRejected,
    NotResendable,
)
from django_vonage_messages.models import Message
from django_vonage_messages.protocol.outcomes import Rejected, Unconfirmed
from tests.conftest import SENT

TO = "447700900000"


@pytest.fixture
def rejected(db, outcomes) -> Message:
    outcomes.append(Rejected())
    with pytest.raises(MessageRejected) as raised:
        send_message(TO, "Hello", sender="ACME", client_ref="mine")
    return raised.value.message


@pytest.fixture
def unconfirmed_message(db, outcomes) -> Message:
    outcomes.append(Unconfirmed("Broken"))
    with pytest.raises(DeliveryUnconfirmed) as raised:
        send_message(TO, "Hello", client_ref="mine")
    return raised.value.message


def test_a_resend_is_a_new_message_with_a_new_reference(rejected):
    user = get_user_model().objects.create(username="ada")

    again = resend_message(rejected, created_by=user)

    assert again.pk != rejected.pk
    assert again.resend_of == rejected
    assert again.client_ref == again.reference.hex != rejected.client_ref
    assert (again.text, again.our_address, again.created_by) == ("Hello", "ACME", user)
    rejected.refresh_from_db()
    assert rejected.status == "failed"


def test_a_second_click_resends_nothing(rejected):
    assert resend_message(rejected).pk == resend_message(rejected).pk
    assert len(SENT) == 2


def test_a_message_that_may_have_arrived_is_not_resent(unconfirmed_message):
    with pytest.raises(NotResendable):
        resend_message(unconfirmed_message)
    with pytest.raises(NotResendable):
        resend_message(send_message(TO, "Hello"))


def test_an_unconfirmed_message_is_settled_once_and_recorded(unconfirmed_message):
    user = get_user_model().objects.create(username="ada")

    assert settle_message(unconfirmed_message, "failed", settled_by=user) is True
    assert settle_message(unconfirmed_message, "accepted", settled_by=user) is False

    assert unconfirmed_message.status == "failed"
    event = unconfirmed_message.events.last()
    assert (event.settled_by, event.reason, event.payload) == (user, "settled", {})
    assert resend_message(unconfirmed_message).status == "accepted"


def test_later_status_outranks_a_settlement(unconfirmed_message, post_webhook, status_body):
    settle_message(unconfirmed_message, "failed")
    body = status_body(unconfirmed_message, "delivered") | {"message_uuid": "late-but-true"}

    post_webhook("message-status", body)

    unconfirmed_message.refresh_from_db()
    assert unconfirmed_message.status == "delivered"
    assert unconfirmed_message.message_uuid == "late-but-true"


def test_message_without_its_text_cannot_be_resent(db):
    message = send_message("447700900000", "Hello")
    Message.objects.filter(pk=message.pk).update(status="failed", text="", content={})
    message.refresh_from_db()
    with pytest.raises(NotResendable, match="was deleted"):
        resend_message(message)
    assert Message.objects.count() == 1


def test_message_with_unknown_content_or_options_cannot_be_resent(db):
    message = send_message("447700900000", "Hello", channel="viber")
    for unknown in (
        {"content_type": "hologram", "options": {}},
        {"content_type": "text", "options": {"action": {}}},
    ):
        Message.objects.filter(pk=message.pk).update(status="failed", **unknown)
        message.refresh_from_db()
        with pytest.raises(NotResendable, match="does not support"):
            resend_message(message)


def test_deleted_settler_is_none_and_is_dumped_as_null(unconfirmed_message, django_user_model):
    user = django_user_model.objects.create_user("ada")
    assert settle_message(unconfirmed_message, "failed", settled_by=user)
    pk = user.pk
    user.delete()

    event = unconfirmed_message.events.last()
    assert (event.settled_by, event.settled_by_id) == (None, pk)
    output = StringIO()
    call_command("dumpdata", "vonage_messages.statusevent", natural_foreign=True, stdout=output)
    assert '"settled_by": null' in output.getvalue()
