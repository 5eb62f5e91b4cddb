"""Check that the correct calls type-check and that each wrong call has its marked error.

Run ``python tests/type_hints/check.py`` with mypy and django-stubs installed. The package is the
installed one, or the one in PYTHONPATH.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
MARK = re.compile(r"  # error: ([a-z-]+)$")
ERROR = re.compile(r"^wrong_calls\.py:(\d+): error: .*\[([a-z-]+)\]$")


def main() -> int:
    output = _mypy()
    found = {(int(m[1]), m[2]) for line in output if (m := ERROR.match(line))}
    other_errors = [line for line in output if ": error: " in line and not ERROR.match(line)]
    expected = _expected()
    problems = [
        *(f"unexpected: {line}" for line in other_errors),
        *(f"wrong_calls.py:{n}: no [{code}] was found" for n, code in sorted(expected - found)),
        *(f"wrong_calls.py:{n}: unexpected [{code}]" for n, code in sorted(found - expected)),
    ]
    if not found:
        problems += ["mypy did not run:", *output]
    done = f"Types for users: {len(expected)} wrong calls have their errors."
    sys.stdout.write("\n".join(problems or [done]) + "\n")
    return int(bool(problems))


def _expected() -> set[tuple[int, str]]:
    lines = (HERE / "wrong_calls.py").read_text(encoding="utf-8").splitlines()
    return {(n, m[1]) for n, line in enumerate(lines, start=1) if (m := MARK.search(line))}


def _mypy() -> list[str]:
    paths = os.pathsep.join(filter(None, (str(HERE), os.environ.get("PYTHONPATH", ""))))
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "correct_calls.py", "wrong_calls.py"],
        cwd=HERE,
        env=os.environ | {"PYTHONPATH": paths, "MYPYPATH": os.environ.get("PYTHONPATH", "")},
        capture_output=True,
        text=True,
        check=False,
    )
    return (done.stdout + done.stderr).splitlines()


sys.exit(main())
