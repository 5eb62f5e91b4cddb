"""The API's part: a request comes in, an answer goes out, and what was taken is carried."""

import threading
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final

from django_vonage_messages.simulator.answers import (
    Answer,
    ApiError,
    Refusal,
    method_not_allowed,
    not_found,
    server_error,
)
from django_vonage_messages.simulator.credentials import Credentials, Scheme
from django_vonage_messages.simulator.faults import Faults
from django_vonage_messages.simulator.judge import Judged, judge
from django_vonage_messages.simulator.ledger import Accepted, Ledger, RefusedRequest
from django_vonage_messages.simulator.network import Network
from django_vonage_messages.simulator.outcomes import Fate, fate_of

PATHS: Final = ("/v0.1/messages/", "/v0.1/messages")


@dataclass(frozen=True)
class Request:
    """An HTTP request as it came; ``authorization`` holds every header of that name."""

    method: str
    path: str
    authorization: Sequence[str] = field(repr=False)
    content_type: str
    body: bytes = field(repr=False)


class MessagesApi:
    """POST /v0.1/messages/."""

    def __init__(
        self,
        credentials: Credentials,
        ledger: Ledger,
        network: Network,
        faults: Callable[[], Faults],
    ) -> None:
        self._credentials = credentials
        self._ledger = ledger
        self._network = network
        self._faults = faults

    def answer(self, request: Request) -> Answer:
        """Return the answer to a request, and record it."""
        try:
            return self._accept(request)
        except ApiError as exc:
            return self._refuse(request, exc.refusal)

    def _accept(self, request: Request) -> Answer:
        if request.path not in PATHS:
            raise not_found()
        if request.method != "POST":
            raise method_not_allowed()
        scheme = self._credentials.authenticate(request.authorization)
        judged = judge(request.content_type, request.body)
        fate = self._faults().strike(fate_of(judged.to))
        if fate.refusal is not None:
            raise ApiError(fate.refusal)
        return self._take(_record(request, scheme, judged, fate), fate)

    def _take(self, message: Accepted, fate: Fate) -> Answer:
        self._ledger.accept(message)
        called = threading.Event()
        answer = _answer(message, fate, called)
        carry = partial(self._network.carry, message, fate, called.set)
        if answer.is_immediate:
            return replace(answer, then=carry)
        carry()  # an answer that is late, or never comes, does not hold the message up
        return answer

    def _refuse(self, request: Request, refusal: Refusal) -> Answer:
        self._ledger.refuse(
            RefusedRequest(refusal.status, refusal.title, refusal.detail, request.body)
        )
        return Answer(refusal.status, refusal.body(), refusal.headers)


def _answer(message: Accepted, fate: Fate, called: threading.Event) -> Answer:
    answer = Answer(202, {"message_uuid": message.message_uuid})
    match fate.answering:
        case "as an error":
            return Answer(500, server_error().body())
        case "empty":
            return replace(answer, body=None)
        case "never":
            return replace(answer, manner="never")
        case "cut off":
            return replace(answer, manner="cut off")
        case "dripped":
            return replace(answer, manner="dripped", drip=fate.seconds)
        case "after a webhook":
            return replace(answer, wait_for=called)
        case "late":
            return replace(answer, delay=fate.seconds)
    return answer


def _record(request: Request, scheme: Scheme, judged: Judged, fate: Fate) -> Accepted:
    return Accepted(
        message_uuid=str(uuid.uuid4()),
        channel=judged.channel.name,
        client_ref=judged.client_ref,
        to=judged.to,
        from_=judged.from_,
        content_type=judged.content_type,
        content=judged.content,
        text=judged.text,
        body=request.body,
        scheme=scheme,
        outcome=fate.outcome.name,
        code=fate.code,
        answering=fate.answering,
        calling=fate.calling,
    )
