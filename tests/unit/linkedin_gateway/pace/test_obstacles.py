"""What stands between an action and its performance."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from linkedin_gateway.kinds.registry import CONTACTS, READS
from linkedin_gateway.models import (
    AccountState,
    ActionRequest,
    EnrolmentPolicy,
    HoldScope,
    Kind,
    OwnerMessages,
)
from linkedin_gateway.pace.obstacles import Obstacle, describe, obstacles_of
from linkedin_gateway.pace.schedules import slots_for
from linkedin_gateway.pace.slots import Bound
from linkedin_gateway.pace.snapshot import PaceRules, Snapshot

from tests.contracts.ledger import ACCOUNT, DAY, HOUR, NOW, RULES, asked
from tests.unit.linkedin_gateway.pace.snapshots import ANYTHING, requests, snapshots

policies = st.sampled_from(EnrolmentPolicy).map(
    lambda policy: replace(RULES, enrolment_policy=policy)
)


def found(request: ActionRequest, snapshot: Snapshot, rules: PaceRules = RULES) -> list[Obstacle]:
    slots = slots_for(request, snapshot, rules=rules, now=NOW)
    return list(obstacles_of(request, snapshot, rules, slots, now=NOW))


def reasons(request: ActionRequest, rules: PaceRules = RULES, **known: Any) -> list[str]:
    return [each.reason for each in found(request, replace(ANYTHING, **known), rules)]


@pytest.mark.parametrize("kind", Kind)
def test_nothing_is_invented(kind: Kind) -> None:
    """An account of which nothing is known that forbids it acts at once."""
    assert found(asked(kind=kind), ANYTHING) == []


@given(requests, snapshots, policies)
def test_who_knows_no_end_comes_first(
    request: ActionRequest, snapshot: Snapshot, rules: PaceRules
) -> None:
    """Nobody is told a time at which something endless would be in the way still."""
    ends = [each.free_at is not None for each in found(request, snapshot, rules)]

    assert ends == sorted(ends)


@given(requests, snapshots, policies)
def test_what_is_over_is_not_in_the_way(
    request: ActionRequest, snapshot: Snapshot, rules: PaceRules
) -> None:
    """Every end that is told lies ahead."""
    assert all(
        each.free_at is None or each.free_at > NOW for each in found(request, snapshot, rules)
    )


@given(requests, snapshots, policies)
def test_every_reason_has_its_sentence(
    request: ActionRequest, snapshot: Snapshot, rules: PaceRules
) -> None:
    """A row keeps the reason alone: what is told of it later is a sentence too."""
    for each in found(request, snapshot, rules):
        assert describe(each.reason) != each.reason
        assert each.description


@pytest.mark.parametrize("kind", Kind)
def test_a_hold_is_on_what_changes_something(kind: Kind) -> None:
    """A read goes on under a hold; every write waits, under each that is in force."""
    held = reasons(asked(kind=kind), holds=[HoldScope.ACCOUNT, HoldScope.CAMPAIGN])

    assert held == ([] if kind in READS else ["HELD", "HELD"])


@pytest.mark.parametrize("kind", Kind)
def test_a_parked_account_does_nothing(kind: Kind) -> None:
    """Not even reads are asked of an account that cannot act."""
    for state in AccountState:
        account = replace(ACCOUNT, state=state)

        assert bool(reasons(asked(kind=kind), account=account)) is (
            state is not AccountState.CONNECTED
        )


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize(
    ("known", "reason"),
    [
        ({"owner_wrote_at": NOW - HOUR}, "OWNER_WROTE"),
        ({"elsewhere": True}, "PERSON_IN_ANOTHER_CAMPAIGN"),
        ({"automatic_at": NOW - HOUR}, "PERSON_AWAY"),
    ],
)
def test_what_the_person_would_hear_waits(kind: Kind, known: dict[str, Any], reason: str) -> None:
    """What is known of a person holds back what they hear of, and nothing else."""
    request = asked(
        kind=kind,
        owner_messages=OwnerMessages.PAUSE_UNTIL_ANSWERED,
        automatic_reply_wait=DAY,
    )
    rules = replace(RULES, enrolment_policy=EnrolmentPolicy.WAIT)

    assert reasons(request, rules, **known) == ([reason] if kind in CONTACTS else [])


def test_the_end_itself_is_free() -> None:
    """At the moment that was told nothing is in the way: who comes then is not sent away."""
    request = asked(kind=Kind.INVITATION, automatic_reply_wait=DAY)

    assert reasons(request, automatic_at=NOW - DAY, cools_until=NOW, in_flight_until=NOW) == []


@pytest.mark.parametrize("kind", Kind)
def test_one_write_at_a_time(kind: Kind) -> None:
    """While a write is on the wire no other begins, and reads do not mind."""
    waits = reasons(asked(kind=kind), in_flight_until=NOW + HOUR)

    assert (Bound.GAP.value in waits) is (kind not in READS)


@given(st.integers(1, 50))
def test_more_ahead_is_a_longer_wait(ahead: int) -> None:
    """Each better-ranked request whose turn is now puts the next one off by a pause if caps are
    open; else the turn says by how many, and one pause is the least.
    """
    for rules, pauses in ((replace(RULES, open=True), 1), (RULES, 0)):
        (one,) = found(asked(), replace(ANYTHING, due_ahead=ahead), rules)
        (more,) = found(asked(), replace(ANYTHING, due_ahead=ahead + 1), rules)

        assert one.free_at is not None
        assert more.free_at is not None
        assert one.free_at >= NOW + RULES.gap.mean
        assert more.free_at - one.free_at == pauses * RULES.gap.mean
