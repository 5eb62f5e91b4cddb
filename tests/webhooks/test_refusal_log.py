"""Refusals are logged once per reason in five minutes, and counted."""

import pytest
from django.db import InterfaceError, OperationalError, connection

from django_vonage_messages.models import WebhookRefusal
from django_vonage_messages.webhooks import refusals
from tests.webhooks.reference_bodies import INBOUND

pytestmark = pytest.mark.django_db


@pytest.fixture
def clock(monkeypatch):
    now = [1000.0]
    monkeypatch.setattr(refusals.time, "monotonic", lambda: now[0])
    return now


@pytest.fixture
def lines(caplog):
    """Return the logged errors, and check that Django logs none of its own."""

    def read():
        assert not [record for record in caplog.records if record.name == "django.request"]
        records = [record for record in caplog.records if record.levelname == "ERROR"]
        return [record.getMessage() for record in records]

    return read


def test_each_reason_is_logged_and_written_once_in_five_minutes(post_webhook, clock, lines):
    for _ in range(40):
        assert post_webhook("inbound-message", INBOUND, secret=None).status_code == 503
        assert (
            post_webhook("inbound-message", INBOUND, api_key="else", secret="x").status_code == 401
        )
    first, second = lines()
    assert first.startswith("Refused 1 webhook(s) with HTTP 503: ")
    assert second.startswith("Refused 1 webhook(s) with HTTP 401: ")
    assert set(WebhookRefusal.objects.values_list("count", flat=True)) == {1}

    clock[0] += 299
    post_webhook("inbound-message", INBOUND, secret=None)
    assert len(lines()) == 2

    clock[0] += 1
    post_webhook("inbound-message", INBOUND, secret=None)
    assert lines()[2].startswith("Refused 41 webhook(s) with HTTP 503: ")
    row = WebhookRefusal.objects.get(reason="missing_token")
    assert row.count == 42
    assert row.first_at < row.last_at


def test_log_line_names_the_remedy(post_webhook, lines):
    post_webhook("inbound-message", INBOUND, secret="wrong")
    assert lines() == [
        "Refused 1 webhook(s) with HTTP 503: The token names an account of this site, but no "
        "configured secret matches. Compare SIGNATURE_SECRETS with the signature secret in the "
        "Vonage dashboard."
    ]


@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
def test_refusal_needs_no_database(post_webhook, lines, error):
    def down(*args):
        raise error("447700900000 Where is my order?")

    with connection.execute_wrapper(down):
        response = post_webhook("inbound-message", INBOUND, secret=None)
    assert response.status_code == 503
    assert len(lines()) == 1


def test_many_failures_without_a_database_are_one_line(post_webhook, clock, lines):
    def down(*args):
        raise InterfaceError("447700900000 Where is my order?")

    with connection.execute_wrapper(down):
        for _ in range(10):
            assert post_webhook("inbound-message", INBOUND).status_code == 503
    assert len(lines()) == 1


def test_wrong_method_is_not_counted_as_a_refusal(client):
    assert client.delete("/webhooks/inbound-message").status_code == 405
    assert not WebhookRefusal.objects.exists()
