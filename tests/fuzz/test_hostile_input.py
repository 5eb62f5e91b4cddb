"""Thousands of hostile requests: no 500, nothing unverified stored, nothing verified lost.

``FUZZ_SEED`` selects another campaign, ``FUZZ_REQUESTS`` sets the size of the short one.
"""

import logging
import os
import time
from collections.abc import Callable, Iterator

import django
import pytest
from django.core import mail

from tests.fuzz.campaign import Campaign
from tests.fuzz.tokens import API_KEY, OTHER_KEY, OTHER_SECRET, SECRETS

SEED = int(os.environ.get("FUZZ_SEED", "20261123"))
LOCMEM = "django_vonage_messages.backends.locmem.LocMemBackend"
REFUSED = {
    "not_vonage",
    "missing_token",
    "wrong_header",
    "wrong_algorithm",
    "wrong_secret",
    "wrong_body",
    "body_too_large",
}
PRIVATE = (*SECRETS, OTHER_SECRET, "447700900000", "Hello From Vonage", "eyJ")


@pytest.fixture
def _site(settings) -> None:
    """Two accounts, one during a rotation of its secret, on a site that mails errors."""
    settings.ADMINS = (
        ["admin@example.org"] if django.VERSION >= (6,) else [("A", "admin@example.org")]
    )
    if django.VERSION >= (6, 1):
        settings.MAILERS = {"default": {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"}}
    settings.VONAGE_MESSAGES = {
        "default": {
            "BACKEND": LOCMEM,
            "API_KEY": API_KEY,
            "SIGNATURE_SECRETS": SECRETS,
            "SENDERS": {"sms": "447700900001"},
        },
        "other": {
            "BACKEND": LOCMEM,
            "API_KEY": OTHER_KEY,
            "SIGNATURE_SECRETS": [OTHER_SECRET],
            "SENDERS": {"sms": "447700900002"},
        },
    }
    logging.getLogger("django.request").error("A proof that errors of Django's own are mailed.")
    assert len(mail.outbox) == 1
    mail.outbox.clear()


@pytest.fixture
def lines(_site) -> Iterator[list[logging.LogRecord]]:
    """Log records of level WARNING and above, from every logger."""
    records: list[logging.LogRecord] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            records.append(record)

    handler = Keep(logging.WARNING)
    logging.getLogger().addHandler(handler)
    yield records
    logging.getLogger().removeHandler(handler)


@pytest.fixture
def play(lines, record_property) -> Callable[[int], None]:
    """Run a campaign and check the totals and the log."""

    def run(count: int) -> None:
        began = time.monotonic()
        campaign = Campaign(SEED)
        campaign.run(count)
        periods = 1 + int((time.monotonic() - began) / 300)

        answers = campaign.answers
        assert sum(answers.values()) == count
        assert set(answers) - {"no_length"} == {"applied", "duplicate", "stored", *REFUSED}
        assert min(answers["applied"], answers["stored"], answers["wrong_body"]) > count / 50
        log_lines = [logging.Formatter().format(line) for line in lines]
        assert len(log_lines) <= (len(REFUSED) + 1) * periods
        assert all(line.startswith("Refused ") for line in log_lines)
        assert not [text for text in PRIVATE for line in log_lines if text in line]
        assert mail.outbox == []
        record_property("answers", dict(answers))
        print(f"{count} requests in {campaign.seconds:.1f} s: {dict(answers)}")  # noqa: T201

    return run


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_site_survives_hostile_requests(play):
    play(int(os.environ.get("FUZZ_REQUESTS", "3000")))


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_site_survives_a_hundred_thousand_hostile_requests(play):
    play(100_000)
