"""Plans of the SQL statements of a block, as PostgreSQL executed them."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

_EXPLAINED: Final = re.compile(r"(SELECT|INSERT|UPDATE|DELETE)\b.*vonage_messages_", re.DOTALL)
_VALUES: Final = re.compile(r"%s(, %s)+")
_COLUMNS: Final = re.compile(r"^SELECT .*? FROM ")
_TABLE: Final = re.compile(r"vonage_messages_(\w+)")

Node = dict[str, Any]


@dataclass(frozen=True)
class Plan:
    """Executed plan of one statement.

    ``rows`` counts the rows that the scans visited, with the rows that a filter removed. ``blocks``
    counts the blocks that were read to find the rows. Index entries that match no row show only in
    ``blocks``.
    """

    statement: str  # without values
    nodes: str
    values: int  # in the statement, such as the values of IN
    rows: int
    blocks: int
    scanned_tables: frozenset[str]  # by sequential scans
    is_compiled: bool  # by JIT

    def __str__(self) -> str:
        verb, table = self.statement.split(maxsplit=1)[0], _TABLE.search(self.statement)
        name = table.group(1) if table else "?"
        return f"{verb} {name}: {self.rows} rows, {self.blocks} blocks, {self.nodes}"


def large_tables(rows: int) -> set[str]:
    """Return the tables that had more than ``rows`` rows when their statistics were refreshed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE reltuples > %s", [rows])
        return {name for (name,) in cursor.fetchall()}


@contextmanager
def explained() -> Iterator[list[Plan]]:
    """Collect the plans of this package's statements in the block, in all its threads.

    Each statement runs twice: first inside EXPLAIN ANALYZE, which is rolled back.
    """
    plans: list[Plan] = []

    def wrapper(
        execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]
    ) -> Any:
        if _EXPLAINED.match(sql) and (plan := _explain(context["connection"], sql, params)):
            plans.append(plan)
        return execute(sql, params, many, context)

    def install(connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
        if wrapper not in connection.execute_wrappers:
            connection.execute_wrappers.append(wrapper)

    connection_created.connect(install)
    try:
        with connection.execute_wrapper(wrapper):
            yield plans
    finally:
        connection_created.disconnect(install)


def _explain(database: BaseDatabaseWrapper, sql: str, params: Any) -> Plan | None:
    with database.wrap_database_errors:
        driver = database.connection
        try:
            with driver.transaction(force_rollback=True), database.create_cursor() as cursor:
                cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) {sql}", params)
                (found,) = cursor.fetchone()
        except database.Database.IntegrityError:
            return None  # the statement itself fails in the same way
    (result,) = json.loads(found) if isinstance(found, str) else found
    return _plan(_shortened(sql), len(params or ()), result)


def _shortened(sql: str) -> str:
    return _VALUES.sub("%s…", _COLUMNS.sub("SELECT … FROM ", sql))


def _plan(statement: str, values: int, result: Node) -> Plan:
    nodes = list(_walk(result["Plan"]))
    scans = [
        node for node in nodes if "Relation Name" in node and node["Node Type"].endswith("Scan")
    ]
    names = (_name(node) for node in nodes)
    return Plan(
        statement=statement,
        nodes=" > ".join(names),
        values=values,
        rows=sum(map(_visited, scans)),
        blocks=_blocks(result["Plan"]),
        scanned_tables=frozenset(
            node["Relation Name"] for node in scans if node["Node Type"] == "Seq Scan"
        ),
        is_compiled="JIT" in result,
    )


def _walk(node: Node) -> Iterator[Node]:
    yield node
    for child in node.get("Plans", ()):
        yield from _walk(child)


def _name(node: Node) -> str:
    return " ".join([node["Node Type"], *filter(None, [node.get("Index Name")])])


def _blocks(node: Node) -> int:
    if node["Node Type"] == "ModifyTable":  # it also reads the blocks that it writes
        return sum(map(_blocks, node["Plans"]))
    return node["Shared Hit Blocks"] + node["Shared Read Blocks"]


def _visited(node: Node) -> int:
    # As in other index scans, an index entry and its row count once.
    entries = [each for each in _walk(node) if each["Node Type"] == "Bitmap Index Scan"]
    return max(_rows(node), sum(map(_rows, entries)))


def _rows(node: Node) -> int:
    removed = ("Rows Removed by Filter", "Rows Removed by Index Recheck")
    rows = node["Actual Rows"] + sum(node.get(name, 0) for name in removed)
    return round(rows * node["Actual Loops"])
