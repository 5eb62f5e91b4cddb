"""Names of the places where a process kills itself, and the time-out of its requests."""

TIMEOUT = 1
"""Seconds after which the site gives up a request to the simulator."""
IN_WRITING = (
    "before a commit",
    "after a commit",
    "in a receiver, before its effect",
    "in a receiver, after its effect",
)
IN_SENDING = (
    "after a claim",
    "after a start",
    "while the POST leaves",
    "after the answer",
)
PAUSES = ("a pause after a claim", "a pause after a start", "a pause after the answer")
"""Places where a process sleeps for longer than its lease instead of dying."""
