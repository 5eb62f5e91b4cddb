"""Sending again what did not arrive, and settling what nobody knows."""

from typing import Any, Literal

from django.db.models import Q

from django_vonage_messages.content import load_content
from django_vonage_messages.exceptions import NotResendable
from django_vonage_messages.models import Message, Source, StatusEvent
from django_vonage_messages.models.keys import key_of
from django_vonage_messages.models.message import FAILURES
from django_vonage_messages.options import load_options
from django_vonage_messages.protocol import statuses
from django_vonage_messages.services.db.transactions import run_committed, write_database
from django_vonage_messages.services.history.events import lock_message, record_event
from django_vonage_messages.services.sending.send import send_prepared
from django_vonage_messages.services.sending.validation import prepare


def resend_message(message: Message, *, created_by: Any = None) -> Message:
    """Send a failed message again, as a new message with a new reference, linked by ``resend_of``.

    Raises NotResendable unless the message is known not to have arrived (an unconfirmed one must be
    settled first) and what it said is still kept, and what send_message raises. A message is resent
    once: asked for twice, the first resend is returned. ``message`` is refreshed.
    """
    message.refresh_from_db(using=write_database())
    if message.is_inbound or not message.has_failed:
        raise NotResendable(
            f"A message that is {message.status} is not sent again: only one that is known not to "
            "have arrived is.",
            message=message,
        )
    if may_arrive_otherwise(message):
        raise NotResendable(
            "Another message of its workflow has arrived, or may still do so.", message=message
        )
    if not message.content:
        raise NotResendable(
            "What the message said is no longer kept here, so it cannot be sent again: write it "
            "anew.",
            message=message,
        )
    try:
        content = load_content(message.content_type, message.content)
        options = load_options(message.channel, message.options)
    except (KeyError, TypeError):
        raise NotResendable(
            "What was sent is of a kind that this version does not know, so it cannot be sent "
            "again.",
            message=message,
        ) from None
    prepared = prepare(
        message.their_address,
        content,
        channel=message.channel,
        sender=message.our_address,
        account=message.account,
        options=options,
        client_ref="",
        idempotency_key=f"resend-of-{message.reference.hex}",
        related=message.related,
        created_by=created_by,
        resend_of=message,
    )
    return send_prepared(prepared)


def may_arrive_otherwise(message: Message) -> bool:
    """Whether another message of the same workflow, or one that sends such a one again, has
    arrived or is not known to have failed.
    """
    if message.workflow_id is None:
        return False
    others = Q(workflow_id=message.workflow_id) | Q(resend_of__workflow_id=message.workflow_id)
    messages = Message.objects.using(write_database()).filter(others)
    messages = messages.exclude(pk=message.pk).exclude(resend_of=message)
    return messages.exclude(status__in=FAILURES).exists()


def settle_message(
    message: Message, outcome: Literal["accepted", "failed"], *, settled_by: Any = None
) -> bool:
    """Say what became of an unconfirmed message, on the word of somebody who looked it up.

    Recorded as an event of this site; a later status of Vonage still wins. Returns False if the
    message is not unconfirmed any more. ``message`` is refreshed.
    """
    using = write_database()

    def work() -> bool:
        row = lock_message(message.pk, using)
        if row.status != statuses.UNCONFIRMED:
            return False
        event = StatusEvent(
            source=Source.LOCAL,
            status=statuses.ACCEPTED if outcome == "accepted" else statuses.FAILED,
            error_title="" if outcome == "accepted" else "Settled by hand as not sent",
            payload={"settled_by": None if settled_by is None else str(settled_by.pk)},
            dedupe_key=key_of("settle", row.reference.hex),
        )
        return record_event(row, event, using)

    settled = run_committed(work, using)
    message.refresh_from_db(using=using)
    return settled
