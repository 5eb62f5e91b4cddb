"""Measure a site that sends nothing, with and without the package: start-up, memory, a request.

Each number comes from a new process. The two sites differ only in the app and its URLs. No database
is used.
"""

import json
import statistics
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

from benchmarks.common.measuring import print_table, spread
from benchmarks.common.runtime import ROOT, child_environment, command_line, print_heading

HEADER = ("measure", "without the app", "with the app", "difference", "× without")
MEASURES = {
    "django.setup(), CPU ms": "setup_ms",
    "first request, CPU ms": "first_request_ms",
    "later request, CPU µs": "request_us",
    "memory after a request, MB": "memory_mb",
    "modules after a request": "modules",
}
SEND_IMPORT = ("import of send_message after that, CPU ms", "–")

Probe = dict[str, Any]


def main() -> None:
    options = command_line(__doc__, rounds=5).parse_args()
    print_heading("a new process for each number; all requests go to a view that makes no query")
    pairs = [(_probe(has_app=False), _probe(has_app=True)) for _ in range(options.rounds + 1)]
    without, with_app = zip(*pairs[1:], strict=True)  # the first round warms up
    rows = [_row(label, key, without, with_app) for label, key in MEASURES.items()]
    rows.append((*SEND_IMPORT, spread([each["send_import_ms"] for each in with_app], 1), "–", "–"))
    print_table(HEADER, rows)
    print()
    for moment, key in (("setup()", "setup_packages"), ("the first request", "packages")):
        added = sorted(set(with_app[0][key]) - set(without[0][key]))
        print(f"Loaded by {moment} because of the app: {', '.join(added)}")


def _probe(*, has_app: bool) -> Probe:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.common.startup_probe"],
        cwd=ROOT,
        env=child_environment(BENCHMARK_WITHOUT_APP="" if has_app else "1"),
        stdout=subprocess.PIPE,
        check=True,
    )
    return json.loads(done.stdout)


def _row(
    label: str, key: str, without: Sequence[Probe], with_app: Sequence[Probe]
) -> tuple[str, ...]:
    pairs = [(before[key], after[key]) for before, after in zip(without, with_app, strict=True)]
    if not all(before for before, _after in pairs):
        return (label, *("–" * 4))
    difference = statistics.median(after - before for before, after in pairs)
    return (
        label,
        *(spread(side, 1) for side in zip(*pairs, strict=True)),
        f"{difference:+.1f}",
        spread(after / before for before, after in pairs),
    )


if __name__ == "__main__":
    main()
