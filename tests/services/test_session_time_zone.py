"""Leases and due times use the database's clock in every session time zone."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from django_vonage_messages import queue_message
from django_vonage_messages.models import Message
from django_vonage_messages.services.delivery.claims import LEASE, claim

pytestmark = pytest.mark.django_db(transaction=True)
_SET = {"mysql": "SET time_zone = %s", "postgresql": "SELECT set_config('TimeZone', %s, false)"}


@pytest.fixture(params=["+05:00", "-05:00"])
def zone(request):
    """Set a session time zone other than UTC, if the database has session time zones."""
    if connection.vendor not in _SET:
        pytest.skip("SQLite has no session time zones.")
    with connection.cursor() as cursor:
        cursor.execute(_SET[connection.vendor], [request.param])
    yield
    connection.close()


def test_due_times_and_leases_ignore_the_session_time_zone(zone):
    now = timezone.now()
    due = queue_message("447700900000", "Now")
    later = queue_message("447700900000", "Later", send_at=now + timedelta(hours=1))

    assert claim(later.pk) is None
    assert claim(due.pk) is not None

    row = Message.objects.get(pk=due.pk)
    assert abs(row.due_at - now) < timedelta(minutes=1)
    assert abs(row.claim_expires_at - now - LEASE) < timedelta(minutes=1)
