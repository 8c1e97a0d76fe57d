"""What comes of a decision whose effect is asked for: done, left to a person, failed, or again."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, cast

import pytest
from automation.decisions.decision import Change, Decision, DecisionKind, DecisionState
from automation.decisions.decision_repository import DecisionRepository
from automation.decisions.kinds import sentence
from campaigns.errors import CampaignEnded
from outreach_worker.decisions.calling_off import CallingOff
from outreach_worker.decisions.effects import Overtaken
from outreach_worker.decisions.settlement import DecisionSettlement
from servicekit.clock import Clock
from servicekit.errors import PermissionDenied, Unavailable

NOW = datetime(2027, 3, 1, 12, tzinfo=UTC)
CHANGE = Change(before={"state": "running"}, after={"state": "paused"})


@dataclass
class World:
    """A thing that decisions change, and what stands in their way."""

    state: str = "running"
    refusals: list[Exception] = field(default_factory=list)

    async def apply(self, decision: Decision) -> Change:
        self._refuse()
        self.state = decision.change.after["state"]
        return decision.change

    async def take_back(self, decision: Decision) -> None:
        self._refuse()
        self.state = decision.change.before["state"]

    def _refuse(self) -> None:
        if self.refusals:
            raise self.refusals.pop()


@dataclass
class Rows:
    """One decision; what is SQL's law is tested there."""

    kept: Decision

    async def get(self, _: str) -> Decision:
        return self.kept

    async def applied(self, _: str, change: Change, *, now: datetime) -> Decision:
        return self._to(state=DecisionState.APPLIED, change=change, applied_at=now)

    async def superseded(self, _: str, reason: str, *, now: datetime) -> Decision:
        return self._to(state=DecisionState.SUPERSEDED, failure=reason, ended_at=now)

    async def failed(self, _: str, reason: str, *, now: datetime) -> Decision:
        return self._to(state=DecisionState.FAILED, failure=reason, ended_at=now)

    async def call_off(self, _: str, ending: DecisionState, reason: str) -> Decision:
        if self.kept.is_approved and self.kept.ending is None:
            self._to(ending=ending, failure=reason)
        return self.kept

    async def called_off(self, _: str, *, now: datetime) -> Decision:
        if self.kept.ending is None:
            return self.kept
        return self._to(state=self.kept.ending, ending=None, ended_at=now)

    async def reverted(self, _: str, *, now: datetime) -> Decision:
        return self._to(state=DecisionState.REVERTED, ended_at=now)

    async def overtaken(self, _: str, reason: str, *, now: datetime) -> Decision:
        return self._to(state=DecisionState.SUPERSEDED, failure=reason, ended_at=now)

    async def not_reverted(self, _: str, reason: str) -> Decision:
        return self._to(revert_asked_at=None, failure=reason)

    def _to(self, **changed: Any) -> Decision:
        self.kept = replace(self.kept, **changed)
        return self.kept


def approved() -> Decision:
    return Decision(
        id="dec_1",
        organization_id="org_1",
        program_id="prog_1",
        campaign_id="camp_1",
        key="pause_campaign",
        kind=DecisionKind.PAUSE_CAMPAIGN,
        rule="guardrails",
        change=CHANGE,
        created_at=NOW,
        answered_at=NOW,
        answered_by="mem_ann",
    )


def reverting() -> Decision:
    state = DecisionState.APPLIED
    return replace(approved(), state=state, applied_at=NOW, revert_asked_at=NOW)


@dataclass
class CalledOff:
    """Whether something keeps it from being done any more."""

    why: str = ""

    async def reason(self, _: Decision) -> str:
        return self.why


def settlement_of(rows: Rows, world: World, why: str = "") -> DecisionSettlement:
    return DecisionSettlement(
        cast("DecisionRepository", rows),
        dict.fromkeys(DecisionKind, world),
        Clock.real_time(),
        calling_off=cast("CallingOff", CalledOff(why)),
    )


async def settled(
    decision: Decision, world: World, *, times: int = 1, why: str = ""
) -> tuple[Decision, Sequence[str]]:
    rows = Rows(decision)
    settlement = settlement_of(rows, world, why)
    for _ in range(times):
        await settlement.settle(decision.id)
    return rows.kept, [world.state]


async def test_a_decision_and_its_inverse_are_nothing() -> None:
    """What was approved is done, what is taken back is as before; a repeat changes nothing."""
    world = World()
    done, _ = await settled(approved(), world, times=2)
    assert (done.state, world.state) == (DecisionState.APPLIED, "paused")

    undone, _ = await settled(replace(done, revert_asked_at=NOW), world, times=2)

    assert (undone.state, world.state) == (DecisionState.REVERTED, "running")


