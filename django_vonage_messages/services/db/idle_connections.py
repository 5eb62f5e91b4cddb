"""Database connections of the current thread, in loops that run for a long time."""

from django.db import connections, router

from django_vonage_messages.models import Message


def pool_size() -> int | None:
    """Return the largest number of connections of the pool, or None without a pool."""
    options = connections.settings[router.db_for_write(Message)].get("OPTIONS", {})
    pool = options.get("pool")
    if not pool:
        return None
    # The defaults of psycopg_pool.ConnectionPool.
    sizes: dict[str, int | None] = pool if isinstance(pool, dict) else {}
    return sizes.get("max_size") or sizes.get("min_size", 4)


def is_private() -> bool:
    """Return whether other threads cannot see the rows of this thread's connection.

    Django's TestCase has not committed its rows. A database in memory has no locks between threads.
    """
    connection = connections[router.db_for_write(Message)]
    is_in_memory: bool = getattr(connection, "is_in_memory_db", bool)()  # only SQLite has it
    return connection.in_atomic_block or is_in_memory


def close_all() -> None:
    """Close the connections, or return them to the pool. The next query connects again."""
    for connection in connections.all(initialized_only=True):
        if not connection.in_atomic_block:  # Django's TestCase is in a transaction
            connection.close()


def renew() -> None:
    """Close connections that failed, or that are older than CONN_MAX_AGE.

    With a CONN_MAX_AGE of 0, connections are kept: call ``close_all()`` before waiting.
    """
    for connection in connections.all(initialized_only=True):
        if connection.in_atomic_block:
            continue
        if connection.errors_occurred:
            connection.close()
        elif connection.settings_dict["CONN_MAX_AGE"] != 0:
            connection.close_if_unusable_or_obsolete()


def discard() -> None:
    """Close and forget the connection to the messages, after an exception outside a transaction."""
    alias = router.db_for_write(Message)
    try:
        connections[alias].close()
    finally:
        # A time limit can stop any statement, so its state, such as in_atomic_block, can be wrong.
        del connections[alias]
