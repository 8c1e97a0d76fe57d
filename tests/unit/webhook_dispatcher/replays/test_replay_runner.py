"""How far a step of a replay goes, and how fast steps follow each other."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from webhook_dispatcher.replays.models import Replay
from webhook_dispatcher.replays.replay_events import LookedAt
from webhook_dispatcher.replays.replay_runner import STEP_EVERY, advanced, pause_after, step_of

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
REPLAY = Replay(
    id="rpl_1",
    organization_id="org_1",
    request_id="r1",
    endpoint_id="ep_1",
    start_at=NOON,
    end_at=NOON + timedelta(hours=1),
    max_per_minute=600,
    after_time=NOON,
    created_at=NOON,
)


@given(st.integers(1, 30_000))
def test_no_minute_has_more_events_than_asked_for(max_per_minute: int) -> None:
    """And a rate that steps of a second can keep is kept to within one event a step."""
    events, pause = step_of(max_per_minute)

    assert 2 * pause > STEP_EVERY
    assert events / (pause / timedelta(minutes=1)) <= max_per_minute * (1 + 1e-6)
    assert events <= max(1, max_per_minute * (STEP_EVERY / timedelta(minutes=1)))


@given(st.lists(st.integers(0, 300), min_size=1, max_size=20), st.integers(1, 6000))
def test_what_comes_along_counts(with_each: list[int], max_per_minute: int) -> None:
    """However many events are taken along, by their pauses steps keep to the rate."""
    looked_at = [
        LookedAt(
            f"evt_{number:03}",
            NOON + timedelta(seconds=number),
            wanted=True,
            with_it=[f"evt_{number:03}_{before:03}" for before in range(many)],
        )
        for number, many in enumerate(with_each)
    ]
    along = {event_id for each in looked_at for event_id in each.with_it}
    events, _ = step_of(max_per_minute)

    replay, taken, took, left = REPLAY, 0, timedelta(), looked_at
    while left:
        before = replay.examined_events
        replay, some = advanced(replay, left, along=along, events=events)
        left = left[replay.examined_events - before :]
        assert len(some) < events + max(with_each) + 1
        taken += len(some)
        took += pause_after(len(some), max_per_minute=max_per_minute)

    assert taken == len(looked_at) + len(along)
    assert taken <= max_per_minute * (took / timedelta(minutes=1)) * (1 + 1e-6)


@given(st.lists(st.booleans(), max_size=50), st.integers(1, 10))
def test_a_walk_takes_each_wanted_event_once(wanted: list[bool], events: int) -> None:
    """However few a step may take, the steps together take all that are wanted, in order."""
    looked_at = [
        LookedAt(
            f"evt_{number * 7 % 50:03}",
            NOON + timedelta(seconds=number // 20),
            each,
            subject=f"lead_{number // 5:02}",
            number=number % 5 + 1,
        )
        for number, each in enumerate(wanted)
    ]

    replay, taken, left = REPLAY, list[str](), looked_at
    while left:
        replay, some = advanced(replay, left, events=events)
        assert len(some) <= events
        taken += some
        left = [
            each
            for each in looked_at
            if (each.published_at, each.subject, each.number, each.event_id)
            > (
                replay.after_time,
                replay.after_subject,
                replay.after_number,
                replay.after_event_id,
            )
        ]

    assert taken == [each.event_id for each in looked_at if each.wanted]
    assert replay.examined_events == len(looked_at)
