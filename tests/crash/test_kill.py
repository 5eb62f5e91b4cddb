"""Kill processes at any moment, with faults; then the records and the tables must agree.

``VONAGE_KILL_TEST_SIZE=full`` kills more processes, ``VONAGE_KILL_TEST_SEED`` repeats the random
choices of a run, and ``pytest -s`` shows the numbers.
"""

import json
import os
import random
import socket
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from django_vonage_messages.simulator import Faults, Simulator
from tests.crash.run import FAULTS, Run, Size
from tests.crash.variants import VARIANTS

FULL = os.environ.get("VONAGE_KILL_TEST_SIZE") == "full"
SIZES = {"plain": Size(220, 2000, 50) if FULL else Size(16, 150, 15)}
SIZE = Size(80, 800, 30) if FULL else Size(8, 80, 10)
"""Size of the variants that are not in SIZES."""
SEED = int(os.environ.get("VONAGE_KILL_TEST_SEED") or random.SystemRandom().randrange(10**6))


@pytest.mark.long
@pytest.mark.parametrize("variant", VARIANTS)
def test_nothing_is_sent_twice_and_nothing_is_lost(variant: str, tmp_path: Path) -> None:
    began = time.monotonic()
    size = SIZES.get(variant, SIZE)
    sys.stdout.write(f"\nVONAGE_KILL_TEST_SEED={SEED}, {variant}: {size}\n")
    with closing(socket.create_server(("127.0.0.1", 0), reuse_port=True)) as reserved:
        port = reserved.getsockname()[1]
    with (
        VARIANTS[variant](SEED) as database,
        Simulator(
            status_url=f"http://127.0.0.1:{port}/webhooks/message-status",
            inbound_url=f"http://127.0.0.1:{port}/webhooks/inbound-message",
            time_scale=0.03,
            faults=Faults(FAULTS, seed=SEED, longest=1.5),
        ) as simulator,
    ):
        run = Run(database, tmp_path, simulator, port, size, SEED)
        try:
            run.disturb()
            run.finish()
            report = run.compare()
        finally:
            run.site.close()
        numbers = run.numbers() | report["numbers"] | {"seconds": round(time.monotonic() - began)}
    sys.stdout.write(json.dumps(numbers, indent=2) + "\n")
    assert run.failures() == []
    assert report["problems"] == [], f"VONAGE_KILL_TEST_SEED={SEED}"
    assert run.site.killed >= size.kills
