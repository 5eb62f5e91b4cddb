import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

FINDER = Path(__file__).resolve().parents[2] / ".ci" / "postgresql"


@pytest.fixture
def database() -> Iterator[str]:
    """The URL of a new PostgreSQL database, which is dropped afterwards."""
    server = _server()
    name = f"vonage_crash_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name}")
        connection.execute(f"CREATE DATABASE {name}")
        try:
            yield urlsplit(server)._replace(path=f"/{name}").geturl()
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _server() -> str:
    for variable in ("POSTGRESQL_URL", "DATABASE_URL"):
        if (url := os.environ.get(variable, "")).startswith("postgres"):
            return url
    found = None
    if FINDER.exists():
        found = subprocess.run([FINDER], capture_output=True, text=True, check=False)
        if found.returncode == 0:
            return found.stdout.strip()
    reason = found.stderr if found else "set POSTGRESQL_URL to that of a server"
    if os.environ.get("CI"):
        pytest.fail(f"The kill test needs PostgreSQL: {reason}")
    pytest.skip(f"The kill test needs PostgreSQL: {reason}")
