"""What people like who choose, and that nobody else knows."""

from pathlib import Path

import pytest
from unipile_simulator import Config, Limits
from unipile_simulator.people.tastes import check_kind, rank

from tests.unit.unipile_simulator.conftest import ACCOUNT, DAY, Make, Simulator

ROOT = Path(__file__).parents[4]
PLAIN = "Good to meet you."
BETTER = "May I ask how {company} does this?"


def crowd(sim: Simulator, count: int = 300) -> list[str]:
    """So many who choose, all alike; their provider ids."""
    people = sim.world.people
    facts = {"position": "VP Engineering", "company": "Orchid Labs", "temperament": "chooses"}
    added = [people.add(f"mem-{number}", seen_in="list", **facts) for number in range(count)]
    return [people.provider_id(person, ACCOUNT) for person in added]


async def accepted(sim: Simulator, note: str) -> set[str]:
    """Who of a crowd accepts an invitation with this note."""
    for provider_id in crowd(sim):
        assert (await sim.invite(provider_id, message=note)).status_code == 200
    sim.clock.advance(20 * DAY)
    return {it["target"] for it in await sim.journal(world="true") if it["event"] == "accepted"}


def free(**settings: str) -> Config:
    """A world in which LinkedIn stops nobody."""
    return Config(limits=Limits.off(), **settings)  # type: ignore[arg-type]


@pytest.mark.lasts(seconds=10)
async def test_better_words_win_where_there_are_tastes(make: Make) -> None:
    """Who accepts the worse note accepts the better one too, and a good many more do."""
    plain = await accepted(make(free()), PLAIN)
    better = await accepted(make(free()), BETTER.format(company="Orchid Labs"))

    assert plain < better
    assert len(better) - len(plain) > 0.1 * 300


@pytest.mark.lasts(seconds=5)
async def test_no_words_win_where_there_are_none(make: Make) -> None:
    """The very same people accept, whatever they are told."""
    plain = await accepted(make(free(tastes="indifferent")), PLAIN)
    better = await accepted(make(free(tastes="indifferent")), BETTER.format(company="Orchid Labs"))

    assert plain == better
    assert plain


async def test_as_many_accept_as_the_truth_says(make: Make) -> None:
    """Within four standard errors of 300 throws."""
    sim = make(free())
    crowd(sim)
    told = await sim.control("POST", "/truth/chances", account_id=ACCOUNT, text=PLAIN)

    came = len(await accepted(sim, PLAIN)) / 300

    chance = told["accepts"]
    assert len(told["items"]) == 300
    assert abs(came - chance) < 4 * (chance * (1 - chance) / 300) ** 0.5


async def test_who_chooses_answers_as_often_as_the_truth_says(make: Make) -> None:
    """The first message of a chat, within four standard errors of 300 throws."""
    sim = make(free())
    ids = crowd(sim)
    account, now = sim.world.accounts.get(ACCOUNT), sim.clock.now()
    for person in [each for each in sim.world.people if each.kind.chooses]:
        tie = sim.world.relationships.between(account, person, now)
        sim.world.relationships.invite(tie, note=None, now=now, kind="RECEIVED")
        sim.world.behaviour.accepted(account, person, tie, now)
    told = await sim.control("POST", "/truth/chances", account_id=ACCOUNT, text=PLAIN)

    for provider_id in ids:
        assert (await sim.write(provider_id, PLAIN)).status_code == 201
    sim.clock.advance(3 * DAY)

    replied = {it["target"] for it in await sim.journal(world="true") if it["event"] == "replied"}
    chance = told["replies"]
    assert abs(len(replied) / 300 - chance) < 4 * (chance * (1 - chance) / 300) ** 0.5


async def test_the_truth_is_that_of_the_seed(make: Make) -> None:
    """The same seed has the same tastes, another one others; the indifferent have none."""
    one, again = make(Config(seed=1)), make(Config(seed=1))
    other, indifferent = make(Config(seed=2)), make(Config(seed=1, tastes="indifferent"))
    truths = [await sim.control("GET", "/truth") for sim in (one, again, other, indifferent)]

    assert truths[0] == truths[1]
    assert truths[0]["acceptance"] != truths[2]["acceptance"]
    flat = truths[3]["acceptance"]
    assert {name for name, points in flat.items() if points} == {"base"}
    assert flat["base"] == truths[0]["acceptance"]["base"]
    assert truths[3]["senders"][ACCOUNT] == {"acceptance": 0.0, "reply": 0.0}


async def test_a_sender_who_comes_back_is_liked_as_before(make: Make) -> None:
    """Tastes are about the human, not about the id of their account."""
    sim = make()
    await sim.control("POST", "/accounts", id="account-2", same_member_as=ACCOUNT)
    await sim.control("POST", "/accounts", id="account-3", name="Somebody Else")
    senders = (await sim.control("GET", "/truth"))["senders"]

    assert senders[ACCOUNT] == senders["account-2"] != senders["account-3"]


@pytest.mark.parametrize(
    ("position", "told"),
    [
        ("CTO", "executive"),
        ("Founder & CEO", "executive"),
        ("VP Engineering", "vice_president"),
        ("Vice President, Sales", "vice_president"),
        ("Head of Operations", "director"),
        ("Product Manager", "manager"),
        ("Data Scientist", "other"),
        ("", "other"),
    ],
)
def test_a_rank_is_read_from_the_title(position: str, told: str) -> None:
    """As people write it."""
    assert rank(position) == told


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"account_id": ACCOUNT, "text": 5},
        {"account_id": ACCOUNT, "people": "mem-1"},
        {"account_id": ACCOUNT, "people": ["nobody-here"]},
        {"account_id": "no-account"},
    ],
)
async def test_what_cannot_be_told_is_refused(sim: Simulator, body: dict[str, object]) -> None:
    """With a status of the caller's making."""
    answer = await sim.http.post("http://simulator/_simulator/truth/chances", json=body)

    assert answer.status_code in {400, 404}


def test_unknown_tastes_are_refused() -> None:
    """By their name."""
    with pytest.raises(ValueError, match="no such tastes: 'sour'"):
        check_kind("sour")


def test_no_part_of_the_product_asks_for_the_truth() -> None:
    """Nothing of services and libraries knows the simulator's own routes."""
    sources = [*ROOT.glob("services/**/*.py"), *ROOT.glob("libs/**/*.py")]
    asking = [path for path in sources if "_simulator/" in path.read_text(encoding="utf-8")]

    assert sources
    assert asking == []
