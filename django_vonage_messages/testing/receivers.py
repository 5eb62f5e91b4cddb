"""Exceptions of signal receivers in tests."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from django_vonage_messages.signals import receiver_failed

receiver_errors: Final[list[Exception]] = []
"""Exceptions of receivers in this test, in order."""
_not_raised: Final[list[Exception]] = []
"""Exceptions of receivers that were not raised in the test yet."""


@contextmanager
def raise_receiver_errors(is_wanted: bool = True) -> Iterator[None]:
    """Raise the first exception of a receiver at the end of the block.

    Exceptions that an inner block has raised are not raised again. If ``is_wanted`` is False, the
    exceptions are only put into the list ``receiver_errors``.
    """
    if not receiver_failed.receivers:  # this block is the outermost
        receiver_errors.clear()
    earlier = [*_not_raised]
    connection = object()  # not shared with an outer block, which goes on
    receiver_failed.connect(_collect, weak=False, dispatch_uid=connection)
    try:
        yield
        # A test can empty the list.
        new = [each for each in _not_raised if each in receiver_errors and each not in earlier]
        if new and is_wanted:
            raise new[0]
    finally:
        receiver_failed.disconnect(dispatch_uid=connection)
        _not_raised[:] = earlier


def _collect(exception: Exception, **_kwargs: Any) -> None:
    # Each block has a connection: this function is called once for each block.
    if exception not in receiver_errors:
        receiver_errors.append(exception)
        _not_raised.append(exception)
