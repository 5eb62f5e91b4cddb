"""One error code of the Messages API, and who acts on it."""

from dataclasses import dataclass
from enum import StrEnum


class ActionOwner(StrEnum):
    """The person who has to act before another message can be delivered."""

    WAIT = "wait"
    NOTHING = "nothing"
    CUSTOMER = "customer"
    STAFF = "staff"
    DEVELOPER = "developer"
    ACCOUNT_OWNER = "account_owner"
    VONAGE = "vonage"

    @property
    def label(self) -> str:
        """Label for staff."""
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

    ``title`` is the reference's own; ``meaning`` and ``advice`` are for staff. ``owner`` is the
    person who acts next.
    """

    code: str
    title: str
    meaning: str
    advice: str
    owner: ActionOwner

    @property
    def temporary(self) -> bool:
        """Whether the same message may succeed later with nothing changed."""
        return self.owner is ActionOwner.WAIT
