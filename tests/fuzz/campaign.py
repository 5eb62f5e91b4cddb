"""Send thousands of hostile requests to the whole site, and check the stored rows."""

import hashlib
import json
import random
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from django.core.handlers.base import BaseHandler
from django.db.models import Max

from django_vonage_messages import send_message
from django_vonage_messages.models import Message, Source, StatusEvent, UnprocessedWebhook
from django_vonage_messages.protocol.sanitize import UnusableBody, load_object
from tests.fuzz.cases import Case, make_case

CHUNK = 200
REFUSALS = {401, 413, 503}


@dataclass
class Campaign:
    """A number of requests; ``answers`` counts their results, ``seconds`` is the total time."""

    seed: int
    answers: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    _accepted_digests: set[str] = field(default_factory=set)
    _stored_digests: set[str] = field(default_factory=set)
    _accepted_payloads: set[str] = field(default_factory=set)
    _stored_payloads: set[str] = field(default_factory=set)
    _uuids: set[str] = field(default_factory=set)
    _last_pks: dict[Any, int] = field(default_factory=dict)

    def run(self, count: int) -> None:
        """Send ``count`` requests. An AssertionError contains the seed that repeats them."""
        handler = BaseHandler()
        handler.load_middleware()
        for start in range(0, count, CHUNK):
            rng = random.Random(f"{self.seed}/{start}")
            uuids = prepare_messages()
            chunk = [make_case(rng, uuids) for _ in range(min(CHUNK, count - start))]
            began = time.perf_counter()
            results = [self._play(handler, case) for case in chunk]
            self.seconds += time.perf_counter() - began
            self._check_rows(list(zip(chunk, results, strict=True)))

    def _play(self, handler: BaseHandler, case: Case) -> str:
        """Return "applied", "duplicate", "stored" or the reason of a refusal."""
        response = handler.get_response(case.request())
        answer = json.loads(response.content)
        context = (self.seed, case, response.status_code, answer)
        if response.status_code == 200:
            assert case.verified is not False, context
            assert answer["result"] in {"applied", "duplicate", "stored"}, context
            self._remember(case.body)
        else:
            assert case.verified is not True, context
            assert response.status_code in REFUSALS, context
            assert answer["reason"] != "not_applied", context
        result: str = answer.get("result") or answer["reason"]
        self.answers[result] += 1
        response.close()
        return result

    def _remember(self, body: bytes) -> None:
        self._accepted_digests.add(digest(body))
        if (payload := canonical_of(body)) is not None:
            self._accepted_payloads.add(payload)

    def _check_rows(self, played: list[tuple[Case, str]]) -> None:
        """Check that only verified bodies are stored, and all of them."""
        for row in self._new(UnprocessedWebhook):
            assert digest(bytes(row.body)) in self._accepted_digests, (
                "an unverified body was stored"
            )
            self._stored_digests.add(digest(bytes(row.body)))
        for fact in [*self._new(StatusEvent, source=Source.VONAGE), *self._new_inbound()]:
            payload = canonical(fact.payload)
            assert payload in self._accepted_payloads, "an unverified body was applied"
            self._stored_payloads.add(payload)
            self._uuids.add(fact.payload_uuid)
        for case, result in played:
            if result == "stored":
                assert digest(case.body) in self._stored_digests, "a verified body is lost"
            elif result == "applied":
                assert canonical_of(case.body) in self._stored_payloads, "a verified body is lost"
            elif result == "duplicate":
                assert uuid_of(load_object(case.body)) in self._uuids, "duplicate of nothing"

    def _new(self, model: Any, **filters: Any) -> list[Any]:
        last = self._last_pks.get(model, 0)
        rows = list(model.objects.filter(pk__gt=last, **filters))
        self._last_pks[model] = model.objects.aggregate(last=Max("pk"))["last"] or 0
        for row in rows:
            if model is not UnprocessedWebhook:
                row.payload_uuid = uuid_of(row.payload)
        return rows

    def _new_inbound(self) -> list[Any]:
        return self._new(Message, direction="inbound")


def prepare_messages() -> list[str]:
    """Send some messages; return their uuids and one uuid that is not stored yet."""
    our, their = "447700900000", "447700900000"
    arguments = [
        ("default", "order-1"),
        ("default", "order-2"),
        ("default", "order-2"),
        ("other", ""),
    ]
    sent = [
        send_message(their, "Hello", sender=our, account=account, client_ref=client_ref)
        for account, client_ref in arguments
    ]
    unanswered = send_message(their, "Hello", sender=our, client_ref="my-personal-reference")
    Message.objects.filter(pk=unanswered.pk).update(message_uuid=None, status="unconfirmed")
    return [str(message.message_uuid) for message in (*sent, unanswered)]


def digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def canonical_of(body: bytes) -> str | None:
    try:
        return canonical(load_object(body))
    except UnusableBody:
        return None


def canonical(data: Any) -> str:
    """Return one digest for equal JSON, because databases change the form of numbers."""
    return digest(json.dumps(_plain(data), sort_keys=True).encode())


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    try:
        return repr(float(value) + 0.0)
    except OverflowError:
        return str(value)


def uuid_of(payload: dict[str, Any]) -> str:
    return str(payload.get("message_uuid"))
