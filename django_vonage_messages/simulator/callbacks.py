"""Calling the site's webhooks as Vonage does: signed, on time, and again when asked to.

An attempt is repeated after 429, 5xx or no answer at all: after 5 seconds, then twice as long each
time up to 15 minutes, until 24 hours have gone. Any other answer is final, and a redirect is not
followed. (Source: api.support.vonage.com, articles 360028543292 and 226572227.)
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Final, Literal

import requests

from django_vonage_messages.protocol.signatures import sign
from django_vonage_messages.simulator.credentials import Credentials
from django_vonage_messages.simulator.ledger import Attempt, Callback, Kind, Ledger, State
from django_vonage_messages.simulator.schedule import Scheduler

FIRST_RETRY: Final = 5.0
LONGEST_WAIT: Final = 15 * 60.0
GIVEN_UP_AFTER: Final = 24 * 60 * 60.0
TIMEOUTS: Final = (3.0, 15.0)

Signing = Literal["right", "missing", "wrong"]


def _retry_delays() -> Iterator[float]:
    delay, total = FIRST_RETRY, FIRST_RETRY
    while total <= GIVEN_UP_AFTER:
        yield delay
        delay = min(delay * 2, LONGEST_WAIT)
        total += delay


RETRY_DELAYS: Final = tuple(_retry_delays())


@dataclass
class Urls:
    """Where the site's webhooks are; "" means nowhere. Read at each attempt."""

    status: str = ""
    inbound: str = ""

    def of(self, kind: Kind) -> str:
        return self.status if kind == "status" else self.inbound


@dataclass(frozen=True)
class Webhook:
    """One event to tell; ``application_id`` is named in its signature, unless it is "".

    ``signing`` is how its first attempt is signed, ``channel`` that of the message, and ``url``
    where it goes, if not to the account's.
    """

    message_uuid: str
    kind: Kind
    status: str
    body: bytes
    application_id: str = ""
    signing: Signing = "right"
    channel: str = ""
    url: str = ""


class Courier:
    """Delivers webhooks. ``time_scale`` shortens every wait: 0.01 makes an hour 36 seconds.

    ``mended`` is asked whether retries are rightly signed, however the first attempt was.
    """

    def __init__(
        self,
        scheduler: Scheduler,
        ledger: Ledger,
        credentials: Credentials,
        urls: Urls,
        time_scale: float,
        mended: Callable[[], bool] = lambda: True,
    ) -> None:
        self._scheduler = scheduler
        self._ledger = ledger
        self._credentials = credentials
        self._urls = urls
        self._time_scale = time_scale
        self._mended = mended

    def post(
        self,
        make: Callable[[], Webhook],
        *,
        delay: float = 0.0,
        copies: int = 1,
        then: Callable[[], None] | None = None,
    ) -> None:
        """Make an event after ``delay`` seconds and deliver it; ``then`` follows its first attempt.

        What follows an event does not wait for its retries: they are each event's own. Further
        ``copies`` of it are delivered at the same time.
        """
        self._scheduler.after(delay * self._time_scale, partial(self._first, make, copies, then))

    def _first(
        self, make: Callable[[], Webhook], copies: int, then: Callable[[], None] | None
    ) -> None:
        webhook = make()
        for _ in range(copies - 1):
            self._scheduler.after(0, partial(self._attempt, self._record(webhook), webhook, 0))
        self._attempt(self._record(webhook), webhook, 0)
        if then is not None:
            then()

    def _record(self, webhook: Webhook) -> int:
        return self._ledger.call(
            Callback(
                webhook.message_uuid,
                webhook.kind,
                webhook.status,
                webhook.body,
                channel=webhook.channel,
            )
        )

    def _attempt(self, key: int, webhook: Webhook, retries: int) -> None:
        url = webhook.url or self._urls.of(webhook.kind)
        signing = "right" if retries and self._mended() else webhook.signing
        attempt = self._try(url, webhook, signing) if url else None
        state = _state_after(attempt, retries)
        self._ledger.attempted(key, attempt, state)
        if state == "pending":
            retry = partial(self._attempt, key, webhook, retries + 1)
            self._scheduler.after(RETRY_DELAYS[retries] * self._time_scale, retry)

    def _try(self, url: str, webhook: Webhook, signing: Signing) -> Attempt:
        headers = {"Content-Type": "application/json"}
        if signing != "missing":
            headers["Authorization"] = f"Bearer {self._token(webhook, signing)}"
        with requests.Session() as session:
            session.trust_env = False  # neither a proxy nor .netrc has a say on loopback
            try:
                response = session.post(
                    url,
                    data=webhook.body,
                    headers=headers,
                    timeout=TIMEOUTS,
                    allow_redirects=False,
                )
            except requests.RequestException as exc:
                return Attempt(None, type(exc).__name__)
        return Attempt(response.status_code)

    def _token(self, webhook: Webhook, signing: Signing) -> str:
        secret = self._credentials.signature_secret
        return sign(
            webhook.body,
            secret if signing == "right" else f"not {secret}",
            api_key=self._credentials.api_key,
            application_id=webhook.application_id or None,
        )


def _state_after(attempt: Attempt | None, retries: int) -> State:
    if attempt is None:
        return "dropped"
    status = attempt.status
    if status is not None and 200 <= status < 300:
        return "delivered"
    again = status is None or status == 429 or status >= 500
    return "pending" if again and retries < len(RETRY_DELAYS) else "dropped"
