"""``manage.py vonage_worker``: deliver queued messages."""

import signal
from argparse import ArgumentParser
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand

from django_vonage_messages.services.operations.worker import WorkerLoop


class Command(BaseCommand):
    help = (
        "Deliver queued messages until stopped. Several workers on several hosts can share the "
        "work. After SIGTERM or Ctrl-C the worker finishes the messages that it has claimed."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--threads",
            type=int,
            default=4,
            help="Number of messages delivered at the same time. Default: %(default)s",
        )
        parser.add_argument(
            "--poll",
            type=float,
            default=1.0,
            help="Seconds between checks while the queue is empty. Default: %(default)s",
        )
        parser.add_argument(
            "--once",
            action="store_true",
            help="Deliver the due messages, finish interrupted work, and exit (for cron).",
        )

    def handle(self, *args: Any, threads: int, poll: float, once: bool, **options: Any) -> None:
        loop = WorkerLoop(threads=threads, poll=poll)

        def stop(_signum: int, _frame: FrameType | None) -> None:
            loop.stop()

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, stop)
        if not once:
            self.stdout.write(f"Delivering messages with {threads} threads. Press Ctrl-C to stop.")
        loop.run(once=once)
