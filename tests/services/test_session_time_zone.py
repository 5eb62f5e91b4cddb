"""Leases and due times are by the database's clock, whatever time zone its sessions are in."""

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
    """Put the session into a time zone that is not UTC, where sessions have one."""
    if connection.vendor not in _SET:
        pytest.skip("SQLite's clock knows UTC alone.")
    with connection.cursor() as cursor:
        cursor.execute(_SET[connection.vendor], [request.param])
    yield
    connection.close()


def test_a_message_is_due_now_and_another_in_an_hour(zone):
    now = timezone.now()
    due = queue_message("447700900000", "Now")
    later = queue_message("447700900000", "Later", send_at=now + timedelta(hours=1))

    assert claim(later.pk) is None
    assert claim(due.pk) is not None

    row = Message.objects.get(pk=due.pk)
    assert abs(row.due_at - now) < timedelta(minutes=1)
    assert abs(row.claim_expires_at - now - LEASE) < timedelta(minutes=1)
