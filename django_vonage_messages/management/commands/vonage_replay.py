"""``manage.py vonage_replay``: try again to process the unprocessed webhooks."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from django_vonage_messages.management.commands._progress import Progress
from django_vonage_messages.models import UnprocessedWebhook
from django_vonage_messages.services.db.transactions import primary
from django_vonage_messages.services.receiving.receive import replay_all, replay_webhook
from django_vonage_messages.services.receiving.unprocessed import open_webhooks


class Command(BaseCommand):
    help = (
        "Apply the unprocessed webhooks with these ids. If no id is given, apply all, and first "
        "those that failed because of an error on this site."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("ids", nargs="*", type=int, help="Ids of unprocessed webhooks.")
        parser.add_argument(
            "--limit",
            type=int,
            help="Maximum number of webhooks if no id is given. Default: no maximum.",
        )

    def handle(self, *args: Any, ids: list[int], limit: int | None, **options: Any) -> None:
        if not ids:
            self._replay_all(limit)
            return
        for pk in ids:
            webhook = primary(UnprocessedWebhook).filter(pk=pk).first()
            if webhook is None:
                raise CommandError(f"There is no unprocessed webhook {pk}.")
            done = "applied" if replay_webhook(webhook) else "still cannot be applied"
            self.stdout.write(f"{pk}: {done}")

    def _replay_all(self, limit: int | None) -> None:
        with Progress(self.stdout) as progress:
            progress.add("applied", 0)
            for count in replay_all(limit):
                progress.add("applied", count)
            progress.add("still unprocessed", open_webhooks().count())
