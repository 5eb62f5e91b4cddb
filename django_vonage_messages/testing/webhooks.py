"""Vonage's part in a test: webhooks in the shape of the API reference, signed and delivered."""

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django_vonage_messages.conf import DEFAULT_ALIAS, get_account
from django_vonage_messages.content import Content, Text
from django_vonage_messages.models import Message
from django_vonage_messages.protocol.addresses import is_alphanumeric
from django_vonage_messages.protocol.channels import CHANNELS, SMS, Channel, find_channel
from django_vonage_messages.protocol.error_codes import find_error_code
from django_vonage_messages.protocol.parties import normalize_our_address, normalize_recipient
from django_vonage_messages.services.transactions import write_database
from django_vonage_messages.testing.delivery import deliver_signed

Moment = datetime | str | None
Said = str | Content | Mapping[str, Any]


def simulate_status(
    message: Message,
    status: str,
    *,
    error_code: str | int | None = None,
    error_reason: str | None = None,
    price: str | None = None,
    currency: str = "EUR",
    timestamp: Moment = None,
) -> Message:
    """Deliver a message-status webhook of ``message`` and return the message, refreshed.

    ``status`` is Vonage's word, such as "delivered". ``error_reason`` defaults to what the list of
    error codes says of ``error_code``. ``price`` is a decimal number as text, without which the
    webhook has no usage. ``timestamp`` defaults to now; a str goes out as it is.

    The webhook is signed with the account's first secret (one that has none is given one for the
    moment) and goes through the site's middleware and URL to the real view, or straight to the
    view where its URLs are not mounted. Receivers run; one that raises is logged and owed another
    run, as on a live site. It works inside a test's transaction. Raises AssertionError if the
    message has not been sent yet, and if the webhook is not answered 200 or not applied.
    """
    message.refresh_from_db()
    if message.started_at is None:
        raise AssertionError(
            f"The message is {message.status!r} and has not been sent, so that Vonage has nothing "
            "to say of it. One that a transaction sent leaves with the commit: in a TestCase, "
            "send it under captureOnCommitCallbacks(execute=True)."
        )
    body = _status_body(message, status, _when(timestamp))
    if error_code is not None:
        body["error"] = {"code": error_code, "reason": error_reason or _reason_of(error_code)}
    if price is not None:
        body["usage"] = {"currency": currency, "price": price}
    deliver_signed("message-status", body, message.account)
    message.refresh_from_db()
    return message


def simulate_inbound(
    from_: str,
    content: Said,
    *,
    channel: str = "sms",
    to: str | None = None,
    account: str = DEFAULT_ALIAS,
    message_uuid: str | None = None,
    num_messages: int = 1,
    price: str | None = None,
    currency: str = "EUR",
    timestamp: Moment = None,
) -> Message:
    """Deliver an inbound message from the customer ``from_`` and return its message.

    ``content`` is a str, a content value, or a dict with a ``type`` for what only customers send:
    ``{"type": "button", "button": {"payload": "yes", "text": "Yes"}}``. ``to`` defaults to the
    account's first sender on the channel that can be answered. The same ``message_uuid`` again is a
    duplicate and returns the first message. ``num_messages`` is of SMS alone. The rest is as in
    ``simulate_status()``. Raises InvalidAddress (a ValueError) for what is no address of the
    channel, and AssertionError where no ``to`` is to be had or the webhook is not answered 200 or
    not applied.
    """
    message_uuid = message_uuid or str(uuid.uuid4())
    found = find_channel(channel)
    if found is None:
        raise AssertionError(f"There is no channel {channel!r}; use one of {', '.join(CHANNELS)}.")
    ours = normalize_our_address(found, to or _address_of(account, found))
    theirs = normalize_recipient(found, from_, get_account(account).region)
    body: dict[str, Any] = {
        "message_uuid": message_uuid,
        "timestamp": _when(timestamp),
        "to": {"type": found.v0_1_type, found.ours: ours},
        "from": {"type": found.v0_1_type, found.theirs: theirs},
        "message": {"content": _content(content)},
    }
    if found == SMS:
        body["message"]["sms"] = {"num_messages": str(num_messages)}
    if price is not None:
        body["usage"] = {"currency": currency, "price": price}
    deliver_signed("inbound-message", body, account)
    received = Message.objects.using(write_database()).inbound()
    return received.filter(message_uuid=message_uuid).latest("id")


def _content(content: Said) -> dict[str, Any]:
    value = Text(content) if isinstance(content, str) else content
    if isinstance(value, Mapping):
        return dict(value)
    return {"type": value.content_type, **value.as_json()}


def _status_body(message: Message, status: str, timestamp: str) -> dict[str, Any]:
    channel = CHANNELS[message.channel]
    return {
        # Without an answer to the send yet, a webhook brings the first that is heard of its uuid.
        "message_uuid": message.message_uuid or str(uuid.uuid4()),
        "to": {"type": channel.v0_1_type, channel.theirs: message.their_address},
        "from": {"type": channel.v0_1_type, channel.ours: message.our_address},
        "timestamp": timestamp,
        "status": status,
        "client_ref": message.client_ref,
    }


def _when(timestamp: Moment) -> str:
    if isinstance(timestamp, str):
        return timestamp
    moment = (timestamp or datetime.now(UTC)).astimezone(UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _reason_of(error_code: str | int) -> str:
    known = find_error_code(error_code)
    return known.title if known else "An error of the test"


def _address_of(alias: str, channel: Channel) -> str:
    for sender in get_account(alias).senders(channel):
        if not channel.names or not is_alphanumeric(sender):
            return sender
    raise AssertionError(
        f"The account {alias!r} has no {channel.ours} among its SENDERS for {channel.name}: say "
        "which one the customer writes to, with to=…."
    )
