"""The judge of reservations finds what is wrong, and nothing else."""

from datetime import UTC, datetime, timedelta

from devstack.bench.exactness import (
    Performed,
    broken_limits,
    over_limit,
    performed_by_journal,
    too_close,
)
from linkedin_gateway.models import HOUR, Cap, Kind
from linkedin_gateway.pace.snapshot import GapRange

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
TWO_AN_HOUR = (Cap(kind=Kind.REACTION, per=HOUR, actions=2),)
GAP = GapRange(shortest=MINUTE, longest=MINUTE)


def performed(
    number: int, at: timedelta, *, kind: Kind = Kind.REACTION, answered: bool = True
) -> Performed:
    sent_at = NOON + at
    return Performed(
        action_id=f"r{number}",
        kind=kind,
        sent_at=sent_at,
        finished_at=sent_at + timedelta(seconds=5) if answered else None,
    )


def test_an_action_too_many_is_found() -> None:
    """The third within an hour of the first one's answer is over a cap of two."""
    actions = [performed(0, 0 * MINUTE), performed(1, 10 * MINUTE), performed(2, 60 * MINUTE)]

    (found,) = over_limit(actions, caps=TWO_AN_HOUR)

    assert found.startswith("r2: customer reaction per hour")


def test_a_window_that_has_rolled_is_not() -> None:
    """One window after the first answer there is room again."""
    rolled = HOUR + timedelta(seconds=5)
    actions = [performed(0, 0 * MINUTE), performed(1, 10 * MINUTE), performed(2, rolled)]

    assert not over_limit(actions, caps=TWO_AN_HOUR)


def test_what_never_answered_counts_for_ever() -> None:
    """Nobody knows when it ended, so it is in every window from then on."""
    actions = [
        performed(0, 0 * MINUTE, answered=False),
        performed(1, 10 * HOUR),
        performed(2, 10 * HOUR + 5 * MINUTE),
    ]

    assert len(over_limit(actions, caps=TWO_AN_HOUR)) == 1


def test_siblings_count_together() -> None:
    """Messages and InMails share a cap; so does the judge count them."""
    actions = [
        performed(number, number * MINUTE, kind=(Kind.MESSAGE, Kind.INMAIL)[number % 2])
        for number in range(11)
    ]

    assert any("direct_message" in found for found in over_limit(actions, caps=()))


def test_two_writes_too_close_are_found() -> None:
    """The pause begins with the answer; reads keep none."""
    actions = [
        performed(0, 0 * MINUTE),
        performed(1, MINUTE),
        performed(2, 1.5 * MINUTE, kind=Kind.LOOKUP),
        performed(3, 3 * MINUTE),
    ]

    assert too_close("acct_1", actions, gap=GAP) == ["r1"]


def test_every_account_is_judged_by_both_laws() -> None:
    """A fault is found in whichever account it is: the pauses of the last one only were checked."""
    close = [performed(0, 0 * MINUTE), performed(1, MINUTE)]
    many = [performed(number, number * 10 * MINUTE) for number in range(3)]
    fine = [performed(0, 0 * MINUTE)]

    broken = broken_limits(
        {"acct_1": close, "acct_2": many, "acct_3": fine}, caps=lambda _: TWO_AN_HOUR, gap=GAP
    )

    assert broken == ["r1", "r2: customer reaction per hour"]


def test_a_journal_is_judged_by_when_it_became_so() -> None:
    """What landed late counts when it landed; reads and what changed nothing do not count."""
    entry = {"seq": 1, "direction": "in", "kind": "reaction", "changed": True}
    at = [(NOON + minutes * MINUTE).isoformat() for minutes in (0, 30, 59)]
    entries = [
        {**entry, "applied_at": at[0]},
        {**entry, "seq": 2, "kind": None, "applied_at": None},
        {**entry, "seq": 3, "changed": False, "applied_at": None},
        {**entry, "seq": 4, "direction": "late", "applied_at": at[1]},
        {**entry, "seq": 5, "kind": "webhook", "direction": "out", "applied_at": at[1]},
        {**entry, "seq": 6, "applied_at": at[2]},
    ]

    (found,) = over_limit(performed_by_journal(entries, dated="applied_at"), caps=TWO_AN_HOUR)

    assert found.startswith("call 6")
