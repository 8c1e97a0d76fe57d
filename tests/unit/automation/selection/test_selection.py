"""Who is released: within every limit, the same for the same, and every empty slot explained."""

from collections import Counter
from dataclasses import replace

import pytest
from automation.decisions.decision import LeadSource
from automation.selection.capacity import Bound, Capacity
from automation.selection.exploration import drawn, exploration_slots
from automation.selection.selection import Candidate, DayLimits, Selection, select
from automation.selection.spacing import COMPANY_LIMIT, CompanyContact, Spacing, spacing_of
from hypothesis import given
from hypothesis import strategies as st

ACCOUNTS = ("acct_1", "acct_2", "acct_3")
COMPANIES = ("", "", "", "one", "two", "three", "four")


@st.composite
def worlds(draw: st.DrawFn) -> tuple[list[Candidate], list[Capacity], DayLimits, Spacing]:
    leads = [
        Candidate(
            lead_id=f"lead_{number}",
            source=LeadSource.RULES,
            company_key=draw(st.sampled_from(COMPANIES)),
        )
        for number in range(draw(st.integers(0, 25)))
    ]
    capacities = []
    for account_id in ACCOUNTS[: draw(st.integers(0, 3))]:
        possible = draw(st.integers(0, 9))
        slots = draw(st.integers(0, possible))
        bound = draw(st.sampled_from([Bound.HEALTH, Bound.PENDING]))
        capacities.append(
            Capacity(account_id=account_id, possible=possible, slots=slots, bound=bound)
        )
    limits = DayLimits(
        program_id="prog_1",
        day=f"2027-03-{draw(st.integers(10, 28))}",
        plan=draw(st.integers(0, 20)),
        room=draw(st.integers(-2, 20)),
        exploration_share=draw(st.sampled_from([0.0, 0.12, 1.0])),
    )
    contacts = draw(
        st.lists(
            st.builds(
                CompanyContact,
                company_key=st.sampled_from(COMPANIES),
                account_id=st.sampled_from((*ACCOUNTS, "acct_gone")),
            ),
            max_size=6,
        )
    )
    return leads, capacities, limits, spacing_of(contacts)


def made(world: tuple[list[Candidate], list[Capacity], DayLimits, Spacing]) -> Selection:
    return select(*world)


@given(worlds())
def test_no_limit_is_passed(
    world: tuple[list[Candidate], list[Capacity], DayLimits, Spacing],
) -> None:
    """No sender's slots, nor the plan, nor the campaign's room; nobody twice."""
    leads, capacities, limits, _ = world
    picked = made(world).picked
    by_account = Counter(each.account_id for each in picked)

    assert len(picked) <= max(0, min(limits.plan, limits.room))
    assert all(by_account[each.account_id] <= each.slots for each in capacities)
    assert set(by_account) <= {each.account_id for each in capacities}
    assert len({each.lead_id for each in picked}) == len(picked)
    assert {each.lead_id for each in picked} <= {each.lead_id for each in leads}


@given(worlds())
def test_no_company_hears_from_two(
    world: tuple[list[Candidate], list[Capacity], DayLimits, Spacing],
) -> None:
    """Of its days' senders only the first goes on, of a company one person a day, few in all."""
    leads, _, _, spacing = world
    company = {each.lead_id: each.company_key for each in leads}
    picked = [(company[each.lead_id], each.account_id) for each in made(world).picked]
    told = [(each, account_id) for each, account_id in picked if each]

    assert len({each for each, _ in told}) == len(told)
    for each, account_id in told:
        assert spacing.account_by_company.get(each, account_id) == account_id
        assert spacing.people_by_company.get(each, 0) < COMPANY_LIMIT


@given(worlds())
def test_the_same_is_selected_again(
    world: tuple[list[Candidate], list[Capacity], DayLimits, Spacing],
) -> None:
    """Whatever order senders are told in."""
    leads, capacities, limits, spacing = world

    turned = select(leads, capacities[::-1], limits, spacing)

    assert set(turned.picked) == set(made(world).picked)


