"""``manage.py vonage_worker``: delivers queued messages."""

import signal
from argparse import ArgumentParser
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand

from django_vonage_messages.services.operations.worker import WorkerLoop


class Command(BaseCommand):
    help = (
        "Deliver queued messages until stopped. Several workers, on several hosts, share the work. "
        "SIGTERM and Ctrl-C let what has been claimed finish first."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--threads", type=int, default=4, help="Messages at a time. [4]")
        parser.add_argument(
            "--poll", type=float, default=1.0, help="Seconds between looks at an empty queue. [1]"
        )
        parser.add_argument(
            "--once", action="store_true", help="Deliver what is due, sweep, and end (for cron)."
        )

    def handle(self, *args: Any, threads: int, poll: float, once: bool, **options: Any) -> None:
        loop = WorkerLoop(threads=threads, poll=poll)

        def stop(_signum: int, _frame: FrameType | None) -> None:
            loop.stop()

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, stop)
        if not once:
            self.stdout.write(f"Delivering on {threads} threads. Ctrl-C stops.")
        loop.run(once=once)
