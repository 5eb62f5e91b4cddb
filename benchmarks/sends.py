"""Compare sends with Vonage's SDK and with the minimum that a site could do.

One thread sends to a local TLS server that answers at once. A bare POST sends the same body on an
open connection: alone, or with an INSERT before and an UPDATE after it. The SDK stores nothing.
"send_message() without HTTP" uses the locmem backend.
"""

import importlib.util
import itertools
from collections.abc import Callable, Mapping

from django.conf import settings
from django.test import override_settings

from benchmarks.common.api_clients import (
    APPLICATION_ID,
    SENDER,
    TEXT,
    api_account,
    bare_post,
    new_private_key,
)
from benchmarks.common.measuring import (
    CPU,
    DATABASE_CPU,
    TOTAL_CPU,
    WALL,
    Job,
    Sample,
    Side,
    StatementCounts,
    interleave,
    microseconds,
    print_table,
    ratios,
    spread,
    statement_counts,
)
from benchmarks.common.runtime import command_line, print_heading, temporary_database
from benchmarks.common.vonage_stand_in import vonage_stand_in
from benchmarks.site.models import BareRow
from django_vonage_messages import queue_message, send_message
from django_vonage_messages.testing import capture_messages

BASE = "bare POST, INSERT and UPDATE"
SDK = "Vonage SDK"
HAS_SDK = importlib.util.find_spec("vonage") is not None
HEADER = (
    "work",
    "statements",
    "commits",
    "wall µs",
    "CPU µs",
    "database CPU µs",
    "× bare, wall",
    "× bare, CPU",
    "× SDK, wall",
    "× SDK, CPU",
)


def main() -> None:
    parser = command_line(__doc__, rounds=5)
    parser.add_argument("--count", type=int, default=100, help="sends a round (%(default)s)")
    parser.add_argument(
        "--sdk-count", type=int, default=10, help="sends a round of the SDK (%(default)s)"
    )
    options = parser.parse_args()
    with temporary_database(), vonage_stand_in() as address:
        key = new_private_key()
        account = settings.VONAGE_MESSAGES["default"] | api_account(address, key)
        with override_settings(VONAGE_MESSAGES={"default": account}):
            print_heading(f"one thread, {options.count} sends a round, HTTPS on loopback")
            sides = _sides(address, key, options.count)
            if HAS_SDK:
                sides[SDK] = _sdk_side(address, key, options.sdk_count)
            counts = {name: statement_counts(side) for name, side in sides.items()}
            samples = interleave(sides, options.rounds)
        print_table(HEADER, (_row(name, counts[name], samples) for name in sides))
    if not HAS_SDK:
        print("\nThe Vonage SDK is not installed here. To measure it too: make bench-sends")


def _sides(address: str, key: str, count: int) -> dict[str, Side]:
    post = bare_post(address, key)

    def post_with_row() -> None:
        row = BareRow.objects.create(body={"text": TEXT}, status="sending")
        post()
        BareRow.objects.filter(pk=row.pk).update(status="accepted")

    send, queue = (_to_customers(each) for each in (send_message, queue_message))
    return {
        BASE: Side(lambda: [post_with_row] * count),
        "bare POST": Side(lambda: [post] * count),
        "send_message()": Side(lambda: [send] * count),
        "send_message() without HTTP": Side(lambda: [send] * count, capture_messages),
        "queue_message()": Side(lambda: [queue] * count),
    }


def _to_customers(function: Callable[[str, str], object]) -> Job:
    """Return a job that calls the function for the next of 20 customers."""
    numbers = itertools.cycle(f"4477009{number:05}" for number in range(20))
    for number in itertools.islice(numbers, 20):  # so that no measured send creates a conversation
        function(number, TEXT)
    return lambda: function(next(numbers), TEXT)


def _sdk_side(address: str, key: str, count: int) -> Side:
    from vonage import Auth, HttpClientOptions, Vonage
    from vonage_messages import Sms

    auth = Auth(application_id=APPLICATION_ID, private_key=key)
    client = Vonage(auth, HttpClientOptions(api_host=address))

    def send() -> None:
        client.messages.send(Sms(to="447700900000", from_=SENDER, text=TEXT))

    return Side(lambda: [send] * count)


def _row(
    name: str, counts: StatementCounts, samples: Mapping[str, list[Sample]]
) -> tuple[object, ...]:
    ours, bare, sdk = samples[name], samples[BASE], samples.get(SDK)
    return (
        name,
        counts.statements,
        counts.commits,
        *(microseconds(ours, of) for of in (WALL, CPU, DATABASE_CPU)),
        *(spread(ratios(ours, bare, of)) for of in (WALL, TOTAL_CPU)),
        *(spread(ratios(ours, sdk, of)) if sdk else "–" for of in (WALL, TOTAL_CPU)),
    )


if __name__ == "__main__":
    main()
