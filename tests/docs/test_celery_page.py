"""The Celery page: names in the schedule, and the numbers of its formulas.

``tests/integration/test_celery.py`` runs the page's settings and tasks on a real Redis.
"""

import ast
import re
from typing import Any

from tests.docs.blocks import blocks_of
from tests.docs.tables import page, rows_of

BLOCKS = {block.name: block for block in blocks_of(page("celery"))}


def settings_of_the_page() -> dict[str, Any]:
    module: dict[str, Any] = {}
    exec(BLOCKS["settings.py"].compiled(), module)
    return module


def test_schedule_names_the_tasks_of_the_page() -> None:
    functions = [
        node.name
        for node in ast.parse(BLOCKS["tasks.py"].code).body
        if isinstance(node, ast.FunctionDef)
    ]
    schedule = settings_of_the_page()["CELERY_BEAT_SCHEDULE"]
    assert [each["task"] for each in schedule.values()] == [f"shop.tasks.{f}" for f in functions]


def test_formulas_have_the_numbers_of_the_page() -> None:
    schedule = settings_of_the_page()["CELERY_BEAT_SCHEDULE"]
    interval = schedule["deliver-messages"]["schedule"]
    (limit,) = map(int, re.findall(r"\(limit=(\d+)", BLOCKS["tasks.py"].code))
    seconds = 0.2
    values = {number: value for number, _formula, value in rows_of("celery", "Number")}
    assert values["Most messages per minute"] == f"{limit * 60 / interval:.0f}"
    assert values["Time of a full call"] == f"{limit * seconds:.0f} seconds"
    assert values["Processes in use during a backlog"] == f"{limit * seconds / interval:.0f}"
