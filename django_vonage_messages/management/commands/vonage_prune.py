"""``manage.py vonage_prune``: remove old records."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError

from django_vonage_messages.management.commands._progress import Progress
from django_vonage_messages.services.operations.prune import RETENTION_RULES, prune

MAX_DAYS: Final = 36_500


class Command(BaseCommand):
    help = (
        "Remove old records. Give an age in days for each kind of record that you want to remove. "
        "Records of other kinds are kept. You can interrupt the command and run it again."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        for rule in RETENTION_RULES:
            parser.add_argument(f"--{rule.name}", type=int, metavar="DAYS", help=rule.help)
        parser.add_argument("--dry-run", action="store_true", help="Count, but remove nothing.")

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        ages = [(rule, options[rule.name.replace("-", "_")]) for rule in RETENTION_RULES]
        chosen = [(rule, days) for rule, days in ages if days is not None]
        if not chosen:
            raise CommandError("Give an age for at least one kind, for example --webhooks 30.")
        if any(not 0 <= days <= MAX_DAYS for _rule, days in chosen):
            raise CommandError(f"An age must be a number of days from 0 to {MAX_DAYS}.")
        unit = " would be removed" if dry_run else " removed"
        with Progress(self.stdout, unit=unit) as progress:
            for rule, days in chosen:
                progress.add(rule.name, 0)
                for count in prune(rule, timedelta(days=days), dry_run=dry_run):
                    progress.add(rule.name, count)
