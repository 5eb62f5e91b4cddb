"""A worker with few connections to PostgreSQL.

Run ``python -m tests.races.limited_worker THREADS POOL``. ``POOL`` is the size of Django's pool of
connections, or 0 for none. The environment variable RACES_ROLE is the database role. With "watch"
as the third argument, the worker runs until its stdin is closed.
"""

import os
import sys
import threading

import django
from django.conf import settings


def main(threads: str, pool: str, watch: str = "") -> None:
    database = settings.DATABASES["default"]
    options = {"application_name": "limited_worker"}
    if int(pool):
        options["pool"] = {"min_size": 1, "max_size": int(pool), "timeout": 20}
    database["OPTIONS"] = options
    database["USER"] = os.environ.get("RACES_ROLE") or database["USER"]
    django.setup()
    from django_vonage_messages.services.operations.worker import WorkerLoop

    loop = WorkerLoop(threads=int(threads), poll=0.2)
    if watch:
        threading.Thread(target=lambda: (sys.stdin.read(), loop.stop()), daemon=True).start()
    loop.run(once=not watch)


if __name__ == "__main__":
    main(*sys.argv[1:])
