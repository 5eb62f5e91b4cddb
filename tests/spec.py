"""The official reference and recorded cases, if they are available.

They are in VONAGE_SPEC_DIR and VONAGE_CASES_DIR, or beside the project.
"""

import json
import os
from pathlib import Path
from typing import Any

import pytest

_SHARED = Path(__file__).resolve().parent.parent.parent / "shared"
_BESIDE = _SHARED / "spec"
_CASES_BESIDE = _SHARED / "cases"


def spec_file(name: str) -> Path:
    """Return a file of the reference.

    Skip the test if there is no such file. Fail if VONAGE_SPEC_DIR is set, as in CI.
    """
    directory = os.environ.get("VONAGE_SPEC_DIR")
    path = Path(directory or _BESIDE) / name
    if not path.exists():
        if directory:
            pytest.fail(f"VONAGE_SPEC_DIR has no {name}.")
        pytest.skip(f"The reference file {name} is not available.")
    return path


def case(name: str, default: Any) -> Any:
    """Return the ``input`` of a recorded case, or ``default`` if the cases are not available.

    Fail if VONAGE_CASES_DIR is set, as in CI, and has no such case.
    """
    path = _case_path(name)
    return json.loads(path.read_text())["input"] if path else default


def case_script(name: str) -> Path:
    """Return the script of a recorded case. Skip the test if the cases are not available."""
    path = _case_path(name)
    if not path:
        pytest.skip(f"The case {name} is not available.")
    return path


def _case_path(name: str) -> Path | None:
    directory = os.environ.get("VONAGE_CASES_DIR")
    path = Path(directory or _CASES_BESIDE) / name
    if path.exists():
        return path
    if directory:
        pytest.fail(f"VONAGE_CASES_DIR has no {name}.")
    return None
