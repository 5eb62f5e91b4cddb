"""What is known of one error code."""

from dataclasses import dataclass
from enum import StrEnum


class ActionOwner(StrEnum):
    """Who has to act before another message can get through."""

    WAIT = "wait"
    NOTHING = "nothing"
    CUSTOMER = "customer"
    STAFF = "staff"
    DEVELOPER = "developer"
    ACCOUNT_OWNER = "account_owner"
    VONAGE = "vonage"

    @property
    def label(self) -> str:
        """The same in words that staff understand."""
        return _LABELS[self]


_LABELS = {
    ActionOwner.WAIT: "Nobody: wait, then try again",
    ActionOwner.NOTHING: "Nobody: nothing needs to be done",
    ActionOwner.CUSTOMER: "The customer",
    ActionOwner.STAFF: "You, who write to the customer",
    ActionOwner.DEVELOPER: "The developers of this site",
    ActionOwner.ACCOUNT_OWNER: "Whoever manages the Vonage account",
    ActionOwner.VONAGE: "Vonage support",
}


@dataclass(frozen=True)
class ErrorCode:
    """One error code of the Messages API.

    ``title`` is the reference's own; ``meaning`` and ``advice`` are for staff. ``temporary`` says
    that the same message may succeed later with nothing changed; ``owner`` says who acts next.
    """

    code: str
    title: str
    meaning: str
    advice: str
    temporary: bool
    owner: ActionOwner
