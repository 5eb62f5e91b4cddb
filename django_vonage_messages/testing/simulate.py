"""Test tools that send signed webhooks to the site."""

import json
import secrets
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from django.http import HttpResponseBase
from django.test import Client, RequestFactory, override_settings
from django.urls import NoReverseMatch, resolve, reverse

from django_vonage_messages.backends.base import OutgoingMessage
from django_vonage_messages.backends.locmem import ForcedOutcome, outcomes
from django_vonage_messages.conf import (
    DEFAULT_ALIAS,
    Account,
    MissingSecret,
    configured_accounts,
    get_account,
)
from django_vonage_messages.content import Content, Text
from django_vonage_messages.models import Message
from django_vonage_messages.protocol.channels import (
    CHANNELS,
    RCS,
    WHATSAPP,
    Channel,
    get_channel,
    normalize_recipient,
    normalize_sender_address,
)
from django_vonage_messages.protocol.error_codes import get_error_code
from django_vonage_messages.protocol.signatures import sign
from django_vonage_messages.services.db.transactions import write_database
from django_vonage_messages.simulator.message_data import InboundMessage, StatusReport
from django_vonage_messages.simulator.reference import CHANNELS as SIMULATED_CHANNELS
from django_vonage_messages.simulator.v0_1 import payloads as v0_1
from django_vonage_messages.simulator.v1 import payloads as v1
from django_vonage_messages.testing.capture import capture_messages

Moment = datetime | str | None
AnyContent = str | Content | Mapping[str, Any]


@dataclass(frozen=True)
class PayloadWriters:
    """Functions that return the webhook payloads of one API version."""

    status: Callable[[StatusReport], dict[str, Any]]
    inbound: Callable[[InboundMessage, str, str, Mapping[str, str] | None], dict[str, Any]]


PAYLOAD_WRITERS: Final[Mapping[str, PayloadWriters]] = {
    "v0.1": PayloadWriters(v0_1.status_payload, v0_1.inbound_payload),
    "v1": PayloadWriters(v1.status_payload, v1.inbound_payload),
}


def simulate_status(
    message: Message,
    status: str,
    *,
    error_code: str | int | None = None,
    error_reason: str | None = None,
    price: str | None = None,
    currency: str = "EUR",
    timestamp: Moment = None,
    version: str | None = None,
) -> Message:
    """Deliver a message-status webhook for ``message`` and return the refreshed message.

    - ``status`` is a status of Vonage, such as "delivered".
    - ``error_code`` is an error code of Vonage.
    - ``error_reason`` is the text of the error. The default is Vonage's title of the error code.
    - ``price`` is a decimal number as text. If ``price`` is None, the webhook has no price.
    - ``timestamp`` is a datetime, or a str that is sent unchanged. The default is now.
    - ``version`` is the API version of the webhook, "v0.1" or "v1". The default is the
      ``webhook_version`` in the message's options, or else the account's API_VERSION.

    The request passes through the site's middleware, and signal receivers run. An exception of a
    signal receiver is logged and does not fail the test.

    Raises AssertionError if the message has not been sent yet, if the response is not 200, or if
    the webhook is not applied. Raises ValueError for an unknown version, and for RCS on v0.1.
    """
    message.refresh_from_db()
    if message.started_at is None:
        raise AssertionError(
            f"The message is {message.status!r} and has not been sent yet, so it cannot have a "
            "status from Vonage. A message that is sent inside a transaction leaves after the "
            "commit: in a TestCase, send it inside captureOnCommitCallbacks(execute=True)."
        )
    channel = CHANNELS[message.channel]
    report = StatusReport(
        # A status can arrive before the response to the send: its UUID is then unknown here.
        message_uuid=message.message_uuid or str(uuid.uuid4()),
        channel=SIMULATED_CHANNELS[channel.name],
        to=message.their_address,
        from_=message.our_address,
        status=status,
        timestamp=_timestamp(timestamp),
        client_ref=message.client_ref,
        error=_error(error_code, error_reason),
        usage=_usage(price, currency),
    )
    version = version or message.options.get("webhook_version")
    writers = _writers(version, message.account, channel)
    deliver_signed("message-status", writers.status(report), message.account)
    message.refresh_from_db()
    return message


