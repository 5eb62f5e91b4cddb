"""Two sites on one Vonage account: each site receives the statuses of the other site's messages."""

from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.utils import timezone

from django_vonage_messages.models import Deployment, Message, UnprocessedWebhook
from django_vonage_messages.services.db.transactions import fix_time
from django_vonage_messages.services.operations.reconcile import reconcile
from tests.counting import counted

INBOX = "/admin/vonage_messages/conversation/"


def all_rows() -> dict[str, list[Any]]:
    """Return the rows of all models, except unprocessed webhooks and the time of the last run."""
    models = apps.get_app_config("vonage_messages").get_models()
    return {
        model.__name__: list(model._default_manager.order_by("pk").values())
        for model in models
        if model not in (Deployment, UnprocessedWebhook)
    }


@pytest.fixture
def body_of_other_site(message, status_body) -> dict[str, Any]:
    """A status of a message that this site has not sent. This site has a message too."""
    return status_body(
        message, "delivered", message_uuid="sent-by-the-other-site", client_ref="order-17"
    )


@pytest.mark.django_db(transaction=True)
def test_status_of_the_other_site_costs_one_row(body_of_other_site, post_webhook):
    before = all_rows()

    with counted() as cost:
        assert post_webhook("message-status", body_of_other_site).json() == {"result": "stored"}

    assert cost.counts == (6, 0, 1), cost.summary()
    assert UnprocessedWebhook.objects.count() == 1
    assert all_rows() == before


def test_status_of_the_other_site_is_retried_for_a_day_and_has_no_notice(
    body_of_other_site, post_webhook, admin_client, caplog
):
    before = all_rows()
    post_webhook("message-status", body_of_other_site)

    attempts = []
    for hour in range(48):
        with fix_time(timezone.now() + timedelta(hours=hour)):
            assert reconcile().replayed == 0
            if hour % 8 == 0:
                assert "vonage-notices" not in admin_client.get(INBOX).content.decode()
        attempts.append(UnprocessedWebhook.objects.get().attempts)

    assert attempts[0] == 1
    assert attempts[23] == attempts[47] == 11
    row = UnprocessedWebhook.objects.get()
    assert (row.next_try_at, row.processed_at) == (None, None)
    assert all_rows() == before
    assert not [each for each in caplog.records if each.levelname in ("WARNING", "ERROR")]


def test_aged_status_is_applied_when_its_message_is_found(
    body_of_other_site, post_webhook, message
):
    """For example after the backup of a database was completed."""
    post_webhook("message-status", body_of_other_site)
    UnprocessedWebhook.objects.update(next_try_at=None)
    Message.objects.filter(pk=message.pk).update(message_uuid=None, client_ref="order-17")

    later = body_of_other_site | {"status": "read", "timestamp": "2026-01-01T14:00:09Z"}
    assert post_webhook("message-status", later).json() == {"result": "applied"}

    message.refresh_from_db()
    assert message.delivered_at is not None
    row = UnprocessedWebhook.objects.get()
    assert (row.next_try_at, row.processed_at is None) == (None, False)
