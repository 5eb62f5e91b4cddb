"""What is known of one error code."""

from dataclasses import dataclass
from enum import StrEnum


class Move(StrEnum):
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
    Move.WAIT: "Nobody: wait, then try again",
    Move.NOTHING: "Nobody: nothing needs to be done",
    Move.CUSTOMER: "The customer",
    Move.STAFF: "You, who write to the customer",
    Move.DEVELOPER: "The developers of this site",
    Move.ACCOUNT_OWNER: "Whoever manages the Vonage account",
    Move.VONAGE: "Vonage support",
}


@dataclass(frozen=True)
class ErrorCode:
    """One error code of the Messages API.

    ``title`` is the reference's own; ``meaning`` and ``advice`` are for staff. ``temporary`` says
    that the same message may succeed later with nothing changed; ``whose_move`` says who acts next.
    """

    code: str
    title: str
    meaning: str
    advice: str
    temporary: bool
    whose_move: Move
