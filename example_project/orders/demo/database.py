"""The database of the demo: the site's own, or a temporary one."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils.crypto import get_random_string


def prepare_database() -> str:
    """Migrate the site's database. Return a line with its name and the number of migrations.

    Raises CommandError for a database in memory, which other threads cannot use.
    """
    name = str(connection.settings_dict["NAME"])
    if connection.vendor == "sqlite" and (":memory:" in name or "mode=memory" in name):
        raise CommandError("DATABASE_URL is a database in memory. The demo needs a file.")
    pending = _pending_migrations()
    call_command("migrate", verbosity=0, interactive=False)
    done = f"{pending} migrations applied" if pending else "up to date"
    return f"{_display(name)} ({done})"


@contextmanager
def temporary_database() -> Iterator[None]:
    """Use a new, migrated database for every connection of this process, and remove it at the end.

    On SQLite the database is a file in a temporary directory, otherwise a test database on the same
    server. The site's own database is never opened.
    """
    settings = connection.settings_dict
    own_name = settings["NAME"]
    with TemporaryDirectory(prefix="vonage-demo-") as directory:
        is_sqlite = connection.vendor == "sqlite"
        name = str(Path(directory) / "demo.sqlite3") if is_sqlite else _random_name()
        settings["TEST"]["NAME"] = name
        try:
            connection.creation.create_test_db(verbosity=0, autoclobber=True)
            yield
        finally:
            if settings["NAME"] == name:  # else the temporary database does not exist
                connection.creation.destroy_test_db(own_name, verbosity=0)


def _pending_migrations() -> int:
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _display(name: str) -> str:
    path = Path(name)
    if connection.vendor == "sqlite" and path.is_relative_to(Path.cwd()):
        return str(path.relative_to(Path.cwd()))
    return name if connection.vendor == "sqlite" else f"{connection.display_name} {name}"


def _random_name() -> str:
    return f"demo_check_{get_random_string(12, 'abcdefghijklmnopqrstuvwxyz')}"
