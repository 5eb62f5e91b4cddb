"""Counts of a command that runs for long, on a line of the terminal, and its interruption."""

import shutil
from collections.abc import Mapping
from types import TracebackType
from typing import Final, Self

from django.core.management.base import CommandError, OutputWrapper

from django_vonage_messages.management.commands._signals import StopSignals

_INTERRUPTED_EXIT_CODE: Final = 130
"""Exit code of a shell command after Ctrl-C."""


class _Interrupted(Exception):
    pass


class Progress:
    """Counts by name. On a terminal, one line shows them while the command runs.

    The line of the last counts is printed at the end, also after Ctrl-C or SIGTERM. A first signal
    stops the command at the next count, and a second signal stops it at once.
    """

    def __init__(self, stdout: OutputWrapper, *, unit: str = "") -> None:
        self._stdout = stdout
        self._unit = unit
        self._counts: dict[str, int] = {}
        self._signals = StopSignals(self._interrupt)
        self._is_interrupted = False

    def add(self, name: str, count: int) -> None:
        """Add to a count. Stop the command if a signal has arrived."""
        self.show({name: self._counts.get(name, 0) + count})

    def show(self, counts: Mapping[str, int]) -> None:
        """Set counts. Stop the command if a signal has arrived."""
        self._counts.update(counts)
        if self._stdout.isatty():
            # Return to the start of the line, and erase its old end.
            width = shutil.get_terminal_size().columns - 2
            self._stdout.write(f"\r{str(self)[:width]}…\x1b[K", ending="")
            self._stdout.flush()
        if self._is_interrupted:
            raise _Interrupted

    def __str__(self) -> str:
        counts = ", ".join(f"{name}: {count:,}" for name, count in self._counts.items())
        return f"{counts}{self._unit}"

    def __enter__(self) -> Self:
        self._signals.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        _exc: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self._signals.restore()
        start = "\r\x1b[K" if self._stdout.isatty() else ""
        self._stdout.write(f"{start}{self}")
        if kind is not None and issubclass(kind, _Interrupted):
            raise CommandError(
                "Interrupted; run the command again to continue.",
                returncode=_INTERRUPTED_EXIT_CODE,
            ) from None

    def _interrupt(self) -> None:
        self._is_interrupted = True
        self._signals.restore()  # a second signal stops the command at once
