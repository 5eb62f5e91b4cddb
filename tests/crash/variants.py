"""Variants of the kill test: ways to reach the database, and faults of the database."""

import random
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import psycopg

from tests.crash.commit_proxy import CommitProxy
from tests.crash.servers import (
    OwnServer,
    existing_server,
    new_database,
    own_server,
    pgbouncer,
)


@dataclass
class Database:
    """A database, and the way of the site's processes to it.

    ``url`` is the direct way, which the test itself uses. ``settings`` are added to those of
    ``site_url`` in DATABASES.
    """

    url: str
    random: random.Random
    site_url: str = ""
    settings: dict[str, Any] = field(default_factory=dict)
    terminated: int = 0

    def __post_init__(self) -> None:
        self.site_url = self.site_url or self.url

    def disturb(self, progress: float) -> None:
        """Disturb the database now and then; ``progress`` is the part of the sends, 0 to 1."""
        if self.random.random() < 0.1:
            self._terminate_a_backend()

    def calm(self) -> None:
        """Disturb nothing from now on."""

    def numbers(self) -> dict[str, Any]:
        return {"connections terminated": self.terminated}

    def _terminate_a_backend(self) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            terminated = connection.execute(
                "SELECT pg_terminate_backend(pid) FROM (SELECT pid FROM pg_stat_activity WHERE "
                "datname = current_database() AND pid <> pg_backend_pid() "
                "ORDER BY random() LIMIT 1) AS one"
            )
            self.terminated += terminated.rowcount


@dataclass
class LossyDatabase(Database):
    """A database whose commits, or the answers to them, can be lost."""

    proxy: CommitProxy = field(kw_only=True)

    def calm(self) -> None:
        self.proxy.loses = False

    def numbers(self) -> dict[str, Any]:
        lost = {"commits": self.proxy.lost_commits, "answers": self.proxy.lost_answers}
        assert all(lost.values()), f"The proxy has lost too little: {lost}"
        return super().numbers() | {"lost": lost}


@dataclass
class RestartedDatabase(Database):
    """A database on a server that is restarted while the site runs."""

    server: OwnServer = field(kw_only=True)
    modes: list[str] = field(default_factory=lambda: ["fast", "fast", "immediate", "fast", "fast"])

    def __post_init__(self) -> None:
        super().__post_init__()
        self._restarts = 0

    def disturb(self, progress: float) -> None:
        super().disturb(progress)
        if self._restarts < int(progress * (len(self.modes) + 1)) <= len(self.modes):
            self.server.restart(self.modes[self._restarts])
            self._restarts += 1

    def numbers(self) -> dict[str, Any]:
        return super().numbers() | {"restarts": self._restarts}


@contextmanager
def _plain(seed: int) -> Iterator[Database]:
    with new_database(existing_server()) as url:
        yield Database(url, random.Random(seed))


@contextmanager
def _lost_commits(seed: int) -> Iterator[Database]:
    with new_database(existing_server()) as url:
        target = urlsplit(url)
        with CommitProxy(str(target.hostname), target.port or 5432, seed) as proxy:
            yield LossyDatabase(
                url,
                random.Random(seed),
                _at_port(url, proxy.port),
                {"OPTIONS": {"sslmode": "disable", "gssencmode": "disable"}},
                proxy=proxy,
            )


@contextmanager
def _pool(seed: int) -> Iterator[Database]:
    pool = {"min_size": 0, "max_size": 3, "timeout": 2}
    with new_database(existing_server()) as url:
        yield Database(url, random.Random(seed), settings={"OPTIONS": {"pool": pool}})


@contextmanager
def _pgbouncer(seed: int) -> Iterator[Database]:
    with new_database(existing_server()) as url, pgbouncer(url, pool_size=5) as port:
        settings = {"DISABLE_SERVER_SIDE_CURSORS": True, "OPTIONS": {"prepare_threshold": None}}
        yield Database(url, random.Random(seed), _at_port(url, port), settings)


@contextmanager
def _restart(seed: int) -> Iterator[Database]:
    with own_server() as server, new_database(server.url) as url:
        yield RestartedDatabase(url, random.Random(seed), server=server)


VARIANTS: dict[str, Callable[[int], AbstractContextManager[Database]]] = {
    "plain": _plain,
    "lost commits": _lost_commits,
    "pool": _pool,
    "pgbouncer": _pgbouncer,
    "restart": _restart,
}
"""Functions that open the database of a variant for a seed."""


def _at_port(url: str, port: int) -> str:
    target = urlsplit(url)
    login, _, _ = target.netloc.rpartition("@")
    return target._replace(netloc=f"{login}@127.0.0.1:{port}").geturl()
