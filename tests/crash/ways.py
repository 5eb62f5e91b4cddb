"""Numbers of the messages, and the ways to send them."""

INLINE = ("inline", "inline without a key")
QUEUED = ("queued", "queued in a transaction")
ALONE = (*INLINE, "queued")
"""Ways without an order that is committed with the message."""
WITHOUT_A_KEY = ("inline without a key", "in a transaction without a key")
"""Ways without an idempotency key: after an error or a death, the caller cannot send again."""
WAYS = (
    "inline",
    "queued",
    "in a transaction",
    "queued in a transaction",
    "after a rollback",
    *WITHOUT_A_KEY,
)


def way_of(n: int) -> str:
    return WAYS[n % len(WAYS)]


def text_of(n: int) -> str:
    return f"message {n}"
