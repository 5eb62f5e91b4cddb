"""One thing that must be so, and what the database says of a message now."""

from dataclasses import dataclass
from typing import Final

from django_vonage_messages.models import Message, Status

PATH: Final = (Status.ACCEPTED, Status.SUBMITTED, Status.DELIVERED, Status.READ)
NOBODY: Final = "nobody (automatic)"


@dataclass(frozen=True)
class Expectation:
    """One thing that must be so."""

    what: str
    expected: object
    found: object

    @property
    def came_true(self) -> bool:
        return self.expected == self.found

    def __str__(self) -> str:
        if self.came_true:
            return f"{self.what}: {_shown(self.found)}"
        expected, found = self.expected, self.found
        if isinstance(expected, set) and isinstance(found, set):
            expected, found = expected - found, found - expected
            return f"{self.what}: missing {_listed(expected)}, unexpected {_listed(found)}"
        return f"{self.what}: expected {_shown(expected)}, found {_shown(found)}"


def now(message: Message) -> Message:
    return Message.objects.get(pk=message.pk)


def path_of(message: Message) -> list[str]:
    """What of the path is recorded: a webhook may be quicker than the answer to the send."""
    recorded = set(message.events.values_list("status", flat=True))
    return [status for status in PATH if status in recorded]


def author_of(message: Message) -> str:
    user = now(message).created_by
    return NOBODY if user is None else user.get_username()


def _shown(value: object) -> str:
    if isinstance(value, set):
        return f"{len(value)} of them"
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) or "none"
    return "none" if value is None else str(value)


def _listed(values: set[object]) -> str:
    return ", ".join(sorted(map(str, values))) or "none"
