"""Compare the simulator's records with the site's tables.

The expectations are computed here, without the product's own logic.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from django_vonage_messages.models import (
    Message,
    SignalDispatch,
    StatusEvent,
    UnprocessedWebhook,
)
from tests.crash.effects.models import Effect, Order
from tests.crash.effects.receivers import ANSWERING, FIRST, SECOND
from tests.crash.ways import ALONE, INLINE, text_of, way_of

RANKS = ("accepted", "submitted", "rejected", "undeliverable", "delivered", "read")
UNFINISHED = {"queued", "sending"}


def compare(dump: str) -> str:
    """Return ``{"problems": [...], "numbers": {...}}`` as JSON, for the simulator's records."""
    recorded = json.loads(dump)
    rows = {row.pk: row for row in Message.objects.outbound()}
    checks = (
        _accepted_once(recorded["accepted"]),
        _accepted_rows(recorded["accepted"], list(rows.values())),
        _status_events(recorded["accepted"]),
        _stored(recorded["sends"], set(recorded["uncertain"]), list(rows.values())),
        _final_rows(list(rows.values()), recorded["accepted"]),
        _unconfirmed_rows(rows, recorded),
        _inbound(recorded["inbound"]),
        _effects(rows),
        _nothing_open(),
    )
    problems = [problem for check in checks for problem in check]
    return json.dumps({"problems": problems, "numbers": _numbers(recorded, rows.values())})


def _accepted_once(accepted: list[dict[str, Any]]) -> Iterator[str]:
    for key in ("client_ref", "text"):
        for value, count in Counter(message[key] for message in accepted).items():
            if count > 1:
                yield f"{key} {value!r} was accepted {count} times"
    for message in accepted:
        if message["text"].startswith("in vain"):
            yield f"{message['text']!r} was rolled back, and left"


def _accepted_rows(accepted: list[dict[str, Any]], rows: list[Message]) -> Iterator[str]:
    by_text = defaultdict(list)
    for row in rows:
        by_text[row.text].append(row)
    for message in accepted:
        found = by_text[message["text"]]
        if len(found) != 1:
            yield f"accepted {message['text']!r} has {len(found)} rows"
            continue
        yield from _accepted_row(message, found[0])


def _accepted_row(message: dict[str, Any], row: Message) -> Iterator[str]:
    name = f"{message['text']!r} ({message['answering']}, {message['calling']})"
    if row.client_ref != message["client_ref"]:
        yield f"{name}: another client_ref"
    for status, was_accepted in message["statuses"].items():
        if not was_accepted:
            yield f"{name}: the webhook {status} was never answered 200"
    if message["statuses"]:
        expected = {max(message["statuses"], key=RANKS.index)}
    else:
        expected = {"accepted"} if row.message_uuid else {"unconfirmed"}
    if row.status not in expected:
        yield f"{name}: the row has {row.status}, the simulator {expected}"
    if row.status != "unconfirmed" and row.message_uuid != message["uuid"]:
        yield f"{name}: another message_uuid"


def _status_events(accepted: list[dict[str, Any]]) -> Iterator[str]:
    stored = Counter(
        StatusEvent.objects.filter(source="vonage").values_list("message__message_uuid", "status")
    )
    delivered = {
        (m["uuid"], s)
        for m in accepted
        for s, was_accepted in m["statuses"].items()
        if was_accepted
    }
    for uuid, status in sorted(delivered - stored.keys()):
        yield f"the status {status} of {uuid} was answered 200 and is no event"
    for uuid, status in sorted(stored.keys() - delivered):
        yield f"the event {status} of {uuid} was never delivered"
    for (uuid, status), count in stored.items():
        if count > 1:
            yield f"the status {status} of {uuid} is {count} events"


def _stored(sends: int, uncertain: set[int], rows: list[Message]) -> Iterator[str]:
    texts = Counter(row.text for row in rows)
    orders = Counter(Order.objects.values_list("number", flat=True))
    for n in range(sends):
        count = texts[text_of(n)]
        if count > 1 or (count == 0 and n not in uncertain):
            yield f"message {n} ({way_of(n)}) has {count} rows"
        if orders[n] != (0 if way_of(n) in ALONE else count):
            yield f"message {n} ({way_of(n)}) has {orders[n]} orders and {count} rows"