@pytest.mark.parametrize("decision", [approved(), reverting()])
async def test_a_person_who_was_faster_wins(decision: Decision) -> None:
    """An edit in between leaves the thing to the person, whichever way it was to go."""
    world = World(state="edited", refusals=[Overtaken("ETAG_MISMATCH")])

    kept, _ = await settled(decision, world)

    assert (kept.state, kept.failure) == (DecisionState.SUPERSEDED, "ETAG_MISMATCH")
    assert world.state == "edited"


async def test_what_cannot_be_done_fails_and_what_cannot_be_undone_stays() -> None:
    """With the reason, as errors have it."""
    failed, _ = await settled(approved(), World(refusals=[CampaignEnded()]))
    stays, _ = await settled(reverting(), World(refusals=[CampaignEnded()]))

    assert (failed.state, failed.failure) == (DecisionState.FAILED, "CAMPAIGN_ENDED")
    assert (stays.state, stays.failure) == (DecisionState.APPLIED, "CAMPAIGN_ENDED")
    assert not stays.is_reverting


@pytest.mark.parametrize("decision", [approved(), reverting()])
async def test_what_is_away_is_waited_for(decision: Decision) -> None:
    """The row stays as it is, so that the next attempt finds what is to be done."""
    rows = Rows(decision)
    world = World(refusals=[Unavailable()])

    with pytest.raises(Unavailable):
        await settlement_of(rows, world).settle("dec_1")

    assert rows.kept == decision


@pytest.mark.parametrize("state", [*DecisionState])
async def test_what_nobody_has_asked_for_is_not_done(state: DecisionState) -> None:
    """A dry look, a proposal without an answer, what has ended."""
    world = World()

    kept, _ = await settled(replace(approved(), state=state, answered_at=None), world)

    assert (kept.state, world.state) == (state, "running")


async def test_what_was_called_off_is_not_done() -> None:
    """It is superseded, with the reason; taking back what was done goes on."""
    off, _ = await settled(approved(), World(), why="PROGRAM_PAUSED")
    undone, done = await settled(reverting(), World(state="paused"), why="PROGRAM_DELETED")

    assert (off.state, off.failure) == (DecisionState.SUPERSEDED, "PROGRAM_PAUSED")
    assert (undone.state, done) == (DecisionState.REVERTED, ["running"])


async def test_a_release_that_is_called_off_is_taken_back() -> None:
    """Its answer may have been lost: the leads would wait, released, of no decision."""
    release = replace(approved(), kind=DecisionKind.RELEASE_LEADS)
    world = World(state="paused")

    off, _ = await settled(release, world, why="PROGRAM_PAUSED")

    assert (off.state, world.state) == (DecisionState.SUPERSEDED, "running")


async def test_what_was_called_off_is_ended_by_whoever_finds_it() -> None:
    """Its leads could not be taken back at first: nobody brings it about meanwhile."""
    release = replace(approved(), kind=DecisionKind.RELEASE_LEADS)
    world = World(state="paused", refusals=[PermissionDenied()])
    rows = Rows(release)

    with pytest.raises(PermissionDenied):
        await settlement_of(rows, world, "PROGRAM_PAUSED").settle(release.id)
    between = rows.kept
    await settlement_of(rows, world).settle(release.id)

    assert (between.state, between.ending) == (DecisionState.PROPOSED, DecisionState.SUPERSEDED)
    assert sentence(between).startswith("Called off: to release")
    assert (rows.kept.state, world.state) == (DecisionState.SUPERSEDED, "running")


async def test_half_of_a_release_is_not_left_taken_back() -> None:
    """What refuses that is asked again; of other kinds the effect stays, with the reason."""
    release = replace(reverting(), kind=DecisionKind.RELEASE_LEADS)
    rows = Rows(release)

    with pytest.raises(PermissionDenied):
        await settlement_of(rows, World(refusals=[PermissionDenied()])).settle(release.id)

    assert rows.kept == release


class CalledOffMeanwhile(Rows):
    """Another settler reads, calls off and writes while the effect of this one is on its way."""

    async def applied(self, _: str, change: Change, *, now: datetime) -> Decision:
        why = "PROGRAM_PAUSED"
        return self._to(state=DecisionState.SUPERSEDED, change=change, failure=why, ended_at=now)


async def test_nobody_is_released_by_what_was_called_off_meanwhile() -> None:
    """The row says that it had no effect, and it has none."""
    release = replace(approved(), kind=DecisionKind.RELEASE_LEADS)
    world = World()

    ended = await settlement_of(CalledOffMeanwhile(release), world).settle(release.id)

    assert (ended.state, world.state) == (DecisionState.SUPERSEDED, "running")
