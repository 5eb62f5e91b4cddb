"""Print the start-up costs of a new process of the measured site as JSON; startup.py runs this.

It imports few modules itself, so that the measured code must load the modules that it needs.
"""

import gc
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import django

REQUESTS = 500


def main() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.site.settings"
    found: dict[str, object] = {}
    start = time.process_time()
    django.setup()
    found["setup_ms"] = (time.process_time() - start) * 1e3
    found["setup_packages"] = _packages()

    request = _request_maker()
    start = time.process_time()
    request()
    found["first_request_ms"] = (time.process_time() - start) * 1e3
    found["packages"] = _packages()
    found["modules"] = len(sys.modules)
    found["memory_mb"] = _memory()

    found["request_us"] = _later_request(request) * 1e6
    if django.apps.apps.is_installed("django_vonage_messages"):
        start = time.process_time()
        from django_vonage_messages import send_message  # noqa: F401 -- its import is measured

        found["send_import_ms"] = (time.process_time() - start) * 1e3
    import json

    print(json.dumps(found))


def _later_request(request: Callable[[], None]) -> float:
    for _ in range(REQUESTS):  # let the interpreter specialise the code
        request()
    gc.collect()
    gc.freeze()  # a full collection would take longer than these requests
    start = time.process_time()
    for _ in range(REQUESTS):
        request()
    return (time.process_time() - start) / REQUESTS


def _request_maker() -> Callable[[], None]:
    from wsgiref.util import setup_testing_defaults

    from django.core.handlers.wsgi import WSGIHandler

    handler = WSGIHandler()

    def request() -> None:
        environ = {"PATH_INFO": "/empty"}
        setup_testing_defaults(environ)
        response = handler(environ, lambda *_: None)
        assert response.status_code == 200
        response.close()

    return request


def _packages() -> list[str]:
    return sorted({name.partition(".")[0] for name in sys.modules if name[0] != "_"})


def _memory() -> float:
    statm = Path("/proc/self/statm")
    if not statm.exists():
        return 0.0
    return int(statm.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


if __name__ == "__main__":
    main()
