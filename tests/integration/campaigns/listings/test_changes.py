"""Following what changes: nothing is missed, however late it is committed."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from random import Random
from typing import Any

import asyncpg
import pytest
from campaigns.listings.campaigns import CampaignPages
from campaigns.listings.leads import LeadPages
from campaigns.models import Campaign, Person
from campaigns.repositories.campaign_repository import CampaignRepository
from campaigns.repositories.edits.removal_repository import AT_ONCE, RemovalRepository
from campaigns.repositories.lead_repository import LeadRepository
from servicekit.lists.changes import (
    SETTLED,
    Changes,
    ChangesAsked,
    Rows,
    SyncTokenExpired,
    changes_schema,
)
from servicekit.lists.conditions import Parameters
from servicekit.lists.errors import PageTokenInvalid
from servicekit.lists.fetching import fetch_page
from servicekit.lists.fields import FieldType
from servicekit.lists.page_token_key import PageTokenKey
from servicekit.lists.pages import page_query
from servicekit.lists.schemas import Key
from servicekit.page_tokens import PageTokens
from servicekit.postgres.pool import Pool

from tests.fakes.sealing import SEAL
from tests.integration.campaigns.conftest import NOW, NewCampaign, draft
from tests.laws import record, seed, worlds

WRITE = "UPDATE leads SET reply = $2 WHERE id = $1"
REMOVE = "DELETE FROM leads WHERE id = $1"
OLD = "UPDATE removed_leads SET updated_at = updated_at - interval '91 days'"
KEPT = timedelta(days=90)
LONGEST = timedelta(minutes=10)
"""What was written so long before a moment is told as well."""
OLDEST = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
"""Who writes, and has begun first."""


class Follower:
    """Keeps a copy of a campaign's leads by what it is told."""

    def __init__(self, pool: Pool, campaign: Campaign, *, page_size: int = 3) -> None:
        self._pool, self._campaign, self._page_size = pool, campaign, page_size
        self._pages = LeadPages(pool, SEAL)
        self._changes = Changes(pool, PageTokens(PageTokenKey(pool)))
        self._asked = ChangesAsked(since=NOW - timedelta(days=1000))
        self.replies: dict[str, str] = {}

    async def read(self) -> int:
        """One answer; how many leads it told."""
        rows = self._pages.changing(self._campaign)
        request = await self._changes.request(rows, self._asked, page_size=self._page_size)
        found = await self._pages.changed(self._campaign.id, request)
        if self._asked.sync_token:
            await self._changes.require_told(rows, request)
        self.replies |= {lead.id: lead.reply for lead in found.leads}
        for removed in found.removed:
            self.replies.pop(removed.id, None)
        place = found.last or request.after or ()
        token = await self._changes.token(rows, place, forgotten=request.forgotten)
        self._asked = ChangesAsked(sync_token=token)
        return len(found.leads) + len(found.removed)

    async def catch_up(self) -> None:
        while await self.read():
            pass

    async def in_the_end(self) -> None:
        await settled(self._pool)
        await self.catch_up()


async def settled(pool: Pool) -> None:
    """Wait until whoever writes on the server, to whatever database, began after this."""
    written = await pool.fetchval("SELECT pg_current_xact_id()::text::bigint")
    while await pool.fetchval(OLDEST) <= written:  # noqa: ASYNC110 - transactions of others
        await asyncio.sleep(0.02)


@pytest.fixture
async def connections(pool: Pool) -> AsyncIterator[Callable[[], Any]]:
    """Sessions of others, each with a transaction of its own."""
    opened: list[asyncpg.Connection[asyncpg.Record]] = []

    async def connect() -> Any:
        connection = await asyncpg.connect(
            pool.url.get(), server_settings={"search_path": "campaign"}
        )
        opened.append(connection)
        return connection

    yield connect
    for connection in opened:
        await connection.close()


