"""Fill ``next_try_at`` of the unprocessed webhooks and failed signals from before.

In batches, and outside a transaction: it can be stopped and run again.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.db import migrations
from django.db.models import F
from django.utils import timezone

BATCH = 500  # old versions of SQLite take 999 parameters
LAST_ATTEMPT = 20  # of a failed signal


def fill(apps: Any, schema_editor: Any) -> None:
    alias = schema_editor.connection.alias
    webhooks = apps.get_model("vonage_messages", "UnprocessedWebhook").objects.using(alias)
    pending = webhooks.filter(processed_at=None, next_try_at=None)
    # Errors of this site get another attempt at any age: the new release may have fixed the cause.
    for pks in batches(pending.filter(reason="failed")):
        webhooks.filter(pk__in=pks).update(next_try_at=F("received_at"))
    day_ago = timezone.now() - timedelta(days=1)
    unmatched = pending.filter(reason__in=("unknown_message", "ambiguous_message"))
    for pks in batches(unmatched.filter(received_at__gt=day_ago)):
        webhooks.filter(pk__in=pks).update(next_try_at=F("received_at"))

    signals = apps.get_model("vonage_messages", "SignalDispatch").objects.using(alias)
    failed = signals.filter(done_at=None, next_try_at=None, attempts__lt=LAST_ATTEMPT)
    for pks in batches(failed):
        signals.filter(pk__in=pks).update(next_try_at=F("created_at"))


def batches(rows: Any) -> Iterator[list[int]]:
    last = 0
    while pks := list(rows.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:BATCH]):
        yield pks
        last = pks[-1]


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("vonage_messages", "0007_queue_and_retries")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
