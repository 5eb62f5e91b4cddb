"""``manage.py vonage_replay``: applies unprocessed webhooks."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from django_vonage_messages.models import UnprocessedWebhook
from django_vonage_messages.services.db.transactions import primary
from django_vonage_messages.services.receiving.receive import replay_unprocessed, replay_webhook


class Command(BaseCommand):
    help = "Apply unprocessed webhooks: the one named, or all that are open, oldest first."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("ids", nargs="*", type=int, help="Ids of unprocessed webhooks.")
        parser.add_argument("--limit", type=int, default=10_000, help="At most so many. [10000]")

    def handle(self, *args: Any, ids: list[int], limit: int, **options: Any) -> None:
        if not ids:
            applied, still_open = replay_unprocessed(limit)
            self.stdout.write(f"Applied {applied}; {still_open} still open.")
            return
        for pk in ids:
            webhook = primary(UnprocessedWebhook).filter(pk=pk).first()
            if webhook is None:
                raise CommandError(f"There is no unprocessed webhook {pk}.")
            done = "applied" if replay_webhook(webhook) else "still cannot be applied"
            self.stdout.write(f"{pk}: {done}")
