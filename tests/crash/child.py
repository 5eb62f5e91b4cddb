"""``python -m tests.crash.child ROLE``: one process of the site under test.

Without a role, it is the process that forks the others.
"""

import importlib
import os
import queue
import sys
import threading
import time
from datetime import timedelta
from socketserver import ThreadingMixIn
from types import ModuleType
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

import django

from tests.crash.forks import wait_for_request

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.crash.settings"

HURRIED: dict[str, Any] = {
    "LEASE": timedelta(seconds=2),
    "DELIVER_AFTER": timedelta(seconds=2),
    "RECONCILE_INTERVAL": 1.0,
    "HEARTBEAT_INTERVAL": 2.0,
    "DEFAULT_PAUSE": timedelta(seconds=0.1),
    "LONGEST_PAUSE": timedelta(seconds=2),
    "_FIRST_PAUSE": timedelta(seconds=0.1),
    "_BASE_SECONDS": 0.1,
    "_MAX_SECONDS": 2.0,
}
"""Short values of the product's waits, so that a run does not last for hours."""


def hurry() -> None:
    """Set the short waits in every module of the product that has imported them."""
    constants_set = set()
    for name, module in list(sys.modules.items()):
        if name.startswith("django_vonage_messages.services.") and isinstance(module, ModuleType):
            for constant in HURRIED.keys() & vars(module).keys():
                setattr(module, constant, HURRIED[constant])
                constants_set.add(constant)
    assert constants_set == HURRIED.keys(), (
        f"missing in the product: {HURRIED.keys() - constants_set}"
    )


def say(*words: object) -> None:
    """Send words to the test, which reads stdout."""
    print(*words, flush=True)  # noqa: T201 -- stdout is the channel to the test


def end_with_the_test() -> None:
    """Exit when the test ends or is killed: it has the other end of stdin."""
    sys.stdin.read()
    os._exit(1)


def web() -> None:
    """Serve the webhooks on a port that several processes share."""
    from django.core.wsgi import get_wsgi_application

    class Server(ThreadingMixIn, WSGIServer):
        daemon_threads = True
        allow_reuse_port = True
        request_queue_size = 64

        def server_bind(self) -> None:
            super(WSGIServer, self).server_bind()
            self.setup_environ()

    class Handler(WSGIRequestHandler):
        def log_message(self, *args: Any) -> None:
            pass

    with Server(("127.0.0.1", int(os.environ["CRASH_PORT"])), Handler) as server:
        server.set_app(get_wsgi_application())
        server.serve_forever(0.05)


def worker() -> None:
    """Deliver the queued messages."""
    from django.core.management import call_command

    call_command("vonage_worker", poll=0.1)


def sender() -> None:
    """Send the messages with the numbers on stdin; print "sent" or "error" after each."""
    from tests.crash.sending import send

    numbers: queue.Queue[int] = queue.Queue()

    def read() -> None:
        for line in sys.stdin:
            numbers.put(int(line))
        os._exit(0)  # also if the test was killed while a call is repeated

    threading.Thread(target=read, daemon=True).start()
    while True:
        say("sent" if send(numbers.get()) else "error")


def reconcile() -> None:
    """Call ``reconcile()`` until there is no more work; print the number of calls."""
    from django.utils import timezone

    from django_vonage_messages.models import Message, SignalDispatch, UnprocessedWebhook
    from django_vonage_messages.services.operations.reconcile import reconcile as reconcile_once

    deadline = time.monotonic() + 60
    for calls in range(1, 1000):
        for model in (SignalDispatch, UnprocessedWebhook):  # without the pauses between retries
            model.objects.exclude(next_try_at=None).update(next_try_at=timezone.now())
        done = reconcile_once()
        unfinished = Message.objects.filter(status__in=("queued", "sending")).exists()
        did = done.delivered or done.unconfirmed or done.dispatched or done.replayed
        left = (
            SignalDispatch.objects.filter(done_at=None).exists()
            or UnprocessedWebhook.objects.filter(processed_at=None).exists()
        )
        if not (unfinished or did or left) or time.monotonic() > deadline:
            say(calls, done)
            return
        time.sleep(0.3)


def agree() -> None:
    """Compare the records on stdin with the tables; print the numbers and the problems."""
    from tests.crash.agreement import compare

    say(compare(sys.stdin.read()))


def create() -> None:
    """Create the tables."""
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    # A second call, because the effects refer to tables of the first one.
    call_command("migrate", run_syncdb=True, verbosity=0)


def load() -> None:
    """Import the product and the modules that it imports when it runs."""
    django.setup()
    for name in (
        "django.core.handlers.wsgi",
        "django_vonage_messages.backends.api",
        "django_vonage_messages.management.commands.vonage_worker",
        "django_vonage_messages.services.operations.reconcile",
        "tests.crash.urls",
    ):
        importlib.import_module(name)


def main(role: str) -> None:
    load()
    if not role:
        role = wait_for_request()
    from tests.crash import failpoints
    from tests.crash.effects import receivers

    if role in {"web", "worker"}:
        threading.Thread(target=end_with_the_test, daemon=True).start()
    hurry()
    failpoints.install()
    receivers.connect()
    {role.__name__: role for role in (web, worker, sender, reconcile, agree, create)}[role]()


if __name__ == "__main__":
    main("".join(sys.argv[1:]))
