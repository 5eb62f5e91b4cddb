"""The official reference, where it is at hand: beside the project, or in VONAGE_SPEC_DIR."""

import os
from pathlib import Path

import pytest

_BESIDE = Path(__file__).resolve().parent.parent.parent / "shared" / "spec"


def spec_file(name: str) -> Path:
    """Return a file of the reference. Skips the test where there is none, but fails it in CI."""
    path = Path(os.environ.get("VONAGE_SPEC_DIR", _BESIDE)) / name
    if not path.exists():
        if os.environ.get("CI"):
            pytest.fail(f"The reference file {name} is missing; set VONAGE_SPEC_DIR.")
        pytest.skip(f"The reference file {name} is not at hand.")
    return path
