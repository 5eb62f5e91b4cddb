"""The measured site for gunicorn; each response carries the CPU time of its worker process."""

import os
import time
from collections.abc import Callable, Iterable
from typing import Any

from django.core.wsgi import get_wsgi_application

from django_vonage_messages.signals import message_received, message_status_changed

os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.site.settings"
_site = get_wsgi_application()


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Add ``X-Worker-Cpu``: the process ID, and the CPU nanoseconds of the process so far."""

    def start(status: str, headers: list[tuple[str, str]], *args: Any) -> Any:
        headers.append(("X-Worker-Cpu", f"{os.getpid()} {time.process_time_ns()}"))
        return start_response(status, headers, *args)

    return _site(environ, start)


def receive(**_kwargs: Any) -> None:
    """Do nothing: the cheapest signal receiver."""


message_received.connect(receive)
message_status_changed.connect(receive)
