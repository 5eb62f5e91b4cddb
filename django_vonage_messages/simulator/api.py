"""The API's part: a request comes in, an answer goes out, and what was taken is carried."""

import re
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final, Literal

from django_vonage_messages.simulator.answers import (
    Answer,
    ApiError,
    Refusal,
    method_not_allowed,
    not_found,
    server_error,
    unauthorized,
)
from django_vonage_messages.simulator.credentials import Credentials
from django_vonage_messages.simulator.faults import Faults
from django_vonage_messages.simulator.judged import Judged
from django_vonage_messages.simulator.ledger import Accepted, Ledger, RefusedRequest
from django_vonage_messages.simulator.network import Network
from django_vonage_messages.simulator.orders import Order
from django_vonage_messages.simulator.outcomes import Fate, fate_of
from django_vonage_messages.simulator.v0_1 import judge as v0_1
from django_vonage_messages.simulator.v1 import judge as v1
from django_vonage_messages.simulator.v1.refusals import unknown_message
from django_vonage_messages.simulator.v1.updates import judge_update

PATHS: Final = ("/v0.1/messages/", "/v0.1/messages")
V1_PATHS: Final = ("/v1/messages/", "/v1/messages")
_JUDGES: Final[Mapping[str, Callable[[str, bytes], Judged]]] = {
    **dict.fromkeys(PATHS, v0_1.judge),
    **dict.fromkeys(V1_PATHS, v1.judge),
}
_MESSAGE: Final = re.compile(r"/v1/messages/([0-9A-Za-z-]+)/?")


@dataclass(frozen=True)
class Request:
    """An HTTP request as it came; ``authorization`` holds every header of that name."""

    method: str
    path: str
    authorization: Sequence[str] = field(repr=False)
    content_type: str
    body: bytes = field(repr=False)


class MessagesApi:
    """POST /v0.1/messages/, POST /v1/messages and PATCH /v1/messages/{message_uuid}."""

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
            return self._route(request)
        except ApiError as exc:
            return self._refuse(request, exc.refusal)

    def _route(self, request: Request) -> Answer:
        if judge := _JUDGES.get(request.path):
            _allow(request, "POST")
            return self._accept(request, judge)
        if match := _MESSAGE.fullmatch(request.path):
            _allow(request, "PATCH")
            return self._update(request, match[1])
        raise not_found()

    def _accept(self, request: Request, judge: Callable[[str, bytes], Judged]) -> Answer:
        scheme = self._credentials.authenticate(request.authorization)
        judged = judge(request.content_type, request.body)
        fate = self._faults().strike(fate_of(judged.to))
        if fate.refusal is not None:
            raise ApiError(fate.refusal)
        return self._take(Order.of(judged, request.body, scheme), fate)

    def _take(self, order: Order, fate: Fate) -> Answer:
        called = threading.Event()
        message, carry = self._begin(order, 0, fate, called.set)
        answer = _answer(Answer(202, order.answer(message)), fate, called)
        if answer.is_immediate:
            return replace(answer, then=carry)
        carry()  # an answer that is late, or never comes, does not hold the message up
        return answer

    def _begin(
        self, order: Order, position: int, fate: Fate, called: Callable[[], None]
    ) -> tuple[Accepted, Callable[[], None]]:
        """Record one message of a request; return it, and what carries it and all that follows."""
        message = order.record(position, fate)
        self._ledger.accept(message)
        ended = partial(self._fail_over, order, position + 1, fate)
        return message, partial(self._network.carry, message, fate, called, ended)

    def _fail_over(self, order: Order, position: int, before: Fate) -> None:
        """Send the next message of a request, if there is one and the one before was rejected.

        Its own fate is no more than that: there is no request that could be refused or answered.
        """
        if position < len(order.messages) and before.outcome.statuses[-1:] == ("rejected",):
            fate = self._faults().strike(fate_of(order.messages[position].to))
            fate = replace(fate, refusal=None, answering="at once")
            _, carry = self._begin(order, position, fate, _nothing)
            carry()

    def _update(self, request: Request, message_uuid: str) -> Answer:
        if self._credentials.authenticate(request.authorization) != "bearer":
            raise ApiError(unauthorized("An update needs a JWT."))
        message = self._ledger.channel_of(message_uuid)
        if message is None:
            raise unknown_message()
        updated = judge_update(request.content_type, request.body, message_uuid, message)
        self._ledger.update(updated)
        return Answer(202, None)

    def _refuse(self, request: Request, refusal: Refusal) -> Answer:
        listed = refusal.more.get("invalid_parameters", ())
        problems = tuple(f"{each['name']} {each['reason']}" for each in listed)
        self._ledger.refuse(
            RefusedRequest(
                refusal.status, refusal.title, refusal.detail, request.body, problems=problems
            )
        )
        return Answer(refusal.status, refusal.body(), refusal.headers)


def _allow(request: Request, method: Literal["POST", "PATCH"]) -> None:
    if request.method != method:
        raise method_not_allowed(method)


def _answer(answer: Answer, fate: Fate, called: threading.Event) -> Answer:
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


def _nothing() -> None:
    """Nobody waits for the first webhook of a later message."""
