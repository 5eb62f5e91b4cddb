"""Send messages to Vonage, and record the outcomes."""

import logging
import random
import time
import uuid
from dataclasses import replace
from datetime import timedelta
from functools import partial
from math import inf
from typing import Final

from django.core.exceptions import ImproperlyConfigured
from django.db import Error, InterfaceError, OperationalError

from django_vonage_messages.backends import BaseBackend, OutgoingMessage, get_backend
from django_vonage_messages.conf import DEFAULTS, get_account, get_accounts
from django_vonage_messages.content import Content, load_content
from django_vonage_messages.models import Message, Status, StatusEvent
from django_vonage_messages.options import Options, load_options
from django_vonage_messages.protocol.channels import CHANNELS
from django_vonage_messages.protocol.outcomes import (
    NotSent,
    Outcome,
    Reason,
    Throttled,
    Unconfirmed,
    Unsendable,
)
from django_vonage_messages.protocol.versions import API_VERSIONS, ApiVersion
from django_vonage_messages.protocol.webhook_payloads import UUID_LENGTH
from django_vonage_messages.services.db.errors import describe, identify
from django_vonage_messages.services.db.transactions import (
    now,
    primary,
    refuse_callers_transaction,
    run_committed,
    write_database,
)
from django_vonage_messages.services.delivery import failover
from django_vonage_messages.services.delivery.claims import claim, start
from django_vonage_messages.services.delivery.destinations import Destination, destination_of
from django_vonage_messages.services.delivery.pauses import pause_after, pause_sender
from django_vonage_messages.services.delivery.stored_failures import exception_of
from django_vonage_messages.services.history.events import has_event, lock_message, record_event
from django_vonage_messages.services.history.executor import schedule_on_commit
from django_vonage_messages.services.receiving.status_webhooks import apply_stored_statuses

logger = logging.getLogger("django_vonage_messages")

MAX_ATTEMPTS: Final = 12
_BASE_SECONDS: Final = 5.0
_MAX_SECONDS: Final = 1800.0
_RETRIED: Final[frozenset[Reason]] = frozenset({"throttled", "not_sent"})
_TIME_LIMITS: Final = frozenset({"SoftTimeLimitExceeded", "BaseTimeoutException"})
"""Exceptions with which Celery and RQ end a task. They can stop any statement."""
_IN_ATTEMPT: Final = frozenset({Status.SENDING, Status.UNCONFIRMED})


def deliver(pk: int) -> bool:
    """Send a queued message. Return False if it is not due, or another process has claimed it."""
    refuse_callers_transaction()
    wait = _database_wait()
    token = claim(pk, wait_if_unknown=wait)
    if token is None:
        return False
    deliver_claimed(pk, token, wait_to_start=wait)
    return True


def deliver_claimed(
    pk: int, token: uuid.UUID, *, wait_to_start: float = 0.0, record_until: float | None = None
) -> Outcome | None:
    """Send a claimed message. Return None if the message must not be sent.

    If the database fails, try to start for ``wait_to_start`` seconds, and to record the outcome
    until ``record_until``, a time of ``time.monotonic()``. The default is DATABASE_WAIT.
    """
    try:
        message = primary(Message).get(pk=pk)
        backend, destination = _resolve(message)
        wait = max(wait_to_start, _seconds_until(record_until, message.account))
        started = start(pk, token, destination, wait=wait_to_start, wait_if_unknown=wait)
    except Exception as exc:
        _give_back(pk, token, exc, record_until)
        raise
    if started is None:
        return None
    outcome = attempt(started, backend, record_until=record_until)
    if isinstance(outcome, Throttled):
        pause_sender((started.account, started.our_address), outcome.retry_after)
    # Logged, not raised: the failure is already stored in the row.
    if failure := exception_of(started):
        logger.warning("The attempt to send message %s failed: %s", started.reference, failure)
    return outcome


def attempt(
    message: Message,
    backend: BaseBackend | Outcome,
    *,
    is_validated: bool = False,
    record_until: float | None = None,
) -> Outcome:
    """Try once to send a message, and record and return the outcome.

    If ``backend`` is an outcome, send nothing and record this outcome.
    """
    if isinstance(backend, Outcome):
        record_outcome(message, backend, record_until=record_until)
        return backend
    try:
        outgoing: OutgoingMessage | Outcome = _outgoing(message, is_validated)
    except Error as exc:
        outgoing = NotSent("The database failed before anything was sent", type(exc).__name__)
    except Exception as exc:
        if is_time_limit(exc):
            not_sent = NotSent("A time limit ended the task before anything was sent")
            record_outcome(message, not_sent, record_until=record_until)
            raise
        outgoing = Unsendable("The message could not be encoded for the API", type(exc).__name__)
    if isinstance(outgoing, Outcome):
        record_outcome(message, outgoing, record_until=record_until)
        return outgoing
    try:
        outcome = _send(backend, outgoing)
    except Exception as exc:
        # The backend can have sent the message, so the message must not be sent again.
        unconfirmed = Unconfirmed("The backend failed", type(exc).__name__)
        record_outcome(message, unconfirmed, record_until=record_until)
        raise
    # If the database stays away, the message stays "sending" and must not be sent again.
    record_outcome(message, outcome, record_until=record_until)
    return outcome


