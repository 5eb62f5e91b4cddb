"""HTTP client that sends signed webhooks to the site, with Vonage's retries."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, Literal

import requests

from django_vonage_messages.protocol.signatures import sign
from django_vonage_messages.simulator.api_credentials import Credentials
from django_vonage_messages.simulator.recorder import (
    Attempt,
    Callback,
    Recorder,
    State,
    WebhookKind,
)
from django_vonage_messages.simulator.scheduler import Scheduler

# Vonage retries after 429, 5xx, or no response, for 24 hours.
# Source: api.support.vonage.com, articles 360028543292 and 226572227.
FIRST_RETRY: Final = 5.0
LONGEST_WAIT: Final = 15 * 60.0
GIVEN_UP_AFTER: Final = 24 * 60 * 60.0
TIMEOUTS: Final = (3.0, 15.0)

Signature = Literal["right", "missing", "wrong"]


def _retry_delays() -> Iterator[float]:
    delay, total = FIRST_RETRY, FIRST_RETRY
    while total <= GIVEN_UP_AFTER:
        yield delay
        delay = min(delay * 2, LONGEST_WAIT)
        total += delay


RETRY_DELAYS: Final = tuple(_retry_delays())


@dataclass
class WebhookUrls:
    """The site's URLs for status webhooks and inbound webhooks."""

    # "": webhooks of this kind are not sent
    status: str = ""
    inbound: str = ""

    def for_kind(self, kind: WebhookKind) -> str:
        return self.status if kind == "status" else self.inbound


@dataclass(frozen=True)
class Webhook:
    """A webhook to send."""

    message_uuid: str
    kind: WebhookKind
    status: str
    body: bytes
    application_id: str = ""
    signature: Signature = "right"  # of the first attempt
    channel: str = ""
    url: str = ""  # "": the site's URL for this kind of webhook


class WebhookClient:
    """HTTP client that sends webhooks to the site."""

    def __init__(
        self,
        scheduler: Scheduler,
        recorder: Recorder,
        credentials: Credentials,
        urls: WebhookUrls,
        time_scale: float,
        resign_retries: Callable[[], bool] = lambda: True,
    ) -> None:
        self._scheduler = scheduler
        self._recorder = recorder
        self._credentials = credentials
        self._urls = urls
        self._time_scale = time_scale
        self._resign_retries = resign_retries

    def post(
        self,
        make_webhook: Callable[[], Webhook],
        *,
        delay: float = 0.0,
        copies: int = 1,
        after_attempt: Callable[[], None] | None = None,
    ) -> None:
        """Call ``make_webhook`` after ``delay`` seconds, and send the webhook ``copies`` times.

        ``after_attempt`` is called once, after the first attempt to send one copy. The call
        does not wait for the other copies or for retries.
        """
        self._scheduler.run_later(
            delay * self._time_scale, partial(self._first, make_webhook, copies, after_attempt)
        )

    def _first(
        self,
        make_webhook: Callable[[], Webhook],
        copies: int,
        after_attempt: Callable[[], None] | None,
    ) -> None:
        webhook = make_webhook()
        for _ in range(copies - 1):
            self._scheduler.run_later(0, partial(self._attempt, self._record(webhook), webhook, 0))
        self._attempt(self._record(webhook), webhook, 0)
        if after_attempt is not None:
            after_attempt()

    def _record(self, webhook: Webhook) -> int:
        return self._recorder.add_callback(
            Callback(
                webhook.message_uuid,
                webhook.kind,
                webhook.status,
                webhook.body,
                channel=webhook.channel,
            )
        )

    def _attempt(self, key: int, webhook: Webhook, retries: int) -> None:
        # Read the URL at each attempt: the user can change it before a retry.
        url = webhook.url or self._urls.for_kind(webhook.kind)
        # Without resign_retries, a retry has the signature of the first attempt.
        signature = "right" if retries and self._resign_retries() else webhook.signature
        attempt = self._post_once(url, webhook, signature) if url else None
        state = _state_after(attempt, retries)
        self._recorder.add_attempt(key, attempt, state)
        if state == "pending":
            retry = partial(self._attempt, key, webhook, retries + 1)
            self._scheduler.run_later(RETRY_DELAYS[retries] * self._time_scale, retry)

    def _post_once(self, url: str, webhook: Webhook, signature: Signature) -> Attempt:
        headers = {"Content-Type": "application/json"}
        if signature != "missing":
            headers["Authorization"] = f"Bearer {self._token(webhook, signature)}"
        with requests.Session() as session:
            session.trust_env = False  # ignore proxy settings and .netrc on loopback
            try:
                response = session.post(
                    url,
                    data=webhook.body,
                    headers=headers,
                    timeout=TIMEOUTS,
                    allow_redirects=False,  # as Vonage
                )
            except requests.RequestException as exc:
                return Attempt(None, type(exc).__name__)
        return Attempt(response.status_code)

    def _token(self, webhook: Webhook, signature: Signature) -> str:
        secret = self._credentials.signature_secret
        return sign(
            webhook.body,
            secret if signature == "right" else f"not {secret}",
            api_key=self._credentials.api_key,
            application_id=webhook.application_id or None,
        )


def encode_body(payload: Mapping[str, Any]) -> bytes:
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()


def _state_after(attempt: Attempt | None, retries: int) -> State:
    if attempt is None:
        return "dropped"
    status = attempt.status
    if status is not None and 200 <= status < 300:
        return "delivered"
    again = status is None or status == 429 or status >= 500
    return "pending" if again and retries < len(RETRY_DELAYS) else "dropped"
