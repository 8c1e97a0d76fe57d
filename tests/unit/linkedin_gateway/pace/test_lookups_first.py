"""Who is not known by a profile costs a read before anything goes: turns are told by reads too."""

from collections import Counter
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from linkedin_gateway.kinds.registry import CONTACTS
from linkedin_gateway.ledger.port import AttemptResult
from linkedin_gateway.models import DAY, HOUR, ActionRequest, ActionState, Kind
from linkedin_gateway.pace.decisions import Go, Wait
from linkedin_gateway.pace.ranking import priority
from linkedin_gateway.pace.snapshot import PaceRules

from tests.contracts.ledger import LEASE, asked, resolved
from tests.fakes.callers import Callers
from tests.fakes.memory_ledger import MemoryLedger
from tests.unit.linkedin_gateway.pace.test_mixed_kinds import explained, mixed, told, went

READS_A_DAY = 95
LOOKUPS_AN_HOUR = 10
LOOKUPS_A_DAY = 80


def callers_of(unread: list[ActionRequest]) -> Callers:
    callers = Callers(ledger=MemoryLedger(rules=PaceRules(), lease=LEASE))
    callers.tables.unresolved.update(request.person_id for request in unread)
    return callers


async def look_up(callers: Callers, number: int) -> None:
    """The account reads a profile for whatever reason."""
    read = asked(10_000 + number, kind=Kind.LOOKUP, campaign_id="")
    go = await callers.ledger.decide(read, now=callers.now, resolve=resolved)
    assert isinstance(go, Go)
    await callers.ledger.finish(go.action, AttemptResult(state=ActionState.DONE), now=callers.now)


def reads(callers: Callers, *kinds: Kind) -> list[datetime]:
    """When profiles were read so."""
    rows = callers.tables.actions.values()
    return sorted(row.sent_at for row in rows if row.kind in kinds and row.sent_at is not None)


def most_within(per: timedelta, times: list[datetime]) -> int:
    return max((sum(at <= each < at + per for each in times) for at in times), default=0)


async def test_three_reads_left_are_three_turns() -> None:
    """Of fifty-three invitations to unread people three go while three lookups are left.

    All fifty once were told one moment, the next read's.
    """
    requests = mixed({Kind.INVITATION: 53})
    callers = callers_of(requests)
    for number in range(LOOKUPS_A_DAY - 3):
        await look_up(callers, number)
        callers.now += HOUR / LOOKUPS_AN_HOUR
    callers.now += HOUR
    for request in requests:
        await callers.join(request)

    turns = [*(await told(callers, requests)).values(), *(at for at, _ in callers.sent)]

    # The first of the lookups of before leaves its day this long after.
    assert sum(at < callers.sent[0][0] + 14 * HOUR for at in turns) == 3
    assert max(Counter(turns).values()) == 1


mixes = st.dictionaries(st.sampled_from(sorted(CONTACTS)), st.integers(1, 12), min_size=1)


@settings(max_examples=15, deadline=None)
@given(mixes, st.sets(st.integers(0, 80)), st.integers(0, 70))
async def test_told_is_explained_and_comes_through_the_reads(
    mix: dict[Kind, int], known: set[int], before: int
) -> None:
    """Known and unread people, visits and others, reads made before: what is told is what comes."""
    requests = mixed(mix)
    requests.sort(key=lambda request: priority(request, replied=False))
    callers = callers_of([each for number, each in enumerate(requests) if number not in known])
    for number in range(before):
        await look_up(callers, number)
        callers.now += HOUR / LOOKUPS_AN_HOUR
    for request in requests:
        await callers.join(request)
    promised, explanation = await told(callers, requests), await explained(callers, requests)

    await callers.run()

    real = went(callers)
    assert explanation == promised == {action_id: real[action_id] for action_id in promised}
    assert callers.wake_ups == len(promised)


async def test_a_first_visit_costs_two_reads() -> None:
    """A hundred visits of unread people: each day holds 47, and nobody comes in vain."""
    requests = mixed({Kind.VISIT: 100})
    callers = callers_of(requests)
    for request in requests:
        await callers.join(request)
    promised = await told(callers, requests)

    await callers.run()

    assert most_within(DAY, [at for at, _ in callers.sent]) == READS_A_DAY // 2
    assert most_within(DAY, reads(callers, Kind.VISIT, Kind.LOOKUP)) <= READS_A_DAY
    assert most_within(HOUR, reads(callers, Kind.LOOKUP)) <= LOOKUPS_AN_HOUR
    assert promised == {action_id: went(callers)[action_id] for action_id in promised}
    assert callers.wake_ups == len(promised)


async def test_visits_of_the_known_and_invitations_of_the_unread_share_the_reads() -> None:
    """Both draw on ninety-five reads a day: turns told keep them together."""
    requests = mixed({Kind.VISIT: 120, Kind.INVITATION: 60})
    callers = callers_of(requests[120:])
    for request in requests:
        await callers.join(request)

    await callers.run()

    assert most_within(DAY, reads(callers, Kind.VISIT, Kind.LOOKUP)) <= READS_A_DAY
    assert callers.wake_ups <= 1.1 * len(requests)


async def test_resting_lookups_rest_who_needs_one() -> None:
    """LinkedIn asked to slow down with lookups: the unread wait for its end, apart, others go."""
    requests = mixed({Kind.INVITATION: 4})
    callers = callers_of(requests[1:])
    rests_until = callers.now + 2 * HOUR
    callers.tables.cool_downs["acct_1", Kind.LOOKUP] = rests_until
    decisions = [
        await callers.ledger.decide(each, now=callers.now, resolve=resolved) for each in requests
    ]

    assert isinstance(decisions[0], Go)
    turns = (await told(callers, requests)).values()
    assert [type(each) for each in decisions[1:]] == [Wait] * 3
    assert min(turns) >= rests_until
    assert len(set(turns)) == 3