def _send(backend: BaseBackend, outgoing: OutgoingMessage) -> Outcome:
    outcome: object = backend.send(outgoing)
    if not isinstance(outcome, Outcome) or type(outcome) is Outcome:
        raise TypeError(
            f"{type(backend).__name__}.send() must return an outcome, such as Accepted."
        )
    if outcome.retry_after is not None and not 0 <= outcome.retry_after < inf:
        raise ValueError(f"The retry_after of {type(backend).__name__} is not a number of seconds.")
    if len(outcome.message_uuid) > UUID_LENGTH:
        raise ValueError(
            f"The message_uuid of {type(backend).__name__} is over {UUID_LENGTH} characters."
        )
    return outcome


def record_outcome(
    message: Message, outcome: Outcome, *, record_until: float | None = None
) -> None:
    """Record the outcome of an attempt, and refresh ``message``.

    If the database fails, try again until ``record_until``, a time of ``time.monotonic()``. The
    default is DATABASE_WAIT of the account.
    """
    key = _event_key(message, outcome)
    recorded = run_committed(
        partial(_record, message, outcome),
        is_committed=partial(has_event, message.pk, StatusEvent.local_key(message, *key)),
        wait=_seconds_until(record_until, message.account),
    )
    for field in Message._meta.concrete_fields:
        setattr(message, field.attname, getattr(recorded, field.attname))
    if outcome.message_uuid:
        _apply_stored_statuses(message)


def is_time_limit(exc: Exception) -> bool:
    """Return whether a time limit of Celery or RQ ends the task."""
    # ImproperlyConfigured has the exception of a callable setting as its cause.
    causes = (exc, exc.__cause__)
    return any(each.__name__ in _TIME_LIMITS for cause in causes for each in type(cause).__mro__)


def retry_delay(attempts: int, retry_after: float | None = None) -> timedelta | None:
    """Return the pause after ``attempts`` attempts, or None after the last attempt."""
    if attempts >= MAX_ATTEMPTS:
        return None
    # The longest pause doubles with each attempt, from 5 seconds to 30 minutes.
    longest = min(_MAX_SECONDS, _BASE_SECONDS * 2 ** (attempts - 1))
    delay = random.uniform(longest / 2, longest)  # noqa: S311 -- jitter
    # Vonage's response can ask for a longer pause.
    return max(timedelta(seconds=delay), pause_after(retry_after))


def _give_back(pk: int, token: uuid.UUID, exc: Exception, record_until: float | None) -> None:
    # Certainly not sent: the start failed, or it is not known whether it was committed.
    is_away = isinstance(exc, OperationalError | InterfaceError)
    work = partial(_unclaim, pk, token, is_away=is_away)
    try:
        run_committed(work, wait=_seconds_until(record_until))
    except Exception as release_exc:  # noqa: BLE001 -- the first exception is the one to report
        logger.warning("The claim of message %d was not released: %s", pk, identify(release_exc))


def _unclaim(pk: int, token: uuid.UUID, *, is_away: bool) -> None:
    message = lock_message(pk)
    if message.claim_token != token:
        return
    if message.status == Status.SENDING:
        _record(message, NotSent("The database failed before anything was sent"))
    elif message.status == Status.QUEUED and is_away:
        primary(Message).filter(pk=pk).update(claim_token=None, claim_expires_at=None)
    elif message.status == Status.QUEUED:
        _postpone(message)


def _postpone(message: Message) -> None:
    # The message itself fails, so it must not be first in the queue again.
    attempts = message.attempts + 1
    delay = retry_delay(attempts)
    if delay is None:
        _record(message, Unsendable("The message could not be started"))
        return
    primary(Message).filter(pk=message.pk).update(
        due_at=now() + delay, attempts=attempts, claim_token=None, claim_expires_at=None
    )
    message.refresh_from_db(using=write_database(), fields=["due_at"])
    schedule_on_commit(message, message.due_at)


def _seconds_until(record_until: float | None, alias: str | None = None) -> float:
    if record_until is None:
        return _database_wait(alias)
    return record_until - time.monotonic()


