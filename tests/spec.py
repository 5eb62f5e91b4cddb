"""The official reference, where it is at hand: in VONAGE_SPEC_DIR, or beside the project."""

import os
from pathlib import Path

import pytest

_BESIDE = Path(__file__).resolve().parent.parent.parent / "shared" / "spec"


def spec_file(name: str) -> Path:
    """Return a file of the reference. Skips the test where there is none, unless VONAGE_SPEC_DIR
    promises it, as in CI.
    """
    promised = os.environ.get("VONAGE_SPEC_DIR")
    path = Path(promised or _BESIDE) / name
    if not path.exists():
        if promised:
            pytest.fail(f"VONAGE_SPEC_DIR has no {name}.")
        pytest.skip(f"The reference file {name} is not at hand.")
    return path
