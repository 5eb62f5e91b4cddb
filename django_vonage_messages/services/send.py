"""send_message(): one attempt, now."""

import logging
from functools import partial
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Model
from django.views.decorators.debug import sensitive_variables

from django_vonage_messages.backends import BaseBackend, get_backend
from django_vonage_messages.content import Content
from django_vonage_messages.exceptions import DeliveryUnconfirmed
from django_vonage_messages.models import Message
from django_vonage_messages.options import Options
from django_vonage_messages.protocol import statuses
from django_vonage_messages.services.consent import refuse_suppressed
from django_vonage_messages.services.deliver import attempt, deliver_after_commit
from django_vonage_messages.services.errors import identify
from django_vonage_messages.services.failures import failure_of
from django_vonage_messages.services.outbound import (
    answer_again,
    find_earlier,
    insert_queued,
    insert_started,
    new_message,
)
from django_vonage_messages.services.prepare import Prepared, prepare
from django_vonage_messages.services.transactions import in_callers_transaction, write_database

logger = logging.getLogger("django_vonage_messages")


@sensitive_variables("to", "content")
def send_message(
    to: str,
    content: "str | Content",
    *,
    channel: str = "sms",
    sender: str | None = None,
    account: str = "default",
    options: Options | None = None,
    client_ref: str = "",
    idempotency_key: str = "",
    related: Model | None = None,
    created_by: Any = None,
) -> Message:
    """Send one message now, in one attempt, and return its row.

    ``to`` is a phone number: digits that do not begin with 0 are E.164, a leading 0 is read in the
    account's REGION. On Messenger it is the customer's id. ``content`` is a str or a content value.
    ``channel`` is ``sms``, ``mms``, ``whatsapp``, ``viber`` or ``messenger``. ``sender`` defaults
    to the first of the account's SENDERS for the channel. ``options`` is the channel's own:
    ViberOptions or MessengerOptions. ``client_ref`` (at most 40 characters on v0.1) comes back
    in every status; by default it is the row's ``reference``. The same ``idempotency_key`` with the
    same message returns the first row (and raises its stored failure again) and sends nothing.
    ``related`` is any saved object, ``created_by`` the user who writes; a message with one is a
    person's, one without is automatic.

    Inside a transaction of the caller the row is returned as ``queued`` and delivered after the
    commit by the account's EXECUTOR: a failure is then the message's status and its signal, not an
    exception.

    Raises InvalidMessage (nothing stored, nothing sent), MessageRejected, RateLimited,
    ConnectionFailed, DeliveryUnconfirmed (never send again), IdempotencyConflict, and
    ImproperlyConfigured for an account that is not usable.
    """
    return send_prepared(
        prepare(
            to,
            content,
            channel=channel,
            sender=sender,
            account=account,
            options=options,
            client_ref=client_ref,
            idempotency_key=idempotency_key,
            related=related,
            created_by=created_by,
        )
    )


def send_prepared(prepared: Prepared) -> Message:
    """Send a message that has been judged; the rest of send_message()."""
    using = write_database()
    if earlier := find_earlier(prepared, using):
        return answer_again(earlier, prepared, using)
    refuse_suppressed(prepared, using)
    backend = get_backend(prepared.account)
    try:
        if in_callers_transaction(using):
            return _defer(prepared, using)
        message = new_message(prepared, statuses.SENDING)
        insert_started(message, using)
    except IntegrityError:
        if earlier := find_earlier(prepared, using):
            return answer_again(earlier, prepared, using)
        raise
    return _attempt(message, backend, using)


def _defer(prepared: Prepared, using: str) -> Message:
    executor = prepared.account.executor
    message = new_message(prepared, statuses.QUEUED)
    insert_queued(message, using)
    if executor == "inline":
        hook = partial(deliver_after_commit, message.pk)
        transaction.on_commit(hook, using=using, robust=True)
    elif executor == "task":
        transaction.on_commit(partial(_enqueue, message.pk), using=using, robust=True)
    return message


def _enqueue(pk: int) -> None:
    """A task that cannot be enqueued leaves the row queued, for a worker or the sweep."""
    from django_vonage_messages.tasks import deliver_message

    try:
        deliver_message.enqueue(pk)
    except Exception as exc:  # noqa: BLE001 -- whatever the task backend raises
        logger.error(  # noqa: TRY400 -- a traceback could quote the message
            "Message %d could not be enqueued: %s", pk, identify(exc)
        )


def _attempt(message: Message, backend: BaseBackend, using: str) -> Message:
    try:
        attempt(message, backend, using)
    except Exception as exc:  # noqa: BLE001 -- whatever it is, the outcome is not known
        raise DeliveryUnconfirmed(
            "The attempt broke off, so it is not known whether the message was accepted: do not "
            f"send it again. {identify(exc)}",
            message=message,
        ) from None  # a traceback of others' words could quote the message
    if failure := failure_of(message, using):
        raise failure
    return message
