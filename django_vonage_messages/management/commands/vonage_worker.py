"""``manage.py vonage_worker``: deliver queued messages."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import Error

from django_vonage_messages.management.commands._signals import StopSignals
from django_vonage_messages.services.db.idle_connections import pool_size
from django_vonage_messages.services.operations.deployment import (
    REMEDY,
    describe_copy,
    find_original,
)
from django_vonage_messages.services.operations.worker import WorkerLoop


class Command(BaseCommand):
    help = (
        "Deliver queued messages until stopped. Several workers on several hosts can share the "
        "work. After SIGTERM or Ctrl-C the worker finishes the messages that it is sending."
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
        if threads < 1:
            raise CommandError("--threads must be 1 or more.")
        if poll <= 0:
            raise CommandError("--poll must be more than 0 seconds.")
        size = pool_size()
        if size is not None and size <= threads:
            self.stderr.write(
                f"The database's connection pool has {size} connections, and {threads} threads "
                f"need {threads + 1}: threads will wait for each other. Set max_size of the pool "
                "in DATABASES.",
                self.style.WARNING,
            )
        self._warn_of_copy()
        loop = WorkerLoop(threads=threads, poll=poll)
        if not once:
            self.stdout.write(f"Delivering messages with {threads} threads. Press Ctrl-C to stop.")
        with StopSignals(loop.stop):
            loop.run(once=once)

    def _warn_of_copy(self) -> None:
        try:
            original = find_original()
        except Error:
            return  # the worker waits for the database
        if original is not None:
            self.stderr.write(f"{describe_copy(original)} {REMEDY}", self.style.WARNING)
