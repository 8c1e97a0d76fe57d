"""Whoever follows a list has it in the end, whatever was written meanwhile, and no more than it."""

import asyncio
import json
from collections import Counter
from datetime import timedelta
from random import Random

import asyncpg
import pytest
from servicekit.lists.changes import SyncTokenExpired
from servicekit.lists.conditions import Parameters, Scope
from servicekit.lists.errors import PageTokenInvalid
from servicekit.lists.following import CHANGES
from servicekit.lists.listing import Asked, ChangesAsked
from servicekit.lists.pages import PageRequest, page_query
from servicekit.lists.removals import Removals

from tests.integration.followed.all_lists import LISTS
from tests.integration.followed.conftest import Followed
from tests.laws import record, seed, worlds
from tests.lists.following import listed_rows, settled
from tests.lists.plans import nodes

KEPT = timedelta(days=90)
LONGEST = timedelta(minutes=10)
"""What was written so long before a moment is told as well."""
ROWS = 8
OF_PARENTS = {"lead_list_entries": "lead_list_id", "lead_imports": "lead_list_id"}
"""By what a list is read that is not an organization's."""
OLD = "UPDATE removals SET changed_at = changed_at - interval '91 days'"
REMOVED = [name for name, each in LISTS.items() if each.following.leaves]
LIMITED = [name for name, each in LISTS.items() if each.limited]


@pytest.mark.lasts(seconds=5)
@pytest.mark.law
async def test_a_follower_has_it_all_in_the_end(followed: Followed, name: str) -> None:
    """Writers begin, write, remove, wait, commit or undo in any order, while followers read."""
    random, figures, of = Random(seed()), Counter[str](), followed.of
    others = [await followed.connect() for _ in range(4)]
    for world in range(worlds(3)):
        copies = [followed.copy(page_size=size) for size in (1, 3)]
        if of.limited:
            copies.append(followed.copy(of.limited, page_size=2))
        under_way: dict[int, asyncpg.transaction.Transaction] = {}
        for step in range(60):
            who = random.randrange(len(others))
            match random.choice(["write", "write", "write", "end", "read"]):
                case "write":
                    if who not in under_way:
                        under_way[who] = others[who].transaction()
                        await under_way[who].start()
                    deeds = [(of.put, f"{world}/{step}"), (of.others,)]
                    deeds += [(deed,) for deed in (*of.takes, *of.moves)]
                    weights = [6, 1, *(2 for _ in deeds[2:])]
                    statement, *words = random.choices(deeds, weights)[0]
                    try:
                        async with others[who].transaction():
                            await others[who].execute("SET LOCAL lock_timeout = '1ms'")
                            await others[who].execute(statement, random.randrange(ROWS), *words)
                            # Whoever ends waits for the others as long as it takes.
                            await others[who].execute("SET LOCAL lock_timeout = 0")
                        figures["writes"] += 1
                    except asyncpg.LockNotAvailableError:
                        figures["in each other's way"] += 1
                case "end" if who in under_way:
                    undone = random.random() < 0.3
                    transaction = under_way.pop(who)
                    await (transaction.rollback() if undone else transaction.commit())
                    figures["undone" if undone else "committed"] += 1
                case _:
                    figures["told more"] += await random.choice(copies).go_on()
        await asyncio.gather(*(transaction.commit() for transaction in under_way.values()))

        lists = [of.open, of.open, of.limited]
        for copy, opened in zip(copies, lists, strict=False):
            there = await listed_rows(followed.read(opened), of.key)
            assert await copy.in_the_end(followed.owner) == there, f"world {world}"
    record(f"who follows {name} misses nothing", figures)


async def test_nothing_of_another_organization_is_told(followed: Followed) -> None:
    """Neither what it has nor what it has no more, also by a database that would let it through."""
    of = followed.of
    for number in range(ROWS):
        await followed.owner.execute(of.others, number)
    for taken in of.takes:
        theirs = taken.replace("org_north", "org_south").replace("acct_", "acct_south_")
        await followed.owner.execute(theirs, 1)
    unbound = of.open(followed.owner, followed.tokens)
    copies = [followed.copy(), followed.copy(lambda _, __: unbound)]

    for copy in copies:
        assert await copy.in_the_end(followed.owner) == {}
        assert copy.told == set()


@pytest.mark.parametrize("name", LIMITED)
async def test_who_is_limited_is_told_theirs_alone(followed: Followed) -> None:
    """Neither what others have nor that it is gone; and whoever sees another part begins anew."""
    of = followed.of
    for number in range(ROWS):
        await followed.owner.execute(of.put, number, "first")
    limited, whole = followed.copy(of.limited), followed.copy()
    seen = {*await limited.in_the_end(followed.owner)}
    assert seen < {*await whole.in_the_end(followed.owner)}

    for number in range(ROWS):
        for taken in of.takes:
            await followed.owner.execute(taken, number)
    await limited.in_the_end(followed.owner)

    assert limited.told == seen
    assert not of.takes or not limited.rows
    with pytest.raises(SyncTokenExpired):
        await followed.read()(Asked(changes=limited.asked))


