"""The migration that plans the retries of rows from before."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from django_vonage_messages.models import SignalDispatch, UnprocessedWebhook
from tests.migrations.schema import migrate, migrate_to_newest

pytestmark = pytest.mark.slow

BEFORE = ("vonage_messages", "0006_texts_for_staff")
AFTER = ("vonage_messages", "0008_fill_next_try")


@pytest.fixture
def latest(transactional_db: None) -> Iterator[None]:
    """Return to the newest schema after the test."""
    yield
    migrate_to_newest()


WEBHOOKS = {
    # name: (reason, age in hours, processed, gets a next try)
    "failed": ("failed", 1, False, True),
    "failed-long-ago": ("failed", 1000, False, True),
    "failed-and-applied": ("failed", 1, True, False),
    "unknown": ("unknown_message", 23, False, True),
    "ambiguous": ("ambiguous_message", 23, False, True),
    "unknown-long-ago": ("unknown_message", 25, False, False),
    "unusable": ("unusable", 1, False, False),
    "workflow": ("workflow", 1, True, False),
}
SIGNALS = {
    # name: (attempts, done, gets a next try)
    "first": (1, False, True),
    "last-but-one": (19, False, True),
    "ended": (20, False, False),
    "done": (2, True, False),
}


def fill_tables(old: Any) -> None:
    now = timezone.now()
    get = old.get_model
    for name, (reason, age, is_processed, _) in WEBHOOKS.items():
        get("vonage_messages", "UnprocessedWebhook").objects.create(
            body_key=name,
            body=b"{}",
            account="default",
            reason=reason,
            received_at=now - timedelta(hours=age),
            processed_at=now if is_processed else None,
        )
    conversation = get("vonage_messages", "Conversation").objects.create(
        account="default", channel="sms", our_address="1", their_address="2", key="k"
    )
    message = get("vonage_messages", "Message").objects.create(
        direction="inbound",
        conversation=conversation,
        channel="sms",
        account="default",
        status="received",
        content_type="text",
    )
    for name, (attempts, is_done, _) in SIGNALS.items():
        get("vonage_messages", "SignalDispatch").objects.create(
            signal="message_received",
            message=message,
            attempts=attempts,
            error=name,
            done_at=now if is_done else None,
        )


def check_next_tries() -> None:
    assert {row.body_key: row.next_try_at for row in UnprocessedWebhook.objects.all()} == {
        row.body_key: row.received_at if WEBHOOKS[row.body_key][3] else None
        for row in UnprocessedWebhook.objects.all()
    }
    assert {row.error: row.next_try_at for row in SignalDispatch.objects.all()} == {
        row.error: row.created_at if SIGNALS[row.error][2] else None
        for row in SignalDispatch.objects.all()
    }
    assert (UnprocessedWebhook.objects.count(), SignalDispatch.objects.count()) == (8, 4)


def test_open_rows_get_their_next_try(latest: None) -> None:
    fill_tables(migrate(BEFORE))
    migrate(AFTER)
    check_next_tries()


def test_interrupted_migration_can_be_run_again(
    latest: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill_tables(migrate(BEFORE))
    migration = "django_vonage_messages.migrations.0008_fill_next_try"
    monkeypatch.setattr(f"{migration}.BATCH", 1)
    module = __import__(migration, fromlist=["batches"])
    real = module.batches

    def stop_at_the_second(rows: Any) -> Iterator[Any]:
        yield next(real(rows))
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(module, "batches", stop_at_the_second)
        with pytest.raises(KeyboardInterrupt):
            migrate(AFTER)
    assert UnprocessedWebhook.objects.filter(next_try_at__isnull=False).count() == 1
    migrate(AFTER)
    check_next_tries()


def test_migration_can_be_reversed(latest: None) -> None:
    fill_tables(migrate(BEFORE))
    migrate(AFTER)
    old = migrate(BEFORE)
    assert old.get_model("vonage_messages", "UnprocessedWebhook").objects.count() == 8
