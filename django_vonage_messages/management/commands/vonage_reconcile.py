"""``manage.py vonage_reconcile``: finish interrupted work."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from django_vonage_messages.management.commands._progress import Progress
from django_vonage_messages.services.operations.reconcile import reconcile_in_steps


class Command(BaseCommand):
    help = (
        "Finish interrupted work, and exit: deliver overdue messages, mark interrupted attempts as "
        "unconfirmed, retry failed signal receivers, and apply unprocessed webhooks. You can run "
        "this command at any time. vonage_worker does the same every minute."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--limit",
            type=int,
            default=500,
            help="Maximum number of rows of each kind. Default: %(default)s",
        )

    def handle(self, *args: Any, limit: int, **options: Any) -> None:
        if limit < 1:
            raise CommandError("--limit must be 1 or more.")
        with Progress(self.stdout) as progress:
            for done in reconcile_in_steps(limit):
                progress.show(done.counts())
