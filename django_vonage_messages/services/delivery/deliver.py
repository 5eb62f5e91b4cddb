"""Claim, start, attempt, outcome: the one path by which a message leaves."""

import logging
import uuid
from typing import Any

from django.db import DatabaseError

from django_vonage_messages.backends import BaseBackend, OutgoingMessage, get_backend
from django_vonage_messages.conf import get_account
from django_vonage_messages.content import Content, load_content
from django_vonage_messages.models import Message
from django_vonage_messages.options import Options, load_options
from django_vonage_messages.protocol.channels import CHANNELS
from django_vonage_messages.protocol.outcomes import NotSent, Outcome, Unconfirmed, Unsendable
from django_vonage_messages.protocol.versions import API_VERSIONS, ApiVersion
from django_vonage_messages.services.db.errors import describe, identify
from django_vonage_messages.services.db.transactions import write_database
from django_vonage_messages.services.delivery.claims import claim, start
from django_vonage_messages.services.delivery.failover import hand_over
from django_vonage_messages.services.delivery.failures import failure_of
from django_vonage_messages.services.delivery.outcomes import record_outcome

logger = logging.getLogger("django_vonage_messages")


def deliver(pk: int) -> None:
    """Deliver a queued message if nobody else does; return quietly if somebody does.

    Its failure is the message's status, its signal and one log line.
    """
    using = write_database()
    token = claim(pk, using)
    if token is not None:
        deliver_claimed(pk, token, using)


def deliver_claimed(pk: int, token: uuid.UUID, using: str) -> Outcome | None:
    """Start and attempt a message that this process has claimed; return the outcome, if any."""
    message = Message.objects.using(using).get(pk=pk)
    backend = _backend_for(message)
    if not start(pk, token, using):
        return None
    message.refresh_from_db(using=using)
    if isinstance(backend, Outcome):
        outcome = backend
        record_outcome(message, outcome, using)
    else:
        outcome = attempt(message, backend, using)
    if failure := failure_of(message, using):
        logger.warning("Message %s was not delivered: %s", message.reference, failure)
    return outcome


def deliver_after_commit(pk: int) -> None:
    """Deliver from an ``on_commit`` hook, where nothing can be raised to anyone."""
    try:
        deliver(pk)
    except Exception as exc:  # noqa: BLE001 -- whatever it is, its place is the log
        logger.error(  # noqa: TRY400 -- a traceback could quote the message
            "Delivering message %s after the commit failed: %s", pk, identify(exc)
        )


def attempt(message: Message, backend: BaseBackend, using: str) -> Outcome:
    """Make the one attempt of a started message, record its outcome and refresh ``message``.

    Raises what the backend or the database raised; the message is then unconfirmed, or still
    sending, and must not be sent again.
    """
    try:
        outgoing: OutgoingMessage | Outcome = _outgoing(message, using)
    except DatabaseError as exc:
        outgoing = NotSent("The database failed before anything was sent", type(exc).__name__)
    except Exception as exc:  # noqa: BLE001 -- whatever it is, nothing has left
        outgoing = Unsendable(
            "The message could not be put into the API's form", type(exc).__name__
        )
    if isinstance(outgoing, Outcome):
        record_outcome(message, outgoing, using)
        return outgoing
    try:
        outcome = backend.send(outgoing)
    except Exception as exc:
        record_outcome(message, Unconfirmed("The backend failed", type(exc).__name__), using)
        raise
    record_outcome(message, outcome, using)
    return outcome


def _backend_for(message: Message) -> BaseBackend | Outcome:
    try:
        return get_backend(get_account(message.account))
    except Exception as exc:  # noqa: BLE001 -- a backend may raise what it likes when it is made
        return NotSent("The account is not usable", describe(exc))


def _outgoing(message: Message, using: str) -> OutgoingMessage | Outcome:
    """Return the message in the form of the account's API version, which may have changed since."""
    version = API_VERSIONS[get_account(message.account).api_version]
    failover = hand_over(message, version.has_failover, using)
    problems = _judge(message, version)
    for number, each in enumerate(failover, start=1):
        problems += [f"Failover {number}: {problem}" for problem in _judge(each, version)]
    if problems:
        return Unsendable("The account's API version cannot carry it", " ".join(problems))
    body = _encode(message, version)
    if failover:
        body["failover"] = [_encode(each, version) for each in failover]
    return OutgoingMessage(
        reference=message.reference.hex,
        channel=message.channel,
        to=message.their_address,
        sender=message.our_address,
        text=message.text,
        body=body,
        content=load_content(message.content_type, message.content),
    )


def _judge(message: Message, version: ApiVersion) -> list[str]:
    content, options = _said(message)
    return version.problems(CHANNELS[message.channel], content, options, message.client_ref)


def _encode(message: Message, version: ApiVersion) -> dict[str, Any]:
    content, options = _said(message)
    return version.encode(
        CHANNELS[message.channel],
        to=message.their_address,
        sender=message.our_address,
        content=content,
        options=options,
        client_ref=message.client_ref,
    )


def _said(message: Message) -> tuple[Content, Options | None]:
    content = load_content(message.content_type, message.content)
    return content, load_options(message.channel, message.options)
