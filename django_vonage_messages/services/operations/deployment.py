"""Record the database that this site uses, and recognise a restored copy."""

import hashlib
import logging
import socket
from collections.abc import Callable, Mapping
from datetime import UTC
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from django.db import DatabaseError, OperationalError, connections

from django_vonage_messages.models import Deployment, Message
from django_vonage_messages.services.db.transactions import (
    now,
    primary,
    run_committed,
    write_database,
)

logger = logging.getLogger("django_vonage_messages")

REMEDY: Final = (
    "If it is a restored copy, stop the workers and run manage.py vonage_hold. If you moved the "
    "database on purpose, run manage.py vonage_hold --release."
)
_HOST_LENGTH: Final = 191


def record_deployment() -> Deployment | None:
    """Store that this host uses the database.

    If the database is a copy, store nothing, log a warning, and return the record of the original.
    """
    fingerprint = _fingerprint()
    if not fingerprint:
        return None
    original = run_committed(lambda: _record(fingerprint))
    if original is not None:
        logger.warning("%s %s", describe_copy(original), REMEDY)
    return original


def find_original() -> Deployment | None:
    """Return the record of the original if this database is a copy, or else None."""
    stored = primary(Deployment).first()
    if stored is None or stored.fingerprint == (_fingerprint() or stored.fingerprint):
        return None
    return stored


def adopt_database() -> None:
    """Record this database as the one that the site uses, also if it is a copy."""
    if fingerprint := _fingerprint():
        run_committed(lambda: _adopt(fingerprint))


def describe_copy(original: Deployment) -> str:
    """Return a sentence about the last use of the original."""
    moment = original.seen_at.astimezone(UTC)
    return (
        "This database was last used by another host or under another name (host "
        f"{original.host}, {moment:%Y-%m-%d %H:%M} UTC)."
    )


def _record(fingerprint: str) -> Deployment | None:
    rows = primary(Deployment)
    # Write first: SQLite rejects a transaction that reads first while another one writes.
    if rows.filter(fingerprint=fingerprint).update(**_seen_now()):
        return None
    if (original := rows.first()) is not None:
        return original
    _insert(fingerprint)
    return None


def _adopt(fingerprint: str) -> None:
    if not primary(Deployment).update(fingerprint=fingerprint, **_seen_now()):
        _insert(fingerprint)


def _insert(fingerprint: str) -> None:
    row = Deployment(fingerprint=fingerprint, **_seen_now())
    # Another process can do the same.
    primary(Deployment).bulk_create([row], ignore_conflicts=True)


def _seen_now() -> dict[str, Any]:
    return {"host": socket.gethostname()[:_HOST_LENGTH], "seen_at": now()}


def _fingerprint() -> str:
    """Return a hash that identifies the database on its server, or ""."""
    alias = write_database()
    identify = _IDENTITIES.get(connections[alias].vendor)
    identity = identify(alias) if identify else ""
    return hashlib.sha256(identity.encode()).hexdigest() if identity else ""


def _postgresql_identity(alias: str) -> str:
    try:
        # A streaming replica has the same identifier. A restored dump does not.
        return run_committed(
            lambda: _first_row(
                alias,
                "SELECT s.system_identifier, d.oid FROM pg_control_system() s, pg_database d"
                " WHERE d.datname = current_database()",
            )
        )
    except OperationalError:
        raise
    except DatabaseError:  # the role may not call the function
        return _first_row(
            alias,
            "SELECT d.oid, d.datname, to_regclass(%s)::oid FROM pg_database d"
            " WHERE d.datname = current_database()",
            Message._meta.db_table,
        )


def _mysql_identity(alias: str) -> str:
    connection: Any = connections[alias]
    with connection.cursor() as cursor:
        cursor.execute(
            "SHOW GLOBAL VARIABLES WHERE Variable_name IN"
            " ('group_replication_group_name', 'server_uid', 'server_uuid', 'hostname')"
        )
        found = dict(cursor.fetchall())
        cursor.execute("SHOW GLOBAL STATUS LIKE 'wsrep_cluster_state_uuid'")
        found |= dict(cursor.fetchall())
    # The servers of a cluster have one identifier.
    names = ("wsrep_cluster_state_uuid", "group_replication_group_name", "server_uuid")
    server = next(filter(None, map(found.get, names)), "")
    # server_uid of MariaDB is a hash of the MAC address and the port: containers can share both.
    server = server or " ".join(filter(None, map(found.get, ("server_uid", "hostname"))))
    return f"{server} {connection.settings_dict['NAME']}" if server else ""


def _sqlite_identity(alias: str) -> str:
    connection: Any = connections[alias]
    if connection.is_in_memory_db():
        return ""
    name = str(connection.settings_dict["NAME"])
    path = urlsplit(name).path if name.startswith("file:") else name
    return f"{socket.gethostname()} {Path(path).resolve()}"


def _first_row(alias: str, sql: str, *parameters: str) -> str:
    with connections[alias].cursor() as cursor:
        cursor.execute(sql, parameters)
        return " ".join(map(str, cursor.fetchone()))


_IDENTITIES: Final[Mapping[str, Callable[[str], str]]] = {
    "postgresql": _postgresql_identity,
    "mysql": _mysql_identity,
    "sqlite": _sqlite_identity,
}