def _final_rows(rows: list[Message], accepted: list[dict[str, Any]]) -> Iterator[str]:
    accepted_texts = {message["text"] for message in accepted}
    for row in rows:
        if row.status in UNFINISHED:
            yield f"{row.text!r} is still {row.status}"
        elif row.text not in accepted_texts and row.status not in {"failed", "unconfirmed"}:
            yield f"{row.text!r} was never accepted, and is {row.status}"
        elif row.text in accepted_texts and row.status == "failed":
            yield f"{row.text!r} was accepted, and is failed"


def _unconfirmed_rows(rows: dict[int, Message], recorded: dict[str, Any]) -> Iterator[str]:
    """Yield the unconfirmed messages that no fault explains.

    A fault of the simulator explains one, and a death or a long pause of the process that sends it.
    A lost answer to a COMMIT, a lost connection and a restart of the database explain none.
    """
    explained = {*recorded["without_answer"], *recorded["interrupted"]}
    for row in rows.values():
        if row.status == "unconfirmed" and not explained & {row.text, f"pk {row.pk}"}:
            yield f"{row.text!r} is unconfirmed without a fault: {row.error_title}"


def _inbound(uuids: list[str]) -> Iterator[str]:
    stored = Counter(Message.objects.inbound().values_list("message_uuid", flat=True))
    replies = Counter(
        Message.objects.outbound().filter(text__startswith="answer").values_list("text", flat=True)
    )
    effects = Counter(
        Effect.objects.filter(receiver=ANSWERING).values_list("message__message_uuid", flat=True)
    )
    for uuid in uuids:
        counts = (stored[uuid], replies[f"answer to {uuid}"], effects[uuid])
        if counts != (1, 1, 1):
            yield f"inbound {uuid}: {counts} rows, answers and effects instead of one each"
    if set(stored) != set(uuids):
        yield "there are inbound messages without a customer"


def _effects(rows: dict[int, Message]) -> Iterator[str]:
    events: dict[int, list[StatusEvent]] = defaultdict(list)
    for event in StatusEvent.objects.order_by("pk"):
        events[event.message_id].append(event)
    expected = {
        (receiver, pk, *change)
        for pk, row in rows.items()
        for change in _changes(row, events[pk])
        for receiver in (FIRST, SECOND)
    }
    found = Counter(
        Effect.objects.exclude(receiver=ANSWERING).values_list(
            "receiver", "message_id", "event_id", "previous"
        )
    )
    for effect, count in found.items():
        if count > 1:
            yield f"the effect {effect} happened {count} times"
    for effect in sorted(expected - found.keys()):
        yield f"the effect {effect} did not happen"
    for effect in sorted(found.keys() - expected):
        yield f"the effect {effect} answers no change"


def _changes(row: Message, events: Iterable[StatusEvent]) -> Iterator[tuple[int, str]]:
    """Yield the events that changed a message's status, with the status before."""
    number = row.text.removeprefix("message ")
    inline = number.isdigit() and way_of(int(number)) in INLINE
    status, evidence = "sending" if inline else "queued", -1
    for event in events:
        before = status
        if event.source == "vonage" or event.status == "accepted":
            evidence = max(evidence, RANKS.index(event.status))
        status = RANKS[evidence] if evidence >= 0 else event.status
        if status != before:
            yield event.pk, before
    if status != row.status:
        yield -1, f"{row.status} instead of {status}"


def _nothing_open() -> Iterator[str]:
    if pending := SignalDispatch.objects.filter(done_at=None).count():
        yield f"{pending} signals are pending"
    for webhook in UnprocessedWebhook.objects.filter(processed_at=None):
        yield f"an unprocessed webhook is open: {webhook.reason} {webhook.message_uuid}"


def _numbers(recorded: dict[str, Any], rows: Iterable[Message]) -> dict[str, Any]:
    return {
        "accepted": len(recorded["accepted"]),
        "rows": dict(Counter(row.status for row in rows).most_common()),
        "tried again after nothing was accepted": sum(row.attempts > 1 for row in rows),
        "effects": Effect.objects.count(),
        "signals that were owed": SignalDispatch.objects.count(),
        "webhooks that had to be kept": UnprocessedWebhook.objects.count(),
    }
