from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from django_vonage_messages.protocol.statuses import (
    ACCEPTED,
    RANKS,
    Charge,
    ErrorInfo,
    Evidence,
    MessageState,
    combine_evidence,
)

START = datetime(2020, 1, 1, 14, tzinfo=UTC)
ORDER = ["accepted", "submitted", "rejected", "undeliverable", "delivered", "read"]

moments = st.integers(0, 5).map(lambda seconds: START + timedelta(seconds=seconds))
statuses = st.sampled_from([*ORDER, "seen", "weird"])
errors = st.sampled_from([ErrorInfo(), ErrorInfo("1300", "Not there"), ErrorInfo("1180")])
usages = st.sampled_from(
    [None, Charge(Decimal("0.0333"), "0.0333", "EUR"), Charge(Decimal("0.01"), "0.01", "USD")]
)
segments = st.sampled_from([None, 1, 2])
pricings = st.sampled_from([{}, {"category": "marketing"}, {"category": "service", "type": "x"}])
evidence = st.builds(
    Evidence,
    statuses,
    st.text("abc", max_size=4),
    moments,
    st.none() | moments,
    errors,
    usages,
    segments,
    pricings,
)
event_sets = st.lists(evidence, max_size=7, unique_by=lambda event: event.key)


def _event(status: str, second: int | None = 0, **kwargs) -> Evidence:
    moment = None if second is None else START + timedelta(seconds=second)
    key = kwargs.pop("key", f"{status}{second}")
    return Evidence(status, key, received_at=START, occurred_at=moment, **kwargs)


@given(event_sets, st.data())
def test_order_and_repetition_never_matter(events, data):
    repeated = events + (data.draw(st.lists(st.sampled_from(events))) if events else [])
    shuffled = data.draw(st.permutations(repeated))
    assert combine_evidence(shuffled) == combine_evidence(events)


@given(event_sets)
def test_state_contains_only_values_of_the_events(events):
    state = combine_evidence(iter(events))
    if not events:
        assert state is None
        return
    listed = [event.status for event in events if event.status in RANKS]
    assert state.status == (max(listed, key=ORDER.index) if listed else ACCEPTED)
    assert set(state.reached_at) == {event.status for event in events}
    assert state.charge in [event.charge for event in events]
    assert state.segments in [event.segments for event in events]
    assert state.pricing in [event.pricing for event in events]
    assert state.error in [ErrorInfo(), *(e.error for e in events if e.status == state.status)]


@given(event_sets, evidence)
def test_more_evidence_never_lowers_the_status(events, added):
    if added.key in {event.key for event in events}:
        return
    before, after = combine_evidence(events), combine_evidence([*events, added])
    assert after is not None
    assert before is None or RANKS[after.status] >= RANKS[before.status]


def test_ranks_are_in_the_documented_order():
    assert sorted(RANKS, key=RANKS.__getitem__) == ORDER


def test_no_events_give_no_state():
    assert combine_evidence([]) is None


def test_a_late_submitted_does_not_undo_delivered():
    state = combine_evidence([_event("delivered", 1), _event("submitted", 9)])
    assert state.status == "delivered"
    assert state.reached_at == {
        "delivered": START + timedelta(seconds=1),
        "submitted": START + timedelta(seconds=9),
    }


def test_unknown_status_counts_as_accepted_without_an_error():
    error = ErrorInfo("1300", "Not part of the provider network")
    assert combine_evidence([_event("queued-at-carrier", error=error)]) == MessageState(
        "accepted", reached_at={"queued-at-carrier": START}
    )


def test_delivered_keeps_only_its_own_error():
    error = ErrorInfo("1300", "Not part of the provider network")
    assert combine_evidence([_event("delivered", error=error)]).error == error
    assert (
        combine_evidence([_event("rejected", 5, error=error), _event("delivered", 1)]).error
        == ErrorInfo()
    )


def test_latest_event_of_a_status_gives_the_error():
    first, last = ErrorInfo("1180"), ErrorInfo("1230")
    events = [_event("rejected", 2, error=last), _event("rejected", 1, error=first)]
    assert combine_evidence(events).error == last


def test_price_is_the_last_usage_and_not_a_sum():
    cheap, dear = Charge(Decimal("0.01"), "0.01", "EUR"), Charge(Decimal("0.05"), "0.05", "EUR")
    events = [
        _event("submitted", 1, charge=cheap),
        _event("delivered", 2, charge=dear),
        _event("read", 3),
    ]
    assert combine_evidence(events).charge is dear


def test_segments_and_pricing_are_the_latest_values():
    events = [
        _event("read", 3),
        _event("delivered", 2, pricing={"category": "utility"}),
        _event("submitted", 1, segments=2, pricing={"category": "service", "type": "regular"}),
    ]
    state = combine_evidence(events)
    assert (state.segments, state.pricing) == (2, {"category": "utility"})


def test_time_of_a_status_is_its_first_time_or_when_received():
    state = combine_evidence(
        [_event("submitted", 4), _event("submitted", 2), _event("delivered", None)]
    )
    assert state.reached_at == {"submitted": START + timedelta(seconds=2), "delivered": START}


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (ErrorInfo(), False),
        (ErrorInfo(instance="abc"), False),
        (ErrorInfo("1000"), True),
        (ErrorInfo(title="Throttled"), True),
        (ErrorInfo(detail="wait"), True),
    ],
)
def test_error_info_is_true_with_a_code_or_text(error, expected):
    assert bool(error) is expected