def simulate_inbound(
    from_: str,
    content: AnyContent,
    *,
    channel: str = "sms",
    to: str | None = None,
    account: str = DEFAULT_ALIAS,
    message_uuid: str | None = None,
    num_messages: int = 1,
    price: str | None = None,
    currency: str = "EUR",
    timestamp: Moment = None,
    version: str | None = None,
    contact_name: str = "",
) -> Message:
    """Deliver an inbound message from the customer ``from_`` and return the stored message.

    - ``content`` is a str, a value from ``django_vonage_messages.content``, or a dict such as
      ``{"type": "button", "button": {"payload": "yes", "text": "Yes"}}``.
    - ``to`` is the site's number or ID. The default is the account's first sender on the channel.
      Senders that cannot receive messages are skipped.
    - ``message_uuid`` is Vonage's ID of the message. The default is a new UUID. If a message with
      this UUID is already stored, the function returns the stored message.
    - ``num_messages`` is the number of SMS segments.
    - ``contact_name`` is the customer's name. Only WhatsApp on v1 has it.

    ``simulate_status()`` explains the other arguments.

    Raises InvalidAddress (a ValueError) for a number or ID that the channel does not allow. Raises
    ValueError for an unknown version, or for an argument that the version does not support. Raises
    AssertionError if the channel is unknown, if ``to`` is missing and the account has no sender
    that can receive messages, if the response is not 200, or if the webhook is not applied.
    """
    message_uuid = message_uuid or str(uuid.uuid4())
    chosen = get_channel(channel)
    if chosen is None:
        raise AssertionError(f"Unknown channel {channel!r}. Use one of: {', '.join(CHANNELS)}.")
    writers = _writers(version, account, chosen, contact_name)
    inbound = InboundMessage(
        channel=SIMULATED_CHANNELS[chosen.name],
        content=_content(content, version or get_account(account).api_version),
        from_=normalize_recipient(chosen, from_, get_account(account).region),
        to=normalize_sender_address(chosen, to or _default_to(account, chosen)),
        num_messages=num_messages,
        profile_name=contact_name,
    )
    usage = _usage(price, currency)
    payload = writers.inbound(inbound, message_uuid, _timestamp(timestamp), usage)
    deliver_signed("inbound-message", payload, account)
    received = Message.objects.using(write_database()).inbound()
    return received.filter(message_uuid=message_uuid).latest("id")


def _writers(
    version: str | None, alias: str, channel: Channel, contact_name: str = ""
) -> PayloadWriters:
    name = version or get_account(alias).api_version
    if name not in PAYLOAD_WRITERS:
        raise ValueError(f"Unknown version {name!r}. Use one of: {', '.join(PAYLOAD_WRITERS)}.")
    if name == "v0.1" and channel == RCS:
        raise ValueError('v0.1 has no RCS. Pass version="v1".')
    if contact_name and (name == "v0.1" or channel != WHATSAPP):
        raise ValueError(
            "Only WhatsApp webhooks of v1 have a customer's name. Remove contact_name, or pass "
            'channel="whatsapp" and version="v1".'
        )
    return PAYLOAD_WRITERS[name]


def _content(content: AnyContent, version: str) -> dict[str, Any]:
    value = Text(content) if isinstance(content, str) else content
    if not isinstance(value, Mapping):
        value = {"type": value.content_type, **value.as_json()}
    if version == "v1" and value.get("type") == "content" and value.get("content"):
        # v1 has no message type for several files: a webhook has the first file, and the list.
        first = dict(value["content"][0])
        content_type = first.pop("type")
        return {**value, "type": content_type, content_type: first}
    return dict(value)


def _usage(price: str | None, currency: str) -> dict[str, str] | None:
    return None if price is None else {"currency": currency, "price": price}


