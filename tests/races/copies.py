"""Copies of the test database, made with the tools of the database, and commands that use them."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from tests.races.conftest import ROOT

_MYSQL = ("mariadb", "mysql")
_MYSQL_DUMP = ("mariadb-dump", "mysqldump")


@dataclass(frozen=True)
class Copy:
    """A restored database beside the test database, and the accounts of its site."""

    database: dict[str, Any]
    accounts: dict[str, Any]

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start Python with these arguments, in a process that uses the copy."""
        environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "tests.races.process_settings",
            "PYTHONPATH": str(ROOT),
            "RACES_DATABASE": json.dumps(self.database, default=str),
            "RACES_ACCOUNTS": json.dumps(self.accounts),
            "RACES_APPS": "tests.races.answering",
        }
        pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        command = [sys.executable, *arguments]
        return subprocess.Popen(command, env=environment, cwd=ROOT, text=True, **pipes)

    def manage(self, command: str) -> str:
        """Run a command such as "python manage.py check", and return its output."""
        process = self.start(*manage_arguments(command))
        output, _ = process.communicate(timeout=60)
        assert process.returncode == 0, output
        return output


def manage_arguments(command: str) -> list[str]:
    """Return the arguments of Python for a command such as "python manage.py check"."""
    python, manage, *arguments = command.split()
    assert (python, manage) == ("python", "manage.py")
    return ["-m", "django", *arguments]


@contextmanager
def restored(accounts: dict[str, Any]) -> Iterator[Copy]:
    """Dump the test database, restore the dump beside it, and drop the copy at the end."""
    names = ("ENGINE", "NAME", "USER", "PASSWORD", "HOST", "PORT", "OPTIONS")
    database = {name: connection.settings_dict[name] for name in names}
    copy = database | {"NAME": f"{database['NAME']}_restored"}
    by_vendor = {"postgresql": _postgresql, "mysql": _mysql, "sqlite": _sqlite}
    with by_vendor[connection.vendor](database, str(copy["NAME"])):
        yield Copy(copy, accounts)


@contextmanager
def _postgresql(database: dict[str, Any], name: str) -> Iterator[None]:
    flags = _flags(database, {"HOST": "--host", "PORT": "--port", "USER": "--username"})
    environment = os.environ | {"PGPASSWORD": str(database["PASSWORD"])}
    _execute(f"DROP DATABASE IF EXISTS {name}", f"CREATE DATABASE {name}")
    try:
        dump = _run([_tool("pg_dump"), *flags, "--no-owner", database["NAME"]], environment)
        psql = [_tool("psql"), *flags, "--quiet", "--set", "ON_ERROR_STOP=1", name]
        _run(psql, environment, dump)
        yield
    finally:
        _execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def _mysql(database: dict[str, Any], name: str) -> Iterator[None]:
    flags = _flags(database, {"HOST": "--host", "PORT": "--port", "USER": "--user"})
    environment = os.environ | {"MYSQL_PWD": str(database["PASSWORD"])}
    _execute(f"DROP DATABASE IF EXISTS {name}", f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
    try:
        dump = [_tool(*_MYSQL_DUMP), *flags, "--single-transaction", database["NAME"]]
        _run([_tool(*_MYSQL), *flags, name], environment, _run(dump, environment))
        yield
    finally:
        _execute(f"DROP DATABASE {name}")


@contextmanager
def _sqlite(database: dict[str, Any], name: str) -> Iterator[None]:
    try:
        with sqlite3.connect(database["NAME"]) as source, sqlite3.connect(name) as target:
            source.backup(target)
        source.close()
        target.close()
        yield
    finally:
        Path(name).unlink(missing_ok=True)


def _flags(database: dict[str, Any], flags: dict[str, str]) -> list[str]:
    return [f"{flag}={database[key]}" for key, flag in flags.items() if database[key]]


def _execute(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def _run(command: list[str], environment: dict[str, str], text: str = "") -> str:
    done = subprocess.run(
        command, env=environment, input=text, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def _tool(*names: str) -> str:
    for name in names:
        if (found := shutil.which(name)) is not None:
            return found
    problem = f"This test needs {names[0]}: install the client programs of the database."
    if os.environ.get("CI"):
        pytest.fail(problem)
    pytest.skip(problem)
