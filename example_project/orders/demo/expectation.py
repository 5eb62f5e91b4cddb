"""Class for one check of the demo, and functions that read data of a message."""

from dataclasses import dataclass
from typing import Final

from django_vonage_messages.models import Message, Status

PATH: Final = (Status.ACCEPTED, Status.SUBMITTED, Status.DELIVERED, Status.READ)
AUTOMATIC: Final = "no user (automatic)"


@dataclass(frozen=True)
class Expectation:
    """One check: its name, the expected value and the actual value."""

    name: str
    expected: object
    found: object

    @property
    def passed(self) -> bool:
        return self.expected == self.found

    def __str__(self) -> str:
        if self.passed:
            return f"{self.name}: {_shown(self.found)}"
        expected, found = self.expected, self.found
        if isinstance(expected, set) and isinstance(found, set):
            expected, found = expected - found, found - expected
            return f"{self.name}: missing {_listed(expected)}, unexpected {_listed(found)}"
        return f"{self.name}: expected {_shown(expected)}, found {_shown(found)}"


def now(message: Message) -> Message:
    return Message.objects.get(pk=message.pk)


def path_of(message: Message) -> list[str]:
    """Return the stored statuses in the order of PATH: they can be stored in another order."""
    recorded = set(message.events.values_list("status", flat=True))
    return [status for status in PATH if status in recorded]


def author_of(message: Message) -> str:
    user = now(message).created_by
    return AUTOMATIC if user is None else user.get_username()


def _shown(value: object) -> str:
    if isinstance(value, set):
        return str(len(value))
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) or "none"
    return "none" if value is None else str(value)


def _listed(values: set[object]) -> str:
    return ", ".join(sorted(map(str, values))) or "none"