def _database_wait(alias: str | None = None) -> float:
    try:
        accounts = get_accounts() if alias is None else [get_account(alias)]
        return max(account.database_wait for account in accounts)
    except (ImproperlyConfigured, ValueError):
        return float(DEFAULTS["DATABASE_WAIT"])


def _apply_stored_statuses(message: Message) -> None:
    try:
        apply_stored_statuses(message)
    except Error as exc:
        # The outcome is recorded. A worker or vonage_reconcile applies the statuses.
        logger.info("Statuses of %s were not applied: %s", message.reference, identify(exc))


def _record(attempted: Message, outcome: Outcome) -> Message:
    # Also if the claim has expired: the request to Vonage was made.
    message = lock_message(attempted.pk)
    if isinstance(outcome, Unconfirmed) and message.status not in _IN_ATTEMPT:
        return message  # the outcome is known already, for example from staff
    if outcome.message_uuid:
        message.message_uuid = outcome.message_uuid
    if message.workflow_id is not None:
        failover.record_workflow_outcome(message, outcome)
    event = StatusEvent.local(
        message,
        _next_status(message, attempted, outcome),
        *_event_key(attempted, outcome),
        reason=outcome.reason,
        error=outcome.error,
        retry_after=outcome.retry_after,
    )
    record_event(message, event)
    return message


def _event_key(attempted: Message, outcome: Outcome) -> tuple[str, str, str]:
    return "outcome", str(attempted.claim_token), outcome.reason or "accepted"


def _next_status(message: Message, attempted: Message, outcome: Outcome) -> Status:
    if outcome.is_accepted:
        return Status.ACCEPTED
    if isinstance(outcome, Unconfirmed):
        return Status.UNCONFIRMED
    return Status.QUEUED if _queue_again(message, attempted, outcome) else Status.FAILED


def _queue_again(message: Message, attempted: Message, outcome: Outcome) -> bool:
    if (
        not message.is_retried
        or outcome.reason not in _RETRIED
        or message.claim_token != attempted.claim_token
        or message.status not in _IN_ATTEMPT
    ):
        return False
    delay = retry_delay(message.attempts, outcome.retry_after)
    if delay is None:
        return False
    due_at = now() + delay
    rows = primary(Message).filter(pk=message.pk)
    if message.expires_at:
        rows = rows.filter(expires_at__gt=due_at)
    if not rows.update(due_at=due_at, claim_token=None, claim_expires_at=None, started_at=None):
        return False
    columns = ("due_at", "claim_token", "claim_expires_at", "started_at")
    message.refresh_from_db(using=write_database(), fields=columns)
    schedule_on_commit(message, message.due_at)
    return True


def _resolve(message: Message) -> tuple[BaseBackend | Outcome, Destination | None]:
    try:
        return get_backend(get_account(message.account)), destination_of(message)
    except Exception as exc:  # a backend's __init__ may raise anything
        if is_time_limit(exc):
            raise
        outcome = NotSent("The account is not usable", describe(exc))
        return outcome, Destination()  # the outcome is recorded, and nothing is sent


def _outgoing(message: Message, is_validated: bool) -> OutgoingMessage | Outcome:
    version = API_VERSIONS[get_account(message.account).api_version]
    standby = [] if message.workflow_id is None else failover.start_standby(message, version)
    # The account's API version can have changed since the message was stored.
    problems = [] if is_validated else _problems([message, *standby], version)
    if problems:
        return Unsendable(
            "The account's API version does not support this message", " ".join(problems)
        )
    first, *rest = (_to_send(each, version) for each in (message, *standby))
    if not rest:
        return first
    first.body["failover"] = [each.body for each in rest]
    return replace(first, failover=tuple(rest))


def _to_send(message: Message, version: ApiVersion) -> OutgoingMessage:
    content, options = _load(message)
    body = version.encode(
        CHANNELS[message.channel],
        to=message.sent_to,
        sender=message.our_address,
        content=content,
        options=options,
        client_ref=message.client_ref,
    )
    return OutgoingMessage(
        reference=message.reference.hex,
        channel=message.channel,
        to=message.sent_to,
        sender=message.our_address,
        text=message.text,
        body=body,
        content=content,
        account=message.account,
        options=options,
    )


def _problems(messages: list[Message], version: ApiVersion) -> list[str]:
    found = []
    for number, message in enumerate(messages):
        channel, prefix = CHANNELS[message.channel], f"Failover {number}: " if number else ""
        problems = version.problems(channel, *_load(message), message.client_ref)
        found += [prefix + problem for problem in problems]
    return found


def _load(message: Message) -> tuple[Content, Options | None]:
    content = load_content(message.content_type, message.content)
    return content, load_options(message.channel, message.options)
