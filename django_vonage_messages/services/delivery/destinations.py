"""Decide which address a message is sent to: ALLOWED_RECIPIENTS and REDIRECT_TO."""

from dataclasses import dataclass, field
from typing import Final

from django.views.decorators.debug import sensitive_variables

from django_vonage_messages.conf import Account, get_account
from django_vonage_messages.models import Message
from django_vonage_messages.protocol.addresses import InvalidAddress
from django_vonage_messages.protocol.channels import (
    CHANNELS,
    SMS,
    Channel,
    match_recipient,
    normalize_recipient,
)

NOT_ALLOWED_TITLE: Final = "ALLOWED_RECIPIENTS does not contain the recipient"


@dataclass(frozen=True)
class Destination:
    """The recipient, or the address in REDIRECT_TO. The repr does not show the address."""

    # Error trackers show the repr of local variables.
    redirected_to: str = field(default="", repr=False)


@sensitive_variables()
def find_destination(account: Account, channel: Channel, address: str) -> str | None:
    """Return the address that a message to ``address`` is sent to.

    The result is ``address`` itself, or the address in REDIRECT_TO, or None if the account must not
    send the message. Raises ImproperlyConfigured if one of the two settings is wrong.
    """
    if not account.limits_recipients:
        return address
    # With REDIRECT_TO alone, no recipient is allowed directly.
    if address in _allowed(account, channel):
        return address
    return _redirected(account, channel)


def destination_of(message: Message) -> Destination | None:
    """Return the destination of a stored message, or None if it must not be sent."""
    account = get_account(message.account)
    found = find_destination(account, CHANNELS[message.channel], message.their_address)
    return None if found is None else Destination(redirection(found, message.their_address))


def redirection(destination: str | None, address: str) -> str:
    """Return the value of ``Message.redirected_to`` for a message to ``address``."""
    return "" if destination in (None, address) else str(destination)


@sensitive_variables()
def check_recipients(account: Account) -> None:
    """Raise ImproperlyConfigured if an address in ALLOWED_RECIPIENTS or REDIRECT_TO is invalid."""
    for channel in CHANNELS.values():
        _redirected(account, channel)
    for address in account.allowed_recipients or ():
        # The address of another channel can have any characters, but no "+" or 0 at its start.
        if address[0] in "+0" and match_recipient(SMS, address, account.region) is None:
            account.error("ALLOWED_RECIPIENTS", "has an invalid phone number")


@sensitive_variables()
def _allowed(account: Account, channel: Channel) -> set[str | None]:
    given = account.allowed_recipients or ()
    return {match_recipient(channel, address, account.region) for address in given}


@sensitive_variables()
def _redirected(account: Account, channel: Channel) -> str | None:
    address = (account.redirect_to or {}).get(channel.name)
    if address is None:
        return None
    try:
        return normalize_recipient(channel, address, account.region)
    except InvalidAddress as exc:
        account.error("REDIRECT_TO", f"has an invalid address for {channel.label}: {exc}")
