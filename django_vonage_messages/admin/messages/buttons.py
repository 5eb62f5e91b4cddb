"""Every button of a message, by the name that its URL ends with."""

from typing import Any, Final

from django_vonage_messages.admin.messages import actions as moves
from django_vonage_messages.admin.messages import updates
from django_vonage_messages.admin.messages.actions import Moved
from django_vonage_messages.models import Message

NAMES: Final = moves.NAMES | updates.NAMES


def perform(name: str, message: Message, *, user: Any, full: bool) -> Moved:
    """Do what a button says. Asked for twice, the second changes nothing and says so.

    ``full`` leaves numbers in the API's words as they are.
    """
    if name in updates.NAMES:
        return updates.perform(name, message, full=full)
    return moves.perform(name, message, user=user, full=full)
