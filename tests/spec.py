"""The official reference, if it is available: in VONAGE_SPEC_DIR, or beside the project."""

import os
from pathlib import Path

import pytest

_BESIDE = Path(__file__).resolve().parent.parent.parent / "shared" / "spec"


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
