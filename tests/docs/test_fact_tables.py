"""Tables that repeat facts of the code."""

from django_vonage_messages.models import Status
from django_vonage_messages.protocol.statuses import RANKS
from django_vonage_messages.webhooks.refusals import WebhookRefused
from tests.docs.tables import page, rows_of


def test_every_status_is_listed_with_its_rank() -> None:
    rows = rows_of("delivery", "Status")
    assert [status for status, *_ in rows] == list(Status.values)
    assert {status: int(rank) for status, _who, rank, _meaning in rows if rank} == RANKS


def test_every_refusal_is_listed_with_its_status_code() -> None:
    documented = {reason: int(code) for code, reason, _when in rows_of("receiving", "Answer")}
    refusals = {refusal.reason: refusal.status_code for refusal in WebhookRefused.__subclasses__()}
    results = {"applied": 200, "duplicate": 200, "stored": 200}
    assert documented == results | refusals


def test_generated_tables_have_their_directives() -> None:
    codes = page("error-codes").read_text(encoding="utf-8")
    assert codes.index("```{error-codes}") < codes.index("```{http-errors}")
    assert "```{simulator-outcomes}" in page("simulator").read_text(encoding="utf-8")
