"""Comparison of the statements of a path at two sizes of the tables."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

import pytest
from django.db import connection

from django_vonage_messages import send_message
from django_vonage_messages.exceptions import DeliveryUnconfirmed, MessageRejected
from django_vonage_messages.models import Message
from django_vonage_messages.protocol.outcomes import Outcome
from django_vonage_messages.testing import outcomes
from tests.plans.explain import Plan, explained, large_tables

POSTGRESQL_ONLY: Final = [
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("without_receivers"),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="The plans are PostgreSQL's."),
]
TO: Final = "447700900200"
MAX_SCANNED: Final = 500
"""Rows of a table that a sequential scan may read."""
MORE_ROWS: Final = 20
MORE_BLOCKS: Final = 40
BLOCKS_PER_LOOKUP: Final = 5
"""The indexes of a larger table are deeper."""

Job = Callable[[], object]
Path = Callable[[], Job]
"""Function that prepares one run of a path, and returns the run."""

_numbers: Final = iter(range(10**6))


def measure_growth(
    paths: Mapping[str, Path], grow: Callable[[int], object], sizes: tuple[int, int]
) -> None:
    """Run each path at both sizes. Fail if a statement does more work at the larger size."""
    found: dict[int, dict[str, list[Plan]]] = {}
    for size in sizes:
        grow(size)
        found[size] = {name: run(path) for name, path in paths.items()}
    small, large = (found[size] for size in sizes)
    tables = large_tables(MAX_SCANNED)
    problems = [
        f"{name}: {problem}"
        for name in paths
        for problem in growth(small[name], large[name], tables)
    ]
    assert not problems, "\n" + "\n".join(problems)


def run(path: Path) -> list[Plan]:
    job = path()
    with explained() as plans:
        job()
    assert plans, "The path has no statement."
    return plans


def growth(small: Iterable[Plan], large: Iterable[Plan], tables: set[str]) -> Iterator[str]:
    """Describe the statements that do more work in the larger tables."""
    before, after = most_work(small), most_work(large)
    for statement, plan in after.items():
        rows, blocks = work(before[statement]) if statement in before else (0, 0)
        more_blocks = MORE_BLOCKS + BLOCKS_PER_LOOKUP * (plan.values + plan.rows)
        if plan.rows > rows + MORE_ROWS or plan.blocks > blocks + more_blocks:
            yield f"{plan} (smaller tables: {rows} rows, {blocks} blocks)"
        elif plan.scanned_tables & tables:
            yield f"sequential scan: {plan}"
        if plan.is_compiled:
            yield f"JIT: {plan}"


def most_work(plans: Iterable[Plan]) -> dict[str, Plan]:
    """Return the run of each statement that did the most work."""
    return {plan.statement: plan for plan in sorted(plans, key=work)}


def work(plan: Plan) -> tuple[int, int]:
    return plan.rows, plan.blocks


def failed_with(outcome: Outcome) -> Message:
    """Send a message that fails."""
    outcomes.append(outcome)
    with pytest.raises((MessageRejected, DeliveryUnconfirmed)) as raised:
        send_message(TO, "Hello")
    return raised.value.message


def unique(name: str) -> str:
    """Return a text that is used once."""
    return f"{name}-{next(_numbers)}"


def new_number() -> str:
    """Return a customer's number that has no conversation."""
    return f"4477010{next(_numbers):05}"