async def test_who_begins_late_is_told_what_has_changed_since(followed: Followed) -> None:
    """Not what was there before, unless it has changed again; also what was removed since."""
    of = followed.of
    for number in range(4):
        await followed.owner.execute(of.put, number, "before")
    moment = await followed.owner.fetchval("SELECT clock_timestamp()")
    await followed.owner.execute(of.put, 2, "since")
    for taken in of.takes[:1]:
        await followed.owner.execute(taken, 3)
    late, whole = followed.copy(page_size=1), followed.copy()
    late.asked = ChangesAsked(since=moment + LONGEST)

    await late.in_the_end(followed.owner)
    await whole.in_the_end(followed.owner)

    assert len(late.told) == 1 + len(of.takes[:1])
    assert late.rows.items() <= whole.rows.items()


async def test_who_begins_late_is_told_what_was_committed_since(followed: Followed) -> None:
    """Though it was begun before: its time is that of its beginning, and it was never told."""
    of, other, late = followed.of, await followed.connect(), followed.copy()
    await followed.owner.execute(of.put, 1, "before")
    async with other.transaction():
        await other.execute(of.put, 1, "late")
        moment = await followed.owner.fetchval("SELECT clock_timestamp()")
    late.asked = ChangesAsked(since=moment)

    assert len(await late.in_the_end(followed.owner)) == 1


@pytest.mark.parametrize("name", [name for name in REMOVED if name in LIMITED])
async def test_who_is_limited_and_asks_all_the_time_is_never_too_late(followed: Followed) -> None:
    """What others have no more is behind all that they see, and is forgotten: they missed nothing.

    They were told so each time somebody else's hold was forgotten.
    """
    of, owner = followed.of, followed.owner
    for number in range(ROWS):
        await owner.execute(of.put, number, "first")
    limited = followed.copy(of.limited)
    seen = {*await limited.in_the_end(owner)}
    # Nobody's of theirs.
    await owner.execute(of.takes[0], 0)
    await limited.in_the_end(owner)
    await owner.execute(OLD)

    assert await Removals(owner).forget(older_than=KEPT) == 1

    assert {*await limited.in_the_end(owner)} == seen


@pytest.mark.parametrize("name", REMOVED)
async def test_whoever_asks_too_late_begins_anew(followed: Followed) -> None:
    """Removals are forgotten by their age; who has not been told by then would keep the row."""
    of, owner = followed.of, followed.owner
    for number in range(4):
        await owner.execute(of.put, number, "first")
    late = followed.copy()
    await late.in_the_end(owner)
    await owner.execute(of.takes[0], 0)
    in_time = followed.copy(page_size=1)
    await in_time.in_the_end(owner)
    await owner.execute(OLD)
    await owner.execute(of.takes[0], 1)
    removals = Removals(owner)

    assert [await removals.forget(older_than=KEPT) for _ in range(2)] == [1, 0]

    anew = followed.copy(page_size=1)
    for copy in (in_time, anew):
        assert len(await copy.in_the_end(owner)) == 2
    with pytest.raises(SyncTokenExpired):
        await late.go_on()


async def test_a_token_is_of_one_list_and_history(followed: Followed) -> None:
    """After a restore transactions are counted anew: whoever goes on would miss some."""
    of, tokens = followed.of, followed.tokens
    own = ("sync", f"changes of {of.listed.name}", "org_north")
    key = (0,) if of.following.before(1)[1:] == (2**63 - 1,) else ("",) * len(of.following.key)
    restored = await tokens.give(["another history", "", 0, 7, *key], of=own)
    copy = followed.copy()
    await copy.go_on()
    foreign = await tokens.give(["history", "", 0, 7, *key], of=(*own, "another"))

    for token in (foreign, "rubbish"):
        with pytest.raises(PageTokenInvalid) as refused:
            await followed.read()(Asked(changes=ChangesAsked(sync_token=token)))
        assert [each.field for each in refused.value.violations] == ["sync_token"]
    with pytest.raises((SyncTokenExpired, PageTokenInvalid)):
        await followed.read()(Asked(changes=ChangesAsked(sync_token=restored)))


async def test_it_is_read_by_its_index(followed: Followed) -> None:
    """In the order of the index, from where the reader has come to: nothing is sorted."""
    of = followed.of
    column = OF_PARENTS.get(of.listed.table, "organization_id")
    schema = of.following.schema(of.listed)
    request = PageRequest(ordering=schema.ordering(""), limit=10, after=of.following.before(7))
    parameters = Parameters()
    within = Scope(f"{column} = {{0}} AND {CHANGES}", [("org_north", "text")])
    if of.listed.table == "organizations":
        within = Scope(CHANGES)
    query = page_query(
        schema, "*", request, parameters=parameters, within=within.condition(parameters)
    )
    connection = await followed.connect()
    await connection.execute("SET enable_seqscan = off; SET enable_bitmapscan = off")

    told = await connection.fetchval(f"EXPLAIN (FORMAT JSON) {query.rows}", *query.values)

    plan = [*nodes(json.loads(told)[0]["Plan"])]
    read = {node["Index Name"] for node in plan if "Index Name" in node}
    # Of a table in parts each has one of its own.
    assert {each for each in read if not each.startswith("archived_")} == {of.following.index}
    assert not [node for node in plan if "Sort" in node["Node Type"]]
    await settled(followed.owner)
