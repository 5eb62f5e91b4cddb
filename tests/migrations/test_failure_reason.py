"""The migration that moves failure reasons from payloads and titles to columns."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from django_vonage_messages.models import FailureReason, Message, StatusEvent
from tests.migrations.schema import migrate, migrate_to_newest

pytestmark = pytest.mark.slow

BEFORE = ("vonage_messages", "0003_v1")
COLUMNS = ("vonage_messages", "0004_failure_reason")
AFTER = ("vonage_messages", "0005_fill_failure_reason")
SUPPRESSED = "The recipient must not be messaged: a suppression is in force"


def outcome(verdict: str, retry_after: float | None = None, instance: str = "") -> dict[str, Any]:
    return {"verdict": verdict, "retry_after": retry_after, "instance": instance}


MESSAGES: dict[str, tuple[str, list[tuple[str, str, dict[str, Any]]]]] = {
    # name: (status of the message, its local events as (status, title, payload))
    "accepted": ("accepted", [("sending", "", {}), ("accepted", "", outcome("accepted"))]),
    "rejected": (
        "failed",
        [("sending", "", {}), ("failed", "Bad", outcome("rejected", None, "i-1"))],
    ),
    "unsendable": ("failed", [("failed", "No", outcome("unsendable"))]),
    "unreachable": ("failed", [("failed", "No connection", outcome("not_sent"))]),
    "retried": ("queued", [("queued", "Slow down", outcome("throttled", 7.5))]),
    "broken": ("unconfirmed", [("unconfirmed", "Broke", outcome("unconfirmed"))]),
    "interrupted": ("unconfirmed", [("unconfirmed", "The attempt was interrupted", {})]),
    "expired": ("expired", [("expired", "Not sent before it expired", {})]),
    "suppressed": ("failed", [("failed", SUPPRESSED, {})]),
    "stopped": ("cancelled", [("cancelled", "Not needed: a message before it arrived", {})]),
    "cancelled": ("cancelled", [("cancelled", "", {})]),
    "settled": (
        "failed",
        [
            ("unconfirmed", "Broke", outcome("unconfirmed")),
            ("failed", "Settled by hand as not sent", {"settled_by": None}),
        ],
    ),
    "delivered": ("delivered", [("failed", "Bad", outcome("rejected"))]),
}
OLD_REASONS = {*FailureReason.values, ""} - {FailureReason.NOT_ALLOWED}  # added later
REASONS = {
    "accepted": "",
    "rejected": "rejected",
    "unsendable": "unsendable",
    "unreachable": "not_sent",
    "retried": "throttled",
    "broken": "unconfirmed",
    "interrupted": "interrupted",
    "expired": "expired",
    "suppressed": "suppressed",
    "stopped": "workflow_stopped",
    "cancelled": "",
    "settled": "settled",
    "delivered": "",  # Vonage's evidence outranks this site's own failure
}


@pytest.fixture
def old(transactional_db: None) -> Any:
    """Return the models of the previous schema, with a row in every table."""
    old = migrate(BEFORE)
    yield old
    migrate_to_newest()


def fill_every_table(old: Any) -> User:
    user = User.objects.create_user("ada")
    now = timezone.now()
    get = old.get_model
    conversation = get("vonage_messages", "Conversation").objects.create(
        account="default", channel="sms", our_address="1", their_address="2", key="k"
    )
    workflow = get("vonage_messages", "Workflow").objects.create(
        account="default", failover_by="local"
    )
    for name, (status, events) in MESSAGES.items():
        message = get("vonage_messages", "Message").objects.create(
            direction="outbound",
            conversation=conversation,
            channel="sms",
            account="default",
            status=status,
            client_ref=name,
            content_type="text",
            workflow=workflow if name == "stopped" else None,
        )
        for number, (event_status, title, payload) in enumerate(events):
            if "settled_by" in payload:
                payload = {"settled_by": str(user.pk)}
            event = get("vonage_messages", "StatusEvent").objects.create(
                message=message,
                source="local",
                status=event_status,
                error_title=title,
                payload=payload,
                dedupe_key=f"{name}-{number}",
            )
    get("vonage_messages", "StatusEvent").objects.create(
        message=message,
        source="vonage",
        status="delivered",
        payload={"verdict": "a word of theirs"},
        dedupe_key="by-vonage",
    )
    get("vonage_messages", "SignalDispatch").objects.create(
        signal="message_status_changed", message=message, event=event, error="LookupError"
    )
    get("vonage_messages", "UnprocessedWebhook").objects.create(
        body_key="b", body=b"{}", account="default", reason="failed"
    )
    get("vonage_messages", "WebhookRefusal").objects.create(reason="not_vonage", count=2)
    get("vonage_messages", "Suppression").objects.create(address="2", evidence="asked")
    get("vonage_messages", "Worker").objects.create(name="host:1", seen_at=now)
    empty = [
        model._meta.object_name
        for model in old.get_app_config("vonage_messages").get_models()
        if not model.objects.exists()
    ]
    assert empty == []
    return user


def test_reasons_are_filled_from_payloads_and_titles(old: Any) -> None:
    user = fill_every_table(old)
    migrate(AFTER)

    found = dict(Message.objects.values_list("client_ref", "reason"))
    assert found == REASONS
    assert set(REASONS.values()) == OLD_REASONS
    events = {event.dedupe_key: event for event in StatusEvent.objects.all()}
    assert events["retried-0"].retry_after == 7.5
    assert events["rejected-1"].payload == {"instance": "i-1"}
    assert events["settled-1"].settled_by == user
    assert events["settled-1"].reason == "settled"
    assert events["delivered-0"].reason == "rejected"
    assert events["by-vonage"].payload == {"verdict": "a word of theirs"}
    assert events["by-vonage"].reason == ""
    local = [event for key, event in events.items() if key != "by-vonage"]
    assert not [event for event in local if {"verdict", "settled_by"} & event.payload.keys()]


def test_interrupted_migration_can_be_run_again(old: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    fill_every_table(old)
    migrate(COLUMNS)
    real = StatusEvent.objects.none().__class__.bulk_update
    runs: list[int] = []

    def update_once(self: Any, *args: Any, **kwargs: Any) -> Any:
        runs.append(1)
        if len(runs) > 1:
            raise KeyboardInterrupt
        return real(self, *args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr("django.db.models.query.QuerySet.bulk_update", update_once)
        with pytest.raises(KeyboardInterrupt):
            migrate(AFTER)
    migrate(AFTER)
    assert dict(Message.objects.values_list("client_ref", "reason")) == REASONS
    assert StatusEvent.objects.get(dedupe_key="retried-0").retry_after == 7.5


def test_migration_can_be_reversed(old: Any) -> None:
    fill_every_table(old)
    migrate(AFTER)
    state = migrate(BEFORE)
    events = state.get_model("vonage_messages", "StatusEvent").objects
    assert events.get(dedupe_key="retried-0").payload == {
        "verdict": "throttled",
        "retry_after": 7.5,
    }
    assert events.get(dedupe_key="settled-1").payload["settled_by"]


@pytest.mark.parametrize("settled_by", ["None", "ada", "1d4bf9b0-6f2e-4f0f-8e7a-111111111111"])
def test_settler_without_a_user_does_not_stop_the_migration(old: Any, settled_by: str) -> None:
    """Old rows contain "None" for ``AnonymousUser``, or user keys of another type."""
    fill_every_table(old)
    events = old.get_model("vonage_messages", "StatusEvent").objects
    events.filter(dedupe_key="settled-1").update(payload={"settled_by": settled_by})
    migrate(AFTER)
    settled = StatusEvent.objects.get(dedupe_key="settled-1")
    assert (settled.reason, settled.settled_by_id, settled.payload) == ("settled", None, {})


def test_invalid_retry_after_does_not_stop_the_migration(old: Any) -> None:
    fill_every_table(old)
    events = old.get_model("vonage_messages", "StatusEvent").objects
    events.filter(dedupe_key="retried-0").update(
        payload={"verdict": "throttled", "retry_after": "soon"}
    )
    migrate(AFTER)
    retried = StatusEvent.objects.get(dedupe_key="retried-0")
    assert (retried.reason, retried.retry_after) == ("throttled", None)


def test_starts_and_acceptances_are_not_updated_in_bulk(
    old: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Most events are starts or acceptances, and bulk_update takes over a second per 1000 rows."""
    fill_every_table(old)
    migrate(COLUMNS)
    real = StatusEvent.objects.none().__class__.bulk_update
    updated: list[Any] = []

    def recorded_bulk_update(self: Any, rows: Any, *args: Any, **kwargs: Any) -> Any:
        updated.extend(rows)
        return real(self, rows, *args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr("django.db.models.query.QuerySet.bulk_update", recorded_bulk_update)
        migrate(AFTER)
    assert {row.reason for row in updated} | {""} == OLD_REASONS
    assert StatusEvent.objects.get(dedupe_key="accepted-1").payload == {}
