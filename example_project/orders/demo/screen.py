"""Output of the story in a terminal."""

import textwrap
from typing import Final

from django.core.management.base import OutputWrapper
from django.core.management.color import Style

from django_vonage_messages.models import Message

_WIDTH: Final = 78
_ARRIVED: Final = ("delivered", "read")
_FAILED: Final = ("rejected", "undeliverable", "failed", "unconfirmed")


class Screen:
    """Unbuffered output to ``out``. If ``quiet`` is True, nothing is written."""

    def __init__(self, out: OutputWrapper, style: Style, *, quiet: bool = False) -> None:
        self._out = out
        self._style = style
        self._quiet = quiet

    def line(self, text: str = "") -> None:
        self._write(text)

    def heading(self, text: str) -> None:
        self._write(f"\n{self._style.MIGRATE_HEADING(text)}")

    def say(self, text: str) -> None:
        self._write(_indented(text, "   "))

    def text(self, message: Message) -> None:
        """Show the content of a message, marked ``>`` (outbound) or ``<`` (inbound)."""
        mark = "<" if message.is_inbound else ">"
        self._write(_indented(_content_text(message), f"   {mark} ", "     "))

    def status(self, status: str, *, first: bool) -> None:
        """Write a status into the line below a message."""
        shown = status
        if status in _ARRIVED:
            shown = self._style.SUCCESS(status)
        elif status in _FAILED:
            shown = self._style.ERROR(status)
        self._write(f"     {shown}" if first else f", {shown}", ending="")

    def _write(self, text: str, ending: str = "\n") -> None:
        if not self._quiet:
            self._out.write(text, ending=ending)
            self._out.flush()


def _content_text(message: Message) -> str:
    if message.content_type == "text":
        return message.text
    text = f"[{message.content_type}] {message.summary}".strip()
    if message.content_type == "template":
        text += f" ({', '.join(message.content['template']['parameters'])})"
    return text


def _indented(text: str, first: str, rest: str | None = None) -> str:
    return textwrap.fill(
        text, _WIDTH, initial_indent=first, subsequent_indent=first if rest is None else rest
    )
