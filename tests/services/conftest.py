from collections.abc import Iterator

import pytest

from django_vonage_messages.signals import message_status_changed


@pytest.fixture
def changes() -> Iterator[list[tuple[str, str]]]:
    """Collect (previous status, status) of each message_status_changed."""
    seen: list[tuple[str, str]] = []

    def receiver(sender, message, previous_status, **kwargs):
        seen.append((previous_status, message.status))

    message_status_changed.connect(receiver)
    yield seen
    message_status_changed.disconnect(receiver)
