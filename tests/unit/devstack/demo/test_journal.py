"""What is read out of the simulator's journal."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from devstack.demo.journal import (
    Cap,
    cap_uses,
    caps_of,
    fullest,
    repeated_contacts,
    writes,
)
from hypothesis import given
from hypothesis import strategies as st
from outreach.linkedin.v1 import action_pb2, pace_pb2

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def entry(seq: int, at: datetime, **facts: Any) -> dict[str, Any]:
    """A line of the journal."""
    usual = {
        "seq": seq,
        "direction": "in",
        "received_at": at.isoformat(),
        "account_id": "acc",
        "target": "ada-example",
        "kind": "message",
        "text": "Hello",
        "changed": True,
    }
    return usual | facts


def test_only_calls_that_changed_something_are_writes() -> None:
    """Reads, refused calls and outgoing webhooks are no contact."""
    entries = [
        entry(1, NOON, kind=None),
        entry(2, NOON, changed=False),
        entry(3, NOON, direction="out", kind="webhook"),
        entry(4, NOON, kind="invite", text=None),
    ]

    made = writes(entries)

    assert [(write.seq, write.kind, write.text) for write in made] == [(4, "invite", "")]


def test_a_call_that_landed_late_is_a_write_of_that_moment() -> None:
    """Its answer was lost, and it was carried out all the same."""
    late = entry(2, NOON, direction="late", answered_at=(NOON + HOUR).isoformat())

    made = writes([entry(1, NOON, changed=False), late])

    assert [(write.seq, write.at) for write in made] == [(2, NOON + HOUR)]


def test_a_window_of_exactly_its_length_holds_only_its_first_instant() -> None:
    """Two actions an hour apart are never in one stretch of an hour."""
    times = [NOON, NOON + HOUR, NOON + HOUR + timedelta(microseconds=1)]

    assert fullest(times[:2], HOUR) == 1
    assert fullest(times, HOUR) == 2


@given(st.lists(st.integers(min_value=1, max_value=90), max_size=60))
def test_the_fullest_window_is_the_one_a_plain_count_finds(gaps: list[int]) -> None:
    """The sliding count equals counting the window that begins at every instant."""
    times = [NOON]
    for gap in gaps:
        times.append(times[-1] + timedelta(minutes=gap))

    plain = max(sum(start <= at < start + HOUR for at in times) for start in times)

    assert all(earlier < later for earlier, later in pairwise(times))
    assert fullest(times, HOUR) == plain


def test_a_cap_that_is_broken_is_told() -> None:
    """Three messages in an hour break a cap of two, and only for that account."""
    made = writes([entry(n, NOON + n * timedelta(minutes=10)) for n in range(3)])
    caps = [
        Cap(account_id=account, kind="message", per=HOUR, limit=2) for account in ("acc", "other")
    ]

    uses = cap_uses(made, caps)

    assert [(use.cap.account_id, use.highest, use.kept) for use in uses] == [
        ("acc", 3, False),
        ("other", 0, True),
    ]


def test_the_hard_ceilings_bind_whatever_the_gateway_says() -> None:
    """An hourly cap told as 500 invitations is judged as the product's 20."""
    usage = pace_pb2.Usage(kind=action_pb2.ACTION_KIND_INVITATION, limit=500)
    usage.per.FromTimedelta(HOUR)

    caps = {(cap.kind, cap.per): cap.limit for cap in caps_of("acc", [usage])}

    assert caps["invite", HOUR] == 20


def test_the_same_message_twice_is_a_repeated_contact() -> None:
    """Two different follow-ups are two steps; the same text twice is a mistake."""
    made = writes(
        [
            entry(1, NOON, text="First"),
            entry(2, NOON + HOUR, text="Second"),
            entry(3, NOON + 2 * HOUR, text="Second"),
        ]
    )

    assert repeated_contacts(made) == ["ada-example received the same message 2 times"]


def test_a_second_invitation_is_repeated_whatever_its_note_says() -> None:
    """A person is invited once."""
    made = writes(
        [
            entry(1, NOON, kind="invite", text="Shall we connect?"),
            entry(2, NOON + HOUR, kind="invite", text="Once more"),
        ]
    )

    assert len(repeated_contacts(made)) == 1
