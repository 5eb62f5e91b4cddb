"""``send_message()``."""

import logging
from collections.abc import Sequence
from typing import Any

from django.db import IntegrityError
from django.db.models import Model
from django.utils.functional import Promise
from django.views.decorators.debug import sensitive_variables
from phonenumbers import PhoneNumber

from django_vonage_messages.backends import BaseBackend, get_backend
from django_vonage_messages.content import Content
from django_vonage_messages.exceptions import DeliveryUnconfirmed
from django_vonage_messages.failover import Failover, HasE164
from django_vonage_messages.models import Message, Status
from django_vonage_messages.options import Options
from django_vonage_messages.protocol.outcomes import NotAllowed, Outcome
from django_vonage_messages.services.db.errors import identify
from django_vonage_messages.services.db.transactions import in_callers_transaction
from django_vonage_messages.services.delivery.deliver import attempt
from django_vonage_messages.services.delivery.destinations import (
    NOT_ALLOWED_TITLE,
    find_destination,
    redirection,
)
from django_vonage_messages.services.delivery.stored_failures import exception_of
from django_vonage_messages.services.history.executor import deliver_on_commit, get_executor
from django_vonage_messages.services.history.suppressions import refuse_suppressed
from django_vonage_messages.services.sending.idempotency import (
    find_by_idempotency_key,
    repeat_result,
)
from django_vonage_messages.services.sending.rows import (
    insert_queued,
    insert_started,
    new_message,
)
from django_vonage_messages.services.sending.validation import (
    ValidatedMessage,
    validate_message,
)

logger = logging.getLogger("django_vonage_messages")


@sensitive_variables("to", "content")
def send_message(
    to: "str | PhoneNumber | HasE164",
    content: "str | Promise | Content",
    *,
    channel: str = "sms",
    sender: str | None = None,
    account: str = "default",
    options: Options | None = None,
    client_ref: str = "",
    idempotency_key: str = "",
    related: Model | None = None,
    created_by: Any = None,
    failover: Sequence[Failover] = (),
) -> Message:
    """Send a message now, in one attempt, and return its row.

    ``to`` is a phone number, or the customer's id on Messenger. A phone number is a str, a
    ``phonenumbers.PhoneNumber`` or an object with ``as_e164``. A number that begins with one 0
    belongs to the country in the account's REGION. Any other number must contain the country code.

    ``content`` is a str, a lazy string or a content object, such as Image. ``channel`` is ``sms``,
    ``mms``, ``whatsapp``, ``viber``, ``messenger`` or ``rcs`` (``rcs`` only on API v1). ``sender``
    defaults to the first of the account's SENDERS for the channel. ``options`` is an object of the
    channel's options class, such as ViberOptions. ``related`` is the object that the message is
    about: any saved model instance. ``created_by`` is the user who wrote the message, or None.

    ``client_ref`` is a text that Vonage repeats in each status: up to 40 characters on v0.1, and
    100 on v1. The default is the row's ``reference``.

    ``idempotency_key`` prevents a second message: a repeated call sends nothing. The repeated call
    returns the row of the first call, or raises the exception of the first call again.

    ``failover`` lists Failover objects: the messages to try, in order, if this message is rejected.
    The returned row is then the first message of its ``workflow``. ``workflow.arrived`` is the
    message that reached the customer, or None.

    Inside a transaction, the row is ``queued``, and the account's EXECUTOR sends the message after
    the commit. A failure then changes the row's status, and is not raised.

    Raises InvalidMessage if an argument is invalid: nothing is stored then. Raises MessageRejected,
    RateLimited, ConnectionFailed or RecipientNotAllowed if the message was not sent. Raises
    DeliveryUnconfirmed if it is not known whether Vonage accepted the message: do not send it
    again. Raises IdempotencyConflict if the key belongs to a different message, or to one that is
    cancelled or expired. Raises ImproperlyConfigured if the account is not usable.
    """
    return send_validated(
        validate_message(
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
            failover=failover,
        )
    )


def send_validated(validated: ValidatedMessage) -> Message:
    """Send a validated message, as ``send_message()`` does."""
    if validated.idempotency_key and (earlier := find_by_idempotency_key(validated)):
        return repeat_result(earlier, validated)
    refuse_suppressed(validated.recipients)
    backend, redirected_to = _resolve(validated)
    try:
        if in_callers_transaction():
            return _defer(validated)
        message = insert_started(validated, redirected_to)
    except IntegrityError:
        if earlier := find_by_idempotency_key(validated):
            return repeat_result(earlier, validated)
        raise
    return _attempt(message, backend)


def _defer(validated: ValidatedMessage) -> Message:
    executor = get_executor(validated.account)
    message = new_message(validated, Status.QUEUED)
    insert_queued(message, validated)
    deliver_on_commit(message.pk, executor)
    return message


def _resolve(validated: ValidatedMessage) -> tuple[BaseBackend | Outcome, str]:
    """Return the backend or, without an attempt, the outcome; and the value of redirected_to."""
    account = validated.account
    backend = get_backend(account)
    if not account.limits_recipients:
        return backend, ""
    destination = find_destination(account, validated.channel, validated.to)
    usable = NotAllowed(NOT_ALLOWED_TITLE) if destination is None else backend
    return usable, redirection(destination, validated.to)


def _attempt(message: Message, backend: BaseBackend | Outcome) -> Message:
    try:
        outcome = attempt(message, backend, is_validated=True)
    except Exception as exc:  # noqa: BLE001 -- after any exception the outcome is not known
        raise DeliveryUnconfirmed(
            "The attempt failed, and it is not known whether the message was accepted, so do not "
            f"send it again. {identify(exc)}",
            message=message,
        ) from None  # a traceback could quote the message
    if not outcome.is_accepted and (failure := exception_of(message)):
        raise failure
    return message
