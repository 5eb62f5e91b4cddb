"""Classes for the error codes of the Messages API."""

from dataclasses import dataclass
from enum import StrEnum


class ActionOwner(StrEnum):
    """Owner of an error: the person who has to act next.

    ``WAIT`` means that staff wait, then send the same message again. ``NOTHING`` means that no
    action is needed.
    """

    WAIT = "wait"
    NOTHING = "nothing"
    CUSTOMER = "customer"
    STAFF = "staff"
    DEVELOPER = "developer"
    ACCOUNT_OWNER = "account_owner"
    VONAGE = "vonage"

    @property
    def label(self) -> str:
        """Text for this owner in the admin, for example "The customer"."""
        return _LABELS[self]


_LABELS = {
    ActionOwner.WAIT: "You, but wait first",
    ActionOwner.NOTHING: "No action needed",
    ActionOwner.CUSTOMER: "The customer",
    ActionOwner.STAFF: "You",
    ActionOwner.DEVELOPER: "The developers of this site",
    ActionOwner.ACCOUNT_OWNER: "The manager of the Vonage account",
    ActionOwner.VONAGE: "Vonage support",
}


@dataclass(frozen=True)
class ErrorCode:
    """One error code of the Messages API.

    ``title`` is Vonage's text. ``meaning`` and ``advice`` are this package's texts for staff.
    """

    code: str
    title: str
    meaning: str
    advice: str
    owner: ActionOwner

    @property
    def temporary(self) -> bool:
        """Whether the same message can succeed if staff send it again later."""
        return self.owner is ActionOwner.WAIT
