"""``manage.py vonage_hold``: hold or release all queued messages."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from django_vonage_messages.management.commands._progress import Progress
from django_vonage_messages.services.operations.hold import (
    hold_messages,
    pending_receivers,
    release_messages,
)


class Command(BaseCommand):
    help = (
        "Hold all queued messages, for example after a backup was restored: no process sends them "
        "until --release. You can interrupt the command and run it again."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--release",
            action="store_true",
            help="Release the held messages. Recipients that are not allowed stay held.",
        )

    def handle(self, *args: Any, release: bool, **options: Any) -> None:
        if release:
            self._release()
        else:
            self._hold()

    def _hold(self) -> None:
        with Progress(self.stdout) as progress:
            progress.add("held", 0)
            for count in hold_messages():
                progress.add("held", count)
        signals, webhooks = pending_receivers()
        if signals or webhooks:
            self.stdout.write(
                f"Not held: failed signals: {signals:,}, unprocessed webhooks: {webhooks:,}. A "
                "worker and vonage_reconcile run their receivers again, and a receiver can send "
                "messages.",
                self.style.WARNING,
            )

    def _release(self) -> None:
        with Progress(self.stdout) as progress:
            progress.show({"released": 0, "not allowed": 0})
            for batch in release_messages():
                progress.add("released", batch.released)
                progress.add("not allowed", batch.not_allowed)
