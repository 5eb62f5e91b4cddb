"""Backend that calls the Vonage Messages API over HTTP."""

import re
import time
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import urlsplit

import requests
from django.core import checks
from django.core.checks import CheckMessage
from urllib3.exceptions import HTTPError

from django_vonage_messages.backends.base import BaseBackend, MessageUpdate, OutgoingMessage
from django_vonage_messages.backends.connections import Departure, shared_session
from django_vonage_messages.backends.credentials import HeaderAuth, auth_for, bearer_auth
from django_vonage_messages.backends.locmem import TestRunBackend
from django_vonage_messages.conf import Account
from django_vonage_messages.protocol.channels import RCS
from django_vonage_messages.protocol.outcomes import NotSent, Outcome, Unconfirmed, interpret
from django_vonage_messages.protocol.v1.update_requests import (
    interpret_update,
    is_global,
    update_url,
)
from django_vonage_messages.protocol.versions import API_VERSIONS, V1

BASE_URL: Final = "https://api.nexmo.com"
TIMEOUT: Final = (3.05, 10.0)
USER_AGENT: Final = "django-vonage-messages"

_BODY_LIMIT = 65536
_MAX_TIMEOUT = 300
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_VONAGE_HOST: Final = re.compile(r"\.(nexmo|vonage)\.com$")
_API_PATHS: Final = tuple(version.path.rstrip("/") for version in API_VERSIONS.values())
# Without this, HTTP_PROXY would take an unencrypted request for a simulator off this machine.
_NO_PROXIES: Final[dict[str, Any]] = {"http": None, "https": None, "all": None}

_Interpreter = Callable[[int, bytes, str | None], Outcome]


class ApiBackend(BaseBackend):
    """Sends messages to the Vonage Messages API.

    OPTIONS can contain ``base_url``, ``regional_url`` and ``timeout``. ``base_url`` is the URL of
    the API without its path, such as "https://api.nexmo.com". ``regional_url`` is the URL of your
    region, such as "https://api-eu.vonage.com", for updates of messages. ``timeout`` is a number of
    seconds, or two numbers: to connect, and to wait for data.
    """

    option_names = frozenset({"base_url", "regional_url", "timeout"})
    supports_update = True

    def __init__(self, account: Account) -> None:
        super().__init__(account)
        self.base_url = self._url_option("base_url")
        self.url = self.base_url + API_VERSIONS[account.api_version].path
        self.timeout = self._timeout()
        self._regional_url = self._read_regional_url()
        self._auth = auth_for(account)

    @classmethod
    def for_test_run(cls, account: Account) -> BaseBackend:
        if _is_local_url(account.options.get("base_url", BASE_URL)):
            return cls(account)  # the simulator
        return TestRunBackend(account)

    def send(self, message: OutgoingMessage) -> Outcome:
        return self._attempt("POST", self.url, message.body, self._auth, interpret)

    def ensure_can_update(self) -> None:
        bearer_auth(self.account)

    def update(self, update: MessageUpdate) -> Outcome:
        url = update_url(self.base_url, update.message_uuid, update.self_href, self._regional_url)
        auth = bearer_auth(self.account)
        return self._attempt("PATCH", url, update.body, auth, interpret_update)

    def check(self) -> list[CheckMessage]:
        account = self.account
        can_revoke = account.api_version == V1.name and account.senders(RCS)
        if not (can_revoke and account.has_private_key and account.application_id):
            return []
        if not is_global(self._regional_url or self.base_url):
            return []
        return [
            checks.Warning(
                f"VONAGE_MESSAGES[{account.alias!r}]['OPTIONS'] has no regional_url, which "
                "revoke_message() needs.",
                hint="Set OPTIONS: {'regional_url': 'https://api-eu.vonage.com'}, with the host of "
                "your region: api-eu, api-us or api-ap.",
                id="vonage_messages.W020",
            )
        ]

    def _attempt(
        self,
        method: str,
        url: str,
        body: dict[str, Any],
        auth: HeaderAuth,
        interpreter: _Interpreter,
    ) -> Outcome:
        with Departure() as departure:
            try:
                return self._request(method, url, body, auth, interpreter)
            except (requests.RequestException, HTTPError, OSError, ValueError) as exc:
                name = f"{type(exc).__name__} at {urlsplit(url).netloc}"
                if departure.left:
                    return Unconfirmed("The connection was lost before Vonage answered", name)
                return NotSent("No connection could be made", name)

    def _request(
        self,
        method: str,
        url: str,
        body: dict[str, Any],
        auth: HeaderAuth,
        interpreter: _Interpreter,
    ) -> Outcome:
        with shared_session().request(
            method,
            url,
            json=body,
            auth=auth,
            timeout=self.timeout,
            proxies=_NO_PROXIES if urlsplit(url).hostname in _LOOPBACK else None,
            allow_redirects=False,
            stream=True,
            headers={"Accept": "application/json", "User-Agent": USER_AGENT},
        ) as response:
            content = _read(response, self.timeout[1])
            return interpreter(response.status_code, content, response.headers.get("Retry-After"))

    def _url_option(self, name: str) -> str:
        # No local variable holds the URL when the error is raised: it may contain a password.
        if problem := _url_problem(self.options.get(name, BASE_URL)):
            self.account.error("OPTIONS", f"has a {name} {problem}")
        return str(self.options.get(name, BASE_URL)).rstrip("/")

    def _read_regional_url(self) -> str:
        if self.options.get("regional_url") is None:
            return ""
        url = self._url_option("regional_url")
        # The token must not leave this machine if the messages go to a simulator.
        return "" if _is_local_url(self.base_url) else url

    def _timeout(self) -> tuple[float, float]:
        value = self.options.get("timeout", TIMEOUT)
        pair = value if isinstance(value, tuple | list) else (value, value)
        if len(pair) != 2 or not all(map(_is_timeout, pair)):
            self.account.error(
                "OPTIONS",
                "has a timeout that is not two numbers of seconds, above 0 and up to "
                f"{_MAX_TIMEOUT}",
            )
        return (float(pair[0]), float(pair[1]))


def _is_timeout(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return 0 < value <= _MAX_TIMEOUT


def _url_problem(url: object) -> str:
    if not isinstance(url, str):
        return "that is not a string"
    if not _is_bare_url(url):
        return "that is not https://host[:port][/path]"
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        return "that is not https (or http on loopback)"
    path = parts.path.rstrip("/")
    if path and (_VONAGE_HOST.search(parts.hostname or "") or path.endswith(_API_PATHS)):
        return "with the path of the API. Remove the path: it is added to each request"
    return ""


def _is_local_url(url: object) -> bool:
    return not _url_problem(url) and urlsplit(str(url)).hostname in _LOOPBACK


def _is_bare_url(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return bool(parts.hostname) and parts.port != 0 and not re.search(r"[@?#\s\\]", url)
    except ValueError:
        return False


def _read(response: requests.Response, seconds: float) -> bytes:
    # The timeout of requests limits only the time between two reads, not the total time.
    deadline = time.monotonic() + seconds
    read1 = getattr(response.raw, "read1", None)
    if read1 is None:  # urllib3 1
        return bytes(response.raw.read(_BODY_LIMIT, decode_content=True))
    body = b""
    while len(body) < _BODY_LIMIT:
        chunk = read1(_BODY_LIMIT - len(body), decode_content=True)
        if not chunk:
            break
        body += chunk
        if time.monotonic() > deadline:
            raise requests.Timeout
    return body
