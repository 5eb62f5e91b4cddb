"""The queries and the export of the page about costs."""

import csv
import io
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from django_vonage_messages.models import Message
from django_vonage_messages.testing import simulate_inbound, simulate_status
from tests.docs.blocks import ROOT
from tests.docs.running import run_page


@pytest.fixture
def page(namespace: dict[str, Any], tmp_path: Any) -> dict[str, Any]:
    message = Message.objects.outbound().exclude(status="failed").get()
    Message.objects.update(created_at=datetime(2026, 4, 30, tzinfo=UTC))
    for _ in range(2):
        simulate_status(message, "submitted", price="0.0333")
    inbound = simulate_inbound("447700900000", "Thank you", price="0.01", num_messages=2)
    Message.objects.filter(pk=inbound.pk).update(created_at=datetime(2026, 5, 1, 12, tzinfo=UTC))
    run_page(ROOT / "docs" / "costs.md", namespace, tmp_path)
    return namespace


def test_months_have_their_costs(page: dict[str, Any]) -> None:
    found = [(row["month"].month, row["count"], row["cost"]) for row in page["per_month"]]
    assert found == [(4, 1, Decimal("0.0333")), (5, 1, Decimal("0.01"))]


def test_costs_are_grouped(page: dict[str, Any]) -> None:
    found = {
        row["direction"]: (row["cost"], row["segments"]) for row in page["costs_by"]("direction")
    }
    assert found == {"outbound": (Decimal("0.0333"), None), "inbound": (Decimal("0.01"), 2)}
    for columns in (["channel"], ["account", "channel"], ["our_address"], ["pricing__category"]):
        assert [row["count"] for row in page["costs_by"](*columns)] == [2]


def test_export_has_a_row_for_each_message(page: dict[str, Any]) -> None:
    file = io.StringIO(newline="")
    page["export_costs"](file)
    rows = list(csv.DictReader(io.StringIO(file.getvalue())))
    assert [Decimal(row["price"]) for row in rows] == [Decimal("0.0333"), Decimal("0.01")]
    assert [row["direction"] for row in rows] == ["outbound", "inbound"]
