"""``manage.py vonage_reconcile``: finishes what a crash left behind, once."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from django_vonage_messages.services.operations.reconcile import reconcile


class Command(BaseCommand):
    help = (
        "Sweep once: deliver overdue messages, call interrupted attempts unconfirmed, run the "
        "receivers that failed, and apply webhooks that could not be applied. Safe at any time "
        "and as often as you like; vonage_worker does it every minute."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--limit", type=int, default=500, help="Rows of each kind. [500]")

    def handle(self, *args: Any, limit: int, **options: Any) -> None:
        self.stdout.write(str(reconcile(limit)))
