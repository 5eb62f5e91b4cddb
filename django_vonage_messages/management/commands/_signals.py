"""Signals that stop a command: SIGINT (Ctrl-C) and SIGTERM."""

import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any, Final, Self

_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


class StopSignals:
    """Context manager that calls ``stop`` at SIGINT or SIGTERM.

    The previous handlers are restored at the end. Outside the main thread, where Python allows no
    signal handlers, the context manager does nothing: the program that started the thread stops it.
    """

    def __init__(self, stop: Callable[[], object]) -> None:
        self._stop = stop
        self._previous: dict[int, Any] = {}

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            for each in _SIGNALS:
                # None: a handler of the program around Python, which Python cannot restore.
                if signal.getsignal(each) is not None:
                    self._previous[each] = signal.signal(each, self._handle)
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.restore()

    def restore(self) -> None:
        """Restore the previous handlers."""
        while self._previous:
            signal.signal(*self._previous.popitem())

    def _handle(self, _signum: int, _frame: FrameType | None) -> None:
        self._stop()
