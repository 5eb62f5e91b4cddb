"""Who a conversation is with: a number or an id, and the name that the customer writes under.

The name is shown to whoever may read the conversation, as the words of its messages are. A number
in it is an address like any other, and masked.
"""

from typing import Final

from django.db.models import Q
from django.utils.html import format_html
from django.utils.safestring import SafeString

from django_vonage_messages.admin.addresses import show_address
from django_vonage_messages.models import Conversation
from django_vonage_messages.protocol.redaction import mask_numbers

_BESIDE: Final = '<bdi class="vonage-name">{}</bdi> ({})'
_BELOW: Final = '<bdi class="vonage-name">{}</bdi><br>{}'


def show_customer(conversation: Conversation, *, full: bool, below: bool = False) -> SafeString:
    """Return the customer's name, where one is known, and their address beside or below it."""
    address = show_address(conversation.their_address, full=full)
    name = conversation.contact_name
    if not name:
        return address
    shown = name if full else mask_numbers(name)
    return format_html(_BELOW if below else _BESIDE, shown, address)


def matches_name(column: str, typed: str, *, full: bool) -> Q:
    """Return the condition that ``column`` holds a name with the typed words in it.

    It is empty where that cannot be meant: a number is looked up by its index alone, and for those
    who may not see full numbers, a search would reveal one in a name digit by digit.
    """
    words = " ".join(typed.split())
    has_digits = any(char.isnumeric() for char in words)
    if not words or (has_digits and not (full and any(char.isalpha() for char in words))):
        return Q()
    return Q(**{f"{column}__icontains": words})
