"""Failures of this site: the webhook is stored and Vonage is asked to retry (503)."""

import pytest
from django.db import DatabaseError, IntegrityError, OperationalError, connection

from django_vonage_messages.models import UnprocessedWebhook
from django_vonage_messages.services.db import transactions
from django_vonage_messages.services.receiving import receive as receive_module
from django_vonage_messages.services.receiving import status_webhooks
from tests.webhooks.reference_bodies import INBOUND

pytestmark = pytest.mark.django_db
ERRORS = [
    ValueError("447700900000 said: Where is my order?"),
    RecursionError(),
    UnicodeEncodeError("utf-8", "\0\ud800", 1, 2, "surrogates"),
    DatabaseError("Failing row contains (1, 447700900000, Where is my order?)"),
    IntegrityError("duplicate key: 447700900000"),
    OperationalError("the connection is gone"),
]


@pytest.fixture(autouse=True)
def _debug(settings):
    settings.DEBUG = True


def _raise(error):
    def function(*args, **kwargs):
        raise error

    return function


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("kind", ["status", "inbound"])
def test_failed_webhook_is_stored_and_applied_at_its_retry(
    message, post_webhook, status_body, inbound_body, monkeypatch, stored, error, kind, caplog
):
    body = status_body(message, "delivered") if kind == "status" else inbound_body()
    with monkeypatch.context() as patch:
        patch.setattr(status_webhooks, "record_status", _raise(error))
        patch.setattr(receive_module, "_record_inbound", _raise(error))
        for deliveries in (1, 2):
            response = post_webhook("message-status", body)
            assert (response.status_code, response.json()["reason"]) == (503, "not_applied")
            assert "WWW-Authenticate" not in response.headers
            webhook = UnprocessedWebhook.objects.get()
            assert (webhook.reason, webhook.deliveries) == ("failed", deliveries)
            assert type(error).__name__ in webhook.detail
            assert stored() == (1, 0, 0)
    errors = [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]
    assert len(errors) == 1
    assert type(error).__name__ in errors[0]

    assert post_webhook("message-status", body).json() == {"result": "applied"}
    webhook.refresh_from_db()
    assert webhook.processed_at is not None
    assert sum(stored()) == 2


@pytest.mark.parametrize("kind", ["status", "inbound"])
def test_duplicate_marks_a_failed_webhook_as_processed(
    message, post_webhook, status_body, inbound_body, monkeypatch, kind
):
    """The commit succeeded, but the response was lost."""
    body = status_body(message, "delivered") if kind == "status" else inbound_body()
    module = status_webhooks if kind == "status" else receive_module
    real = module.run_committed

    def run_and_fail(work, **options):
        real(work, **options)
        raise OperationalError("the connection is gone")

    with monkeypatch.context() as patch:
        patch.setattr(module, "run_committed", run_and_fail)
        assert post_webhook("message-status", body).status_code == 503
    assert UnprocessedWebhook.objects.get().processed_at is None
    assert post_webhook("message-status", body).json() == {"result": "duplicate"}
    assert UnprocessedWebhook.objects.get().processed_at is not None


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("body", [INBOUND, b"of no use"], ids=["inbound", "unusable"])
def test_webhook_is_refused_without_a_database(post_webhook, stored, body):
    def down(*args):
        raise OperationalError("could not connect")

    with connection.execute_wrapper(down):
        response = post_webhook("inbound-message", body)
    assert (response.status_code, response.json()["reason"]) == (503, "not_applied")
    assert stored() == (0, 0, 0)
    assert post_webhook("inbound-message", body).status_code == 200


def test_webhook_that_cannot_be_stored_is_refused_for_a_retry(post_webhook, monkeypatch, stored):
    monkeypatch.setattr(receive_module, "store_unprocessed", _raise(DatabaseError("disk full")))
    assert post_webhook("inbound-message", b"of no use").status_code == 503
    assert stored() == (0, 0, 0)


def test_exception_of_a_database_router_is_refused_for_a_retry(post_webhook, monkeypatch):
    monkeypatch.setattr(transactions, "write_database", _raise(LookupError("no database")))
    assert post_webhook("inbound-message", INBOUND).status_code == 503
