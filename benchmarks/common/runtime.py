"""Run a benchmark: set up Django, read the command line, create and drop a database.

Importing this module sets up Django with the measured site's settings. Import it before models.
"""

import argparse
import os
import platform
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import django
from django.db import connection, connections

os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.site.settings"
django.setup()

ROOT = Path(__file__).resolve().parent.parent.parent


def command_line(description: str, *, rounds: int) -> argparse.ArgumentParser:
    """Return a parser with the option ``--rounds``. Scripts add their own options."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    help_text = "measured rounds (default: %(default)s)"
    parser.add_argument("--rounds", type=int, default=rounds, help=help_text)
    return parser


@contextmanager
def temporary_database() -> Iterator[None]:
    """Create a database with all tables for this process and its children, and drop it at the end.

    The database is on the server in DATABASE_URL, or an SQLite file in a temporary directory.
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the database is dropped
    with tempfile.TemporaryDirectory(prefix="benchmarks-") as folder:
        is_file = connection.vendor == "sqlite"
        name = f"{folder}/db.sqlite3" if is_file else f"benchmarks_{os.getpid()}"
        configured_name = connection.settings_dict["NAME"]
        connection.settings_dict["TEST"]["NAME"] = os.environ["BENCHMARK_DATABASE"] = name
        connection.creation.create_test_db(verbosity=0, autoclobber=True)
        try:
            yield
        finally:
            connections.close_all()
            connection.creation.destroy_test_db(configured_name, verbosity=0)


def child_environment(**variables: str) -> dict[str, str]:
    """Return the environment of a process that runs the measured site."""
    search_path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    return os.environ | {"PYTHONPATH": search_path} | variables


def print_heading(details: str) -> None:
    """Print the versions, the load of the machine and the size of the run."""
    print(
        f"Python {platform.python_version()}, Django {django.__version__}, {_database_version()}, "
        f"load average {os.getloadavg()[0]:.1f}\n{details}\n"
    )


def _database_version() -> str:
    if connection.vendor == "sqlite":
        return f"SQLite {connection.Database.sqlite_version}"
    with connection.temporary_connection() as cursor:
        cursor.execute("SELECT version()")
        version = str(cursor.fetchone()[0]).removeprefix(connection.display_name).split()[0]
    return f"{connection.display_name} {version}"
