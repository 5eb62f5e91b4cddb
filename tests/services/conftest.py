from collections.abc import Iterator
from copy import deepcopy

import pytest
from django.conf import settings as django_settings

from django_vonage_messages.protocol.outcomes import Outcome
from django_vonage_messages.signals import message_status_changed
from tests import backends_fake


@pytest.fixture
def outcomes(settings) -> Iterator[list[Outcome | Exception]]:
    """Put the fake backend to work and return the list of the outcomes that it gives out."""
    accounts = deepcopy(django_settings.VONAGE_MESSAGES)
    accounts["default"]["BACKEND"] = backends_fake.PATH
    settings.VONAGE_MESSAGES = accounts
    backends_fake.OUTCOMES.clear()
    backends_fake.SENT.clear()
    yield backends_fake.OUTCOMES
    backends_fake.OUTCOMES.clear()


@pytest.fixture
def changes() -> Iterator[list[tuple[str, str]]]:
    """Collect (previous status, status) of each message_status_changed."""
    seen: list[tuple[str, str]] = []

    def receiver(sender, message, previous_status, **kwargs):
        seen.append((previous_status, message.status))

    message_status_changed.connect(receiver)
    yield seen
    message_status_changed.disconnect(receiver)
