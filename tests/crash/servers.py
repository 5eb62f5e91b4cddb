"""Servers of the test: the machine's PostgreSQL, one of its own, and PgBouncer."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote, urlsplit

import psycopg
import pytest

CI = Path(__file__).resolve().parents[2] / ".ci"


def existing_server() -> str:
    """Return the URL of the PostgreSQL of this machine."""
    for variable in ("POSTGRESQL_URL", "DATABASE_URL"):
        if (url := os.environ.get(variable, "")).startswith("postgres"):
            return url
    return _found("postgresql", "PostgreSQL")


@contextmanager
def new_database(server: str) -> Iterator[str]:
    """Create a database, yield its URL, and drop it."""
    name = f"vonage_crash_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name}")
        connection.execute(f"CREATE DATABASE {name}")
    try:
        yield urlsplit(server)._replace(path=f"/{name}").geturl()
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


class OwnServer:
    """A PostgreSQL server that the test restarts."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._binaries = _binaries()
        # PostgreSQL refuses to run as root.
        self._user = "postgres" if os.geteuid() == 0 else None
        if self._user:
            shutil.chown(directory, self._user, self._user)
        self.url = f"postgres://postgres@127.0.0.1:{free_port()}/postgres"
        data = ("-D", str(directory / "data"))
        self._run("initdb", *data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync")
        self._control("start")

    def restart(self, mode: str) -> None:
        """Restart the server; the mode ``immediate`` is a crash."""
        self._control("restart", "-m", mode)

    def stop(self) -> None:
        self._control("stop", "-m", "immediate")

    def _control(self, *command: str) -> None:
        options = (
            f"-p {urlsplit(self.url).port} -c listen_addresses=127.0.0.1 -c fsync=off "
            f"-c unix_socket_directories={self._directory} -c max_connections=200"
        )
        log = ("-l", str(self._directory / "log"))
        self._run(
            "pg_ctl", "-w", "-D", str(self._directory / "data"), *log, "-o", options, *command
        )

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [self._binaries / program, *arguments],
            user=self._user,
            group=self._user,
            cwd=self._directory,
            stdout=subprocess.DEVNULL,  # the server inherits it, so a pipe would stay open
            stderr=subprocess.DEVNULL,
            check=False,
        )
        assert done.returncode == 0, f"{program} {arguments}: see {self._directory}/log"


@contextmanager
def own_server() -> Iterator[OwnServer]:
    """Start a new PostgreSQL server, yield it, and stop it."""
    with tempfile.TemporaryDirectory(prefix="vonage-crash-") as directory:
        server = OwnServer(Path(directory))
        try:
            yield server
        finally:
            server.stop()


@contextmanager
def pgbouncer(database: str, pool_size: int) -> Iterator[int]:
    """Start PgBouncer in transaction mode in front of a database, and yield its port."""
    program, port = _found("pgbouncer", "PgBouncer"), free_port()
    target = urlsplit(database)
    password = f" password={unquote(target.password)}" if target.password else ""
    with tempfile.TemporaryDirectory(prefix="vonage-crash-") as directory:
        configuration = Path(directory, "pgbouncer.ini")
        configuration.write_text(
            "[databases]\n"
            f"* = host={target.hostname} port={target.port or 5432} "
            f"user={target.username}{password}\n"
            "[pgbouncer]\n"
            f"listen_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\n"
            "auth_type = any\npool_mode = transaction\nmax_client_conn = 500\n"
            f"default_pool_size = {pool_size}\n"
        )
        command = [program, "--quiet", str(configuration)]
        if os.geteuid() == 0:  # PgBouncer refuses to run as root
            command[1:1] = ["--user", "nobody"]
            Path(directory).chmod(0o755)
        with Path(directory, "log").open("w") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            _wait_for(port)
            yield port
        finally:
            process.terminate()
            process.wait()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(f"No server answers on port {port}.")


def _binaries() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    on_path = shutil.which("initdb")
    if not found and not on_path:
        _missing("a PostgreSQL server of its own", "install the package postgresql")
    return (found[-1] if found else Path(str(on_path))).parent


def _found(finder: str, name: str) -> str:
    if not (CI / finder).exists():
        _missing(name, f"{CI / finder} does not exist")
    found = subprocess.run([CI / finder], capture_output=True, text=True, check=False)
    if found.returncode != 0:
        _missing(name, found.stderr)
    return found.stdout.strip()


def _missing(name: str, reason: str) -> None:
    text = f"The kill test needs {name}: {reason}"
    if os.environ.get("CI"):
        pytest.fail(text)
    pytest.skip(text)
