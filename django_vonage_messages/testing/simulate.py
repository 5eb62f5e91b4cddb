"""Test tools that send signed webhooks to the site."""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from django_vonage_messages.conf import DEFAULT_ALIAS, get_account
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
from django_vonage_messages.services.db.transactions import write_database
from django_vonage_messages.simulator.message_data import InboundMessage, StatusReport
from django_vonage_messages.simulator.reference import CHANNELS as SIMULATED_CHANNELS
from django_vonage_messages.simulator.scenarios import scenario_for
from django_vonage_messages.simulator.v0_1 import payloads as v0_1
from django_vonage_messages.simulator.v1 import payloads as v1
from django_vonage_messages.testing.receivers import raise_receiver_errors as receiver_errors_raised
from django_vonage_messages.testing.signed_webhooks import deliver_signed

Moment = datetime | str | None
Quoted = Message | uuid.UUID | str | None
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
    raise_receiver_errors: bool = True,
) -> Message:
    """Deliver a message-status webhook for ``message`` and return the refreshed message.

    - ``status`` is a status of Vonage, such as "delivered".
    - ``error_code`` is an error code of Vonage.
    - ``error_reason`` is the text of the error. The default is Vonage's title of the error code.
    - ``price`` is a decimal number as text. If ``price`` is None, the webhook has no price.
    - ``timestamp`` is a datetime, or a str that is sent unchanged. The default is now.
    - ``version`` is the API version of the webhook, "v0.1" or "v1". The default is the
      ``webhook_version`` in the message's options, or else the account's API_VERSION.

    The request passes through the site's middleware, and signal receivers run. If a receiver raises
    an exception, the webhook is applied, and this function raises the exception. If
    ``raise_receiver_errors`` is False, the exception is only put into the list ``receiver_errors``.

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
        to=message.sent_to,
        from_=message.our_address,
        status=status,
        timestamp=_timestamp(timestamp),
        client_ref=message.client_ref,
        error=_error(error_code, error_reason),
        usage=_usage(price, currency),
    )
    version = version or message.options.get("webhook_version")
    writers = _writers(version, message.account, channel)
    with receiver_errors_raised(raise_receiver_errors):
        deliver_signed("message-status", writers.status(report), message.account)
        message.refresh_from_db()
    return message


def simulate_statuses(message: Message, *, raise_receiver_errors: bool = True) -> Message:
    """Deliver the status webhooks that the simulator sends, and return the refreshed message.

    The message's number and channel select the statuses, as ``number_for()`` of the simulator
    explains. For other numbers, they are "submitted" and "delivered".

    The exceptions, and ``raise_receiver_errors``, are those of ``simulate_status()``.
    """
    scenario = scenario_for(message.sent_to, message.channel)
    statuses = scenario.statuses_on(message.channel)
    for status, code in statuses[:: -1 if scenario.webhook_mode == "reversed" else 1]:
        for _copy in range(2 if scenario.webhook_mode == "twice" else 1):
            simulate_status(
                message, status, error_code=code, raise_receiver_errors=raise_receiver_errors
            )
    message.refresh_from_db()
    return message


def simulate_inbound(
    from_: str,
    content: AnyContent,
    *,
    channel: str | None = None,
    to: str | None = None,
    account: str | None = None,
    reply_to: Quoted = None,
    message_uuid: str | None = None,
    num_messages: int = 1,
    price: str | None = None,
    currency: str = "EUR",
    timestamp: Moment = None,
    version: str | None = None,
    contact_name: str = "",
    raise_receiver_errors: bool = True,
) -> Message:
    """Deliver an inbound message from the customer ``from_`` and return the stored message.

    - ``content`` is a str, a value from ``django_vonage_messages.content``, or a dict such as
      ``{"type": "button", "button": {"payload": "yes", "text": "Yes"}}``.
    - ``channel`` is "sms" by default, and ``account`` is "default".
    - ``to`` is the site's number or ID. The default is the account's first sender on the channel.
      Senders that cannot receive messages are skipped.
    - ``reply_to`` is the message that the customer answers: a Message, or the ``message_uuid`` of
      one. A Message also changes the defaults: ``channel``, ``account`` and ``to`` are those of the
      conversation. On WhatsApp and Viber, webhooks of v1 name the message. Other webhooks do not.
    - ``message_uuid`` is Vonage's ID of the message. The default is a new UUID. If a message with
      this UUID is already stored, the function returns the stored message.
    - ``num_messages`` is the number of SMS segments.
    - ``contact_name`` is the customer's name. Only WhatsApp on v1 has it.

    ``simulate_status()`` explains the other arguments.

    Raises InvalidAddress (a ValueError) for a number or ID that the channel does not allow. Raises
    ValueError for an unknown version, or for an argument that the version does not support. Raises
    AssertionError if the channel is unknown, if the message in ``reply_to`` has not been sent, if
    ``to`` has no default, if the response is not 200, or if the webhook is not applied.
    """
    message_uuid = message_uuid or str(uuid.uuid4())
    quoted = reply_to if isinstance(reply_to, Message) else None
    alias = account or (quoted.account if quoted else DEFAULT_ALIAS)
    chosen = _channel(channel or (quoted.channel if quoted else "sms"))
    writers = _writers(version, alias, chosen, contact_name)
    to = to or (quoted.our_address if quoted else _default_to(alias, chosen))
    inbound = InboundMessage(
        channel=SIMULATED_CHANNELS[chosen.name],
        content=_content(content, version or get_account(alias).api_version),
        from_=normalize_recipient(chosen, from_, get_account(alias).region),
        to=normalize_sender_address(chosen, to),
        num_messages=num_messages,
        reply_to=_uuid_of(reply_to),
        reply_to_customer=quoted is not None and quoted.is_inbound,
        profile_name=contact_name,
    )
    with receiver_errors_raised(raise_receiver_errors):
        usage = _usage(price, currency)
        payload = writers.inbound(inbound, message_uuid, _timestamp(timestamp), usage)
        deliver_signed("inbound-message", payload, alias)
    return _received(message_uuid)


def _channel(name: str) -> Channel:
    channel = get_channel(name)
    if channel is None:
        raise AssertionError(f"Unknown channel {name!r}. Use one of: {', '.join(CHANNELS)}.")
    return channel


def _received(message_uuid: str) -> Message:
    received = Message.objects.using(write_database()).inbound()
    return received.filter(message_uuid=message_uuid).latest("id")


def _uuid_of(quoted: Quoted) -> str:
    if not isinstance(quoted, Message):
        return str(quoted or "")
    quoted.refresh_from_db(fields=["message_uuid", "status"])
    if not quoted.message_uuid:
        raise AssertionError(
            f"The message in reply_to is {quoted.status!r} and has no message_uuid, so a customer "
            "cannot answer it. Send it first: call deliver_queued() for a queued message."
        )
    return quoted.message_uuid


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
