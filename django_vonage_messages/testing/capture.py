"""``capture_messages()`` for tests."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final, TypeAlias

from django.test import override_settings

from django_vonage_messages.backends.base import OutgoingMessage
from django_vonage_messages.backends.locmem import (
    ForcedOutcome,
    outbox,
    outcomes,
    outcomes_by_address,
    resolvers,
    updates,
)
from django_vonage_messages.conf import configured_accounts
from django_vonage_messages.protocol.outcomes import Outcome
from django_vonage_messages.testing.receivers import raise_receiver_errors
from django_vonage_messages.testing.simulated_outcomes import simulated_outcome

ForcedOutcomes: TypeAlias = ForcedOutcome | Mapping[str, ForcedOutcome] | Iterable[ForcedOutcome]

_LOCMEM: Final = "django_vonage_messages.backends.locmem.LocMemBackend"


@contextmanager
def capture_messages(*, outcome: ForcedOutcomes = ()) -> Iterator[list[OutgoingMessage]]:
    """Put the messages of every account into the list ``outbox`` instead of sending them.

    ``capture_messages()`` is a context manager and a decorator. It empties ``outbox`` at the start.
    ``outbox`` has an entry for each attempt to send, also for a failed attempt.
    Messages of a transaction are sent after the commit: in a TestCase, use Django's
    ``captureOnCommitCallbacks(execute=True)`` inside the capture.

    By default, every message is accepted. ``outcome`` can be:

    - an outcome from ``django_vonage_messages.backends``, for every message;
    - a dict of outcomes by the recipient's number or id;
    - a list of outcomes, in the order of the messages.

    Messages without an outcome in the dict or list are accepted, or have the outcome of the
    simulator's number: for example ``number_for("throttled")``. If an outcome is an exception
    instance, the backend raises this exception. Raises TypeError for any other ``outcome``.

    If a signal receiver raises an exception, the capture raises this exception at its end. A test
    of such a receiver empties the list ``receiver_errors`` of ``django_vonage_messages.testing``.
    """
    with override_settings(VONAGE_MESSAGES=locmem_accounts()), fresh_outbox(outcome):
        yield outbox


def locmem_accounts() -> dict[str, dict[str, Any]]:
    """Return VONAGE_MESSAGES with the LocMemBackend as the ``BACKEND`` of every account."""
    return {
        alias: {**config, "BACKEND": _LOCMEM, "OPTIONS": {}}
        for alias, config in configured_accounts().items()
    }


@contextmanager
def fresh_outbox(outcome: ForcedOutcomes = ()) -> Iterator[list[OutgoingMessage]]:
    """Clear ``outbox`` and ``updates``, and use ``outcome`` for messages in the ``with`` block."""
    before = outcomes.copy(), outcomes_by_address.copy()
    _force(*_read(outcome))
    for each in (outbox, updates):
        each.clear()
    resolvers.append(simulated_outcome)
    try:
        with raise_receiver_errors():
            yield outbox
    finally:
        resolvers.pop()
        _force(*before)


def _read(
    outcome: ForcedOutcomes,
) -> tuple[list[ForcedOutcome], dict[str | None, ForcedOutcome]]:
    if isinstance(outcome, Mapping):
        return [], {_address(key): _forced(value) for key, value in outcome.items()}
    if isinstance(outcome, Iterable) and not isinstance(outcome, str | Exception):
        return [_forced(value) for value in outcome], {}
    return [], {None: _forced(outcome)}  # None: all recipients


def _force(queue: list[ForcedOutcome], by_address: dict[str | None, ForcedOutcome]) -> None:
    outcomes[:] = queue
    outcomes_by_address.clear()
    outcomes_by_address.update(by_address)


def _forced(value: object) -> ForcedOutcome:
    if isinstance(value, Outcome | Exception):
        return value
    raise TypeError(
        "outcome must be an Outcome or an exception, or a dict or list of these, not "
        f"{_type_of(value)}."
    )


def _address(value: object) -> str:
    if isinstance(value, str):
        return value
    raise TypeError(f"outcome must have str keys, not {_type_of(value)}.")


def _type_of(value: object) -> str:
    return f"the class {value.__name__}" if isinstance(value, type) else type(value).__name__