def _error(code: str | int | None, reason: str | None) -> tuple[str | int, str] | None:
    return None if code is None else (code, reason or _reason_of(code))


def _timestamp(timestamp: Moment) -> str:
    if isinstance(timestamp, str):
        return timestamp
    moment = (timestamp or datetime.now(UTC)).astimezone(UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _reason_of(error_code: str | int) -> str:
    entry = get_error_code(error_code)
    return entry.title if entry else "Test error"


def _default_to(alias: str, channel: Channel) -> str:
    for sender in get_account(alias).senders(channel):
        if channel.takes_replies_at(sender):
            return sender
    raise AssertionError(
        f"The account {alias!r} has no {channel.sender_address_type} in its SENDERS for "
        f"{channel.name}. Pass the sender that the customer writes to: to=…."
    )


_URLS: Final = "django_vonage_messages.urls"


def deliver_signed(name: str, body: dict[str, Any], alias: str) -> None:
    """POST the webhook ``body`` with a signature of the account ``alias``.

    Raises AssertionError if the response is not 200, or if the webhook is not applied.
    """
    raw = json.dumps(body).encode()
    with _with_secret(alias) as account:
        token = sign(
            raw,
            account.signature_secrets[0],
            api_key=account.api_key or "a-test",
            application_id=account.application_id or None,
        )
        response: Any = _post(name, raw, {"Authorization": f"Bearer {token}"})
    response_text = response.content.decode(errors="replace")[:300]
    if response.status_code != 200:
        raise AssertionError(
            f"The {name} webhook was answered {response.status_code}, not 200: "
            f"{response.headers.get('Location', response_text)}"
        )
    if json.loads(response.content)["result"] == "stored":
        raise AssertionError(
            f"The {name} webhook was stored but not applied: no outbound message of the account "
            f"{alias!r} matches it. Its UnprocessedWebhook row has the reason."
        )


@contextmanager
def _with_secret(alias: str) -> Iterator[Account]:
    if _has_secret(get_account(alias)):
        yield get_account(alias)
        return
    accounts = configured_accounts()  # without a secret: sign with a temporary secret
    config = {**accounts[alias], "SIGNATURE_SECRETS": [secrets.token_urlsafe(32)]}
    with override_settings(VONAGE_MESSAGES={**accounts, alias: config}):
        yield get_account(alias)


def _has_secret(account: Account) -> bool:
    try:
        return bool(account.signature_secrets)
    except MissingSecret:
        return False


def _post(name: str, raw: bytes, headers: dict[str, str]) -> HttpResponseBase:
    request: dict[str, Any] = {
        "data": raw,
        "content_type": "application/json",
        "headers": headers,
        "secure": True,  # SECURE_SSL_REDIRECT redirects HTTP
    }
    try:
        url = reverse(f"vonage_messages:{name}")
    except NoReverseMatch:  # no webhook URLs in the site's URLconf: call without middleware
        path = reverse(name, urlconf=_URLS)
        view = resolve(path, urlconf=_URLS).func
        return view(RequestFactory().post(path, **request)).render()  # type: ignore[no-any-return]  # resolve() returns Any
    return Client().post(url, **request)


if TYPE_CHECKING:
    from django.test import SimpleTestCase as _Base
else:
    _Base = object


class VonageMessagesTestMixin(_Base):
    """Put the messages of each test into the list ``self.outbox`` instead of sending them.

    Write ``class ShopTests(VonageMessagesTestMixin, TestCase)``. By default, every message is
    accepted. To choose other outcomes, append outcomes from ``django_vonage_messages.backends`` to
    ``self.outcomes``, in the order of the messages. Messages that ``setUpTestData()`` sends are not
    in ``self.outbox``.
    """

    outbox: list[OutgoingMessage]
    outcomes: list[ForcedOutcome]

    def setUp(self) -> None:
        super().setUp()
        self.outbox = self.enterContext(capture_messages())
        self.outcomes = outcomes

    simulate_status = staticmethod(simulate_status)
    simulate_inbound = staticmethod(simulate_inbound)
