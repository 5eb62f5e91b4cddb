"""The API's part: a request comes in, an answer goes out, and what was taken is carried."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from django_vonage_messages.simulator.answers import (
    Answer,
    ApiError,
    Refusal,
    method_not_allowed,
    not_found,
)
from django_vonage_messages.simulator.credentials import Credentials, Scheme
from django_vonage_messages.simulator.judge import Sms, judge
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

    def __init__(self, credentials: Credentials, ledger: Ledger, network: Network) -> None:
        self._credentials = credentials
        self._ledger = ledger
        self._network = network

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
        sms = judge(request.content_type, request.body)
        fate = fate_of(sms.to)
        if fate.outcome.refusal is not None:
            raise ApiError(fate.outcome.refusal)
        return self._take(_record(request, scheme, sms, fate), fate)

    def _take(self, message: Accepted, fate: Fate) -> Answer:
        self._ledger.accept(message)
        body = {"message_uuid": message.message_uuid}
        carry = partial(self._network.carry, message, fate)
        if not fate.delay:
            return Answer(202, body, then=carry)
        carry()  # a late answer does not hold the message up
        return Answer(202, body, delay=fate.delay)

    def _refuse(self, request: Request, refusal: Refusal) -> Answer:
        self._ledger.refuse(
            RefusedRequest(refusal.status, refusal.title, refusal.detail, request.body)
        )
        return Answer(refusal.status, refusal.body(), refusal.headers)


def _record(request: Request, scheme: Scheme, sms: Sms, fate: Fate) -> Accepted:
    return Accepted(
        message_uuid=str(uuid.uuid4()),
        client_ref=sms.client_ref,
        to=sms.to,
        from_=sms.from_,
        text=sms.text,
        body=request.body,
        scheme=scheme,
        outcome=fate.outcome.name,
        code=fate.code,
    )