async def people(leads: LeadRepository, campaign: Campaign, count: int) -> list[str]:
    """Leads of a campaign; their ids."""
    everybody = [Person(public_identifier=f"p-{number}") for number in range(count)]
    await leads.add(campaign.id, everybody, now=NOW)
    return [lead.id for _, lead in await leads.page(campaign.id, limit=count)]


async def test_what_is_committed_late_is_told_late(
    pool: Pool,
    new_campaign: NewCampaign,
    leads: LeadRepository,
    connections: Callable[[], Any],
) -> None:
    """A write that began first and ended last is behind what was told in between."""
    campaign = await new_campaign()
    slow_lead, fast_lead = await people(leads, campaign, 2)
    follower, slow = Follower(pool, campaign), await connections()
    await follower.in_the_end()
    transaction = slow.transaction()
    await transaction.start()
    await slow.execute(WRITE, slow_lead, "slow")
    await pool.execute(WRITE, fast_lead, "fast")
    await follower.catch_up()

    told_meanwhile = dict(follower.replies)
    await transaction.commit()
    await follower.in_the_end()

    assert told_meanwhile == {slow_lead: "", fast_lead: ""}
    assert follower.replies == {slow_lead: "slow", fast_lead: "fast"}


@pytest.mark.lasts(seconds=8)
@pytest.mark.law
async def test_a_follower_has_it_all_in_the_end(
    pool: Pool,
    new_campaign: NewCampaign,
    leads: LeadRepository,
    connections: Callable[[], Any],
) -> None:
    """Writers begin, write, remove, wait, commit or undo in any order, while a follower reads."""
    random, figures = Random(seed()), Counter[str]()
    others = [await connections() for _ in range(4)]
    for world in range(worlds(6)):
        campaign = await new_campaign()
        ids = await people(leads, campaign, 8)
        follower, under_way = Follower(pool, campaign, page_size=2), dict[int, Any]()
        for step in range(60):
            who = random.randrange(len(others))
            match random.choice(["write", "write", "end", "read"]):
                case "write":
                    if who not in under_way:
                        under_way[who] = others[who].transaction()
                        await under_way[who].start()
                    try:
                        async with others[who].transaction():
                            await others[who].execute("SET LOCAL lock_timeout = '1ms'")
                            lead_id = random.choice(ids)
                            if random.random() < 0.1:
                                await others[who].execute(REMOVE, lead_id)
                            else:
                                await others[who].execute(WRITE, lead_id, f"{world}/{step}")
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
                    figures["told"] += await follower.read()
        await asyncio.gather(*(transaction.commit() for transaction in under_way.values()))
        await follower.in_the_end()

        there = {lead.id: lead.reply for _, lead in await leads.page(campaign.id, limit=99)}
        assert follower.replies == there, f"world {world}"
    record("a follower misses nothing", figures)


async def test_who_begins_late_is_told_what_has_changed_since(
    pool: Pool, new_campaign: NewCampaign, leads: LeadRepository
) -> None:
    """Not what was there before, unless it has changed again."""
    campaign = await new_campaign()
    first, _, third = await people(leads, campaign, 3)
    moment = await pool.fetchval("SELECT clock_timestamp()") + LONGEST
    await pool.execute(WRITE, third, "since")
    await pool.execute(WRITE, first, "since")
    await settled(pool)
    pages, changes = LeadPages(pool, SEAL), Changes(pool, PageTokens(PageTokenKey(pool)))

    rows = pages.changing(campaign)
    request = await changes.request(rows, ChangesAsked(since=moment), page_size=10)
    found = await pages.changed(campaign.id, request)

    assert [lead.id for lead in found.leads] == [third, first]


async def test_who_begins_late_is_told_what_was_committed_since(
    pool: Pool, new_campaign: NewCampaign, leads: LeadRepository
) -> None:
    """Though it was begun before: its time is that of its beginning, and it was never told."""
    campaign = await new_campaign()
    (lead_id,) = await people(leads, campaign, 1)
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(WRITE, lead_id, "late")
        moment = await pool.fetchval("SELECT clock_timestamp()")
    await settled(pool)
    pages, changes = LeadPages(pool, SEAL), Changes(pool, PageTokens(PageTokenKey(pool)))

    request = await changes.request(
        pages.changing(campaign), ChangesAsked(since=moment), page_size=9
    )
    found = await pages.changed(campaign.id, request)

    assert [lead.id for lead in found.leads] == [lead_id]