@given(worlds(), st.integers(0, 2))
def test_a_slot_more_releases_no_fewer(
    world: tuple[list[Candidate], list[Capacity], DayLimits, Spacing], place: int
) -> None:
    """Monotone in each sender's capacity, and in the plan."""
    leads, capacities, limits, spacing = world
    before = len(made(world).picked)
    more = [
        replace(each, possible=each.possible + 1, slots=each.slots + 1) if at == place else each
        for at, each in enumerate(capacities)
    ]

    assert len(select(leads, more, limits, spacing).picked) >= before
    planned = replace(limits, plan=limits.plan + 1)
    assert len(select(leads, capacities, planned, spacing).picked) >= before


@given(worlds())
def test_every_slot_is_used_or_explained(
    world: tuple[list[Candidate], list[Capacity], DayLimits, Spacing],
) -> None:
    """By sender, taken and unused slots are all that it could do."""
    _, capacities, _, _ = world
    selection = made(world)
    told = Counter(each.account_id for each in selection.picked)
    for unused in selection.unused:
        told[unused.account_id] += unused.slots

    assert all(told[each.account_id] == each.possible for each in capacities)


def test_the_best_go_and_are_dealt_by_what_is_left() -> None:
    """In proportion, the best first."""
    leads = [
        Candidate(lead_id=f"lead_{number}", source=LeadSource.RULES, score=-number)
        for number in range(9)
    ]
    capacities = [
        Capacity(account_id="acct_1", possible=8, slots=8, bound=Bound.FORECAST),
        Capacity(account_id="acct_2", possible=4, slots=4, bound=Bound.FORECAST),
    ]
    limits = DayLimits(program_id="prog_1", day="2027-03-01", plan=6, room=50)

    selection = select(leads, capacities, limits)

    assert [each.lead_id for each in selection.picked] == [f"lead_{n}" for n in range(6)]
    assert Counter(each.account_id for each in selection.picked) == {"acct_1": 4, "acct_2": 2}
    assert {(each.slots, each.why) for each in selection.unused} == {
        (4, Bound.PLAN),
        (2, Bound.PLAN),
    }


@pytest.mark.parametrize(
    ("leads", "company", "why"), [(2, "", Bound.LIST_EMPTY), (2, "one", Bound.COMPANY_SPACING)]
)
def test_what_was_missing_is_told(leads: int, company: str, why: Bound) -> None:
    """An empty list is not the same as one of people of the same company."""
    people = [
        Candidate(lead_id=f"lead_{number}", source=LeadSource.RULES, company_key=company)
        for number in range(leads)
    ]
    capacities = [Capacity(account_id="acct_1", possible=9, slots=9, bound=Bound.FORECAST)]
    limits = DayLimits(program_id="prog_1", day="2027-03-01", plan=50, room=50)

    (unused,) = select(people, capacities, limits).unused

    assert unused.why is why


@given(st.integers(0, 200), st.floats(0, 1))
def test_chance_gets_its_share_and_more_slots_are_never_fewer(slots: int, share: float) -> None:
    """The share, rounded one way or the other."""
    found = exploration_slots(slots, share, program_id="prog_1", day="2027-03-01")
    more = exploration_slots(slots + 1, share, program_id="prog_1", day="2027-03-01")

    assert slots * share - 1 < found < slots * share + 1
    assert more >= found


def test_over_many_days_the_share_is_kept() -> None:
    """Of 15 slots a day 12 % are 1.8."""
    days = [exploration_slots(15, 0.12, program_id="prog_1", day=str(day)) for day in range(400)]

    assert 1.7 < sum(days) / 400 < 1.9


def test_chance_does_not_look_at_the_rank() -> None:
    """The same leads are drawn whichever order they come in; another program draws others."""
    leads = [f"lead_{number}" for number in range(100)]

    assert drawn("prog_1", leads) == drawn("prog_1", reversed(leads))
    assert drawn("prog_1", leads)[:10] != drawn("prog_2", leads)[:10]
