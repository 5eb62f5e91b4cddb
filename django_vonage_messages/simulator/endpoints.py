"""Endpoints of the simulated API."""

import re
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final, Literal

from django_vonage_messages.simulator.api_credentials import Credentials
from django_vonage_messages.simulator.faults import Faults
from django_vonage_messages.simulator.message_data import SendRequest, ValidatedRequest
from django_vonage_messages.simulator.network import Network
from django_vonage_messages.simulator.recorder import AcceptedMessage, Recorder, RefusedRequest
from django_vonage_messages.simulator.responses import (
    ApiError,
    ApiResponse,
    ErrorResponse,
    method_not_allowed,
    not_found,
    server_error,
    unauthorized,
    unknown_message,
)
from django_vonage_messages.simulator.scenarios import Scenario, scenario_for
from django_vonage_messages.simulator.v0_1 import validate as v0_1
from django_vonage_messages.simulator.v1 import validate as v1

Validate = Callable[[str, bytes], ValidatedRequest]

PATHS: Final = ("/v0.1/messages/", "/v0.1/messages")
V1_PATHS: Final = ("/v1/messages/", "/v1/messages")
_VALIDATORS: Final[Mapping[str, Validate]] = {
    **dict.fromkeys(PATHS, v0_1.validate),
    **dict.fromkeys(V1_PATHS, v1.validate),
}
_MESSAGE: Final = re.compile(r"/v1/messages/([0-9A-Za-z-]+)/?")


@dataclass(frozen=True)
class Request:
    """An HTTP request to the simulated API."""

    method: str
    path: str
    authorization: Sequence[str] = field(repr=False)  # the values of all Authorization headers
    content_type: str
    body: bytes = field(repr=False)


class MessagesApi:
    """The simulated Messages API."""

    def __init__(
        self,
        credentials: Credentials,
        recorder: Recorder,
        network: Network,
        faults: Callable[[], Faults],
    ) -> None:
        self._credentials = credentials
        self._recorder = recorder
        self._network = network
        self._faults = faults

    def respond(self, request: Request) -> ApiResponse:
        """Process and record a request, and return the response."""
        try:
            return self._route(request)
        except ApiError as exc:
            return self._refuse(request, exc.response)

    def _route(self, request: Request) -> ApiResponse:
        if validate := _VALIDATORS.get(request.path):
            _allow(request, "POST")
            return self._send(request, validate)
        if match := _MESSAGE.fullmatch(request.path):
            _allow(request, "PATCH")
            return self._update(request, match[1])
        raise not_found()

    def _send(self, request: Request, validate: Validate) -> ApiResponse:
        scheme = self._credentials.authenticate(request.authorization)
        validated = validate(request.content_type, request.body)
        scenario = self._faults().apply(scenario_for(validated.to, validated.channel.name))
        if scenario.error is not None:
            raise ApiError(scenario.error)
        return self._accept(SendRequest.of(validated, request.body, scheme), scenario)

    def _accept(self, request: SendRequest, scenario: Scenario) -> ApiResponse:
        first_webhook = threading.Event()
        message, deliver = self._record(request, 0, scenario, first_webhook.set)
        response = ApiResponse(202, request.response_body(message))
        response = _disturbed(response, scenario, first_webhook)
        if response.is_immediate:
            return replace(response, after_write=deliver)
        deliver()  # a late or missing response does not delay the message
        return response

    def _record(
        self,
        request: SendRequest,
        position: int,
        scenario: Scenario,
        on_first_webhook: Callable[[], None],
    ) -> tuple[AcceptedMessage, Callable[[], None]]:
        message = request.record(position, scenario)
        self._recorder.add_accepted(message)
        fail_over = partial(self._fail_over, request, position + 1, scenario)
        return message, partial(
            self._network.deliver, message, scenario, on_first_webhook, fail_over
        )

    def _fail_over(self, request: SendRequest, position: int, before: Scenario) -> None:
        if position < len(request.messages) and before.outcome.statuses[-1:] == ("rejected",):
            validated = request.messages[position]
            scenario = scenario_for(validated.to, validated.channel.name)
            scenario = self._faults().apply(scenario)
            # This message has no request and no response of its own: keep only webhook faults.
            scenario = replace(scenario, error=None, response_mode="at once")
            _, deliver = self._record(request, position, scenario, _do_nothing)
            deliver()

    def _update(self, request: Request, message_uuid: str) -> ApiResponse:
        if self._credentials.authenticate(request.authorization) != "bearer":
            raise ApiError(unauthorized("An update needs a JWT."))
        message = self._recorder.find(message_uuid)
        if message is None:
            raise unknown_message()
        update = v1.validate_update(request.content_type, request.body, message_uuid, message)
        self._recorder.add_update(update)
        return ApiResponse(202, None)

    def _refuse(self, request: Request, error: ErrorResponse) -> ApiResponse:
        listed = error.extra.get("invalid_parameters", ())
        problems = tuple(f"{each['name']} {each['reason']}" for each in listed)
        self._recorder.add_refused(
            RefusedRequest(error.status, error.title, error.detail, request.body, problems=problems)
        )
        return ApiResponse(error.status, error.body(), error.headers)


def _allow(request: Request, method: Literal["POST", "PATCH"]) -> None:
    if request.method != method:
        raise method_not_allowed(method)


def _disturbed(
    response: ApiResponse, scenario: Scenario, first_webhook: threading.Event
) -> ApiResponse:
    match scenario.response_mode:
        case "as an error":
            return ApiResponse(500, server_error().body())
        case "empty":
            return replace(response, body=None)
        case "never" | "cut off" as mode:
            return replace(response, write_mode=mode)
        case "dripped":
            return replace(response, write_mode="dripped", drip_seconds=scenario.seconds)
        case "after a webhook":
            return replace(response, wait_for=first_webhook)
        case "late":
            return replace(response, delay=scenario.seconds)
    return response


def _do_nothing() -> None:
    pass  # no response waits for the first webhook of a failover message