async def test_who_was_taken_out_is_told_with_when_it_was(
    pool: Pool, new_campaign: NewCampaign, leads: LeadRepository
) -> None:
    """Once, in its turn among the changes, also to whoever begins at a moment before.

    Whoever kept a copy kept those who were taken out.
    """
    campaign, other = await new_campaign(), await new_campaign()
    _, second, third = await people(leads, campaign, 3)
    await people(leads, other, 1)
    moment = await pool.fetchval("SELECT clock_timestamp()")
    await pool.execute(REMOVE, second)
    await pool.execute(WRITE, third, "since")
    await settled(pool)
    pages, changes = LeadPages(pool, SEAL), Changes(pool, PageTokens(PageTokenKey(pool)))
    rows, told, asked = pages.changing(campaign), [], ChangesAsked(since=moment + LONGEST)

    for _ in range(3):
        request = await changes.request(rows, asked, page_size=1)
        found = await pages.changed(campaign.id, request)
        asked = ChangesAsked(
            sync_token=await changes.token(rows, found.last or request.after or ())
        )
        told.append(([each.id for each in found.removed], [each.id for each in found.leads]))
        assert all(each.removed_at >= moment for each in found.removed)

    assert told == [([second], []), ([], [third]), ([], [])]
    since = ChangesAsked(since=moment + LONGEST)
    request = await changes.request(pages.changing(other), since, page_size=9)
    assert (await pages.changed(other.id, request)).removed == []


async def test_whoever_asks_too_late_begins_anew(
    pool: Pool, new_campaign: NewCampaign, leads: LeadRepository
) -> None:
    """Removals are forgotten by their age; who has not been told by then would keep the lead."""
    campaign, other = await new_campaign(), await new_campaign()
    ids = [*await people(leads, campaign, 4), *await people(leads, other, 1)]
    late, elsewhere = Follower(pool, campaign), Follower(pool, other)
    await late.in_the_end()
    await elsewhere.in_the_end()
    await pool.execute(REMOVE, ids[0])
    in_time = Follower(pool, campaign)
    await in_time.in_the_end()
    await pool.execute(OLD)
    await pool.execute(REMOVE, ids[1])
    removals = RemovalRepository(pool)

    assert [await removals.forget(older_than=KEPT) for _ in range(2)] == [1, 0]

    for goes_on in (in_time, elsewhere, Follower(pool, campaign)):
        await goes_on.in_the_end()
    assert sorted(in_time.replies) == sorted(ids[2:4])
    with pytest.raises(SyncTokenExpired):
        await late.read()


@pytest.mark.parametrize("page_size", [1, 2, 9])
async def test_a_copy_begun_after_something_was_forgotten_is_finished(
    pool: Pool, new_campaign: NewCampaign, leads: LeadRepository, page_size: int
) -> None:
    """On whatever page it stands: what was forgotten before it began, it never had.

    Every page behind the first was refused for ever. What is forgotten later ends it.
    """
    campaign = await new_campaign()
    ids = await people(leads, campaign, 5)
    removals, follower = RemovalRepository(pool), Follower(pool, campaign, page_size=page_size)
    late = Follower(pool, campaign, page_size=1)
    await pool.execute(REMOVE, ids[0])
    await pool.execute(OLD)
    assert await removals.forget(older_than=KEPT) == 1
    await settled(pool)

    await late.read()
    await follower.in_the_end()
    assert sorted(follower.replies) == sorted(ids[1:])

    await pool.execute(REMOVE, ids[1])
    await pool.execute(OLD)
    assert await removals.forget(older_than=KEPT) == 1
    with pytest.raises(SyncTokenExpired):
        await late.read()


async def test_removals_are_forgotten_some_at_a_time(
    pool: Pool, new_campaign: NewCampaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No statement is about more than a thousand of them, however many there are."""
    campaign = await new_campaign()
    await pool.execute(
        "INSERT INTO removed_leads SELECT $1, $2, 'lead_' || n, n FROM generate_series(1, $3) AS n",
        campaign.organization_id,
        campaign.id,
        2 * AT_ONCE + 1,
    )
    await pool.execute(OLD)
    asked = []
    fetchval = Pool.fetchval

    async def noted(self: Pool, query: str, *values: Any, **options: Any) -> Any:
        asked.append(found := await fetchval(self, query, *values, **options))
        return found

    monkeypatch.setattr(Pool, "fetchval", noted)

    assert await RemovalRepository(pool).forget(older_than=KEPT) == 2 * AT_ONCE + 1
    assert asked == [AT_ONCE, AT_ONCE, 1]


@pytest.mark.parametrize("key", [-(2**63), -1, 0, 1, 2**63 - 1])
async def test_it_begins_before_every_key(pool: Pool, key: int) -> None:
    """A moment begins before all rows of its first transaction, whatever number they have.

    Those that were numbered 0 and less were never told.
    """
    await pool.execute(
        "CREATE TABLE things (place bigint PRIMARY KEY, updated_at timestamptz DEFAULT now(),"
        " changed_in bigint DEFAULT pg_current_xact_id()::text::bigint)"
    )
    await pool.execute("INSERT INTO things VALUES ($1)", key)
    await settled(pool)
    last = Key(column="place", type=FieldType.INTEGER)
    schema = changes_schema("changes of things", "things", last=last, index="things_pkey")
    rows = Rows(schema=schema, within="$1 = $1", parent="all", of=("all",))
    changes = Changes(pool, PageTokens(PageTokenKey(pool)))

    request = await changes.request(rows, ChangesAsked(since=NOW), page_size=10)
    query = page_query(schema, "place", request, parameters=Parameters(), within=SETTLED)

    assert [row["place"] for row in (await fetch_page(pool, query)).rows] == [key]


async def test_a_deleted_campaign_is_told(pool: Pool, campaigns: CampaignRepository) -> None:
    """Once more, with when it was; and then no more."""
    campaign, revision = draft()
    await campaigns.create(campaign, revision, request_id="once")
    pages, changes = CampaignPages(pool), Changes(pool, PageTokens(PageTokenKey(pool)))
    rows = pages.changing("org_north")
    told = []
    asked = ChangesAsked(since=NOW - timedelta(days=1000))
    for deed in (None, lambda: campaigns.delete(campaign.id, now=NOW, purge_at=NOW), None):
        if deed is not None:
            await deed()
        await settled(pool)
        request = await changes.request(rows, asked, page_size=10)
        found = await pages.changed("org_north", request)
        place = found.last or request.after or ()
        asked = ChangesAsked(sync_token=await changes.token(rows, place))
        told.append([each.deleted_at for each in found.campaigns])

    assert told == [[None], [NOW], []]


async def test_a_token_is_of_one_history(pool: Pool, new_campaign: NewCampaign) -> None:
    """After a restore transactions are counted anew: whoever goes on would miss some."""
    campaign, other = await new_campaign(), await new_campaign()
    pages, tokens = LeadPages(pool, SEAL), PageTokens(PageTokenKey(pool))
    changes = Changes(pool, tokens)
    rows = pages.changing(campaign)
    of = ("sync", *rows.of)
    restored = await tokens.give(["another history", 7, 0], of=of)
    elsewhere = await changes.token(pages.changing(other), (7, 0))

    with pytest.raises(SyncTokenExpired):
        await changes.request(rows, ChangesAsked(sync_token=restored), page_size=1)
    for token in (elsewhere, "rubbish"):
        with pytest.raises(PageTokenInvalid):
            await changes.request(rows, ChangesAsked(sync_token=token), page_size=1)
