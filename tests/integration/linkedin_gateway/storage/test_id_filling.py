"""Ids that the release before has kept in clear are sealed, and everybody stays who they are."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import asyncpg
import pytest
from linkedin_gateway.actions.profile_repository import ProfileRepository
from linkedin_gateway.actions.suppressed_person_repository import SuppressedPersonRepository
from linkedin_gateway.ledger.postgres import PostgresLedger
from linkedin_gateway.models import ActionKey, Kind, Outcome, Target
from linkedin_gateway.models.suppression_keys import Subject, key
from linkedin_gateway.people.aliases import address, provider_alias
from linkedin_gateway.people.people_repository import PeopleRepository
from linkedin_gateway.storage.id_filling import FILLING, begin_filling_anew, fill, fill_again
from linkedin_gateway.storage.suppressions import suppressed_by_name
from servicekit.postgres.pool import Pool
from servicekit.sealing.hashes import KeyedHashes
from servicekit.sealing.seal import Seal

from tests.contracts.ledger import CLOCK, LEASE, RULES
from tests.fakes.sealing import sealing
from tests.integration.linkedin_gateway.conftest import IDS, MONDAY_NOON
from tests.integration.linkedin_gateway.test_migrations import PUT_ACCOUNT, Old

ADA = "ACoAAAAbCdEfGhIjKlMnOpQrStUv"
EXAMPLE = "ada-example"
OTHER = Seal(sealing().keys, KeyedHashes(bytes([8]) * 32))
SECRETS = ("ada-example", "ada-old", ADA, "chat-1", "invitation-1", "message-1", "post-1", "zoe-x")
SUPPRESSED = f"""
SELECT action_id FROM actions
 WHERE {suppressed_by_name("actions", by="s.expires_at IS NULL")} ORDER BY action_id
"""
TABLES = (
    "actions",
    "archived_actions",
    "people",
    "person_aliases",
    "profiles",
    "suppressed_ids",
    "suppressed_names",
    "suppressions",
    "unmatched_messages",
)
TRIES = """
SELECT count(*) FROM pg_stat_activity
 WHERE datname = current_database() AND query LIKE '%pg_try_advisory_lock%'
   AND pid <> pg_backend_pid()
"""
WAITING = """
SELECT count(*) FROM pg_stat_activity
 WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%person_aliases%'
"""
PUT_ACTION = """
INSERT INTO {} (action_id, organization_id, account_id, campaign_id, lead_id, identifier,
       person_id, kind, state, created_at, sent_at, finished_at, attempt, provider_id, post_id,
       target, outcome, earlier_ids)
VALUES ($1, 'org_1', 'acct_1', 'camp_1', 'lead_1', 'ada-old', 'per_ada', 'message', 'done', $2,
        $2, $2, 1, $3, 'post-1', $4, $5, 'message-0 message-00')
"""


MANY = """
INSERT INTO archived_actions (action_id, organization_id, account_id, campaign_id, lead_id,
       identifier, person_id, kind, state, created_at, sent_at, finished_at, attempt, post_id)
SELECT 'a' || number, 'org_1', 'acct_1', 'camp_1', 'lead_1', '', 'per_ada', 'message', 'done',
       $1, $1, $1, 1, 'post-1'
  FROM generate_series(0, 1200) AS number
"""


@asynccontextmanager
async def upgraded(old: Old) -> AsyncIterator[Pool]:
    """What the release before has kept of Ada, in clear, on this release's schema."""
    await old.upgrade("0036")
    async with old.pool() as pool:
        await pool.execute(PUT_ACCOUNT, "acct_1", MONDAY_NOON)
        await pool.execute(
            "INSERT INTO people (organization_id, person_id, created_at, public_identifier,"
            " resolved_at) VALUES ('org_1', 'per_ada', $1, 'ada-example', $1)",
            MONDAY_NOON,
        )
        await pool.execute(
            "INSERT INTO person_aliases (organization_id, kind, viewer_account_id, product, value,"
            " person_id, shown)"
            " VALUES ('org_1', 'address', '', '', 'ada-example', 'per_ada', true),"
            " ('org_1', 'address', '', '', 'ada-old', 'per_ada', false),"
            " ('org_1', 'provider_id', 'acct_1', 'classic', $1, 'per_ada', true)",
            ADA,
        )
        await pool.execute(
            "INSERT INTO profiles (organization_id, account_id, person_id, provider_id,"
            " public_identifier, invitation_id, chat_id, words) VALUES"
            " ('org_1', 'acct_1', 'per_ada', $1, 'ada-example', 'invitation-1', 'chat-1', 'x')",
            ADA,
        )
        await pool.execute("SELECT open_archive_month($1)", MONDAY_NOON.replace(day=1, tzinfo=None))
        target = json.dumps({"provider_id": ADA, "chat_id": "chat-1", "connected": True})
        outcome = json.dumps({"provider_id": ADA, "message_id": "message-1"})
        for table in ("actions", "archived_actions"):
            await pool.execute(
                PUT_ACTION.format(table)
                .replace("$4", "$4::text::jsonb")
                .replace("$5", "$5::text::jsonb"),
                table,
                MONDAY_NOON,
                ADA,
                target,
                outcome,
            )
        await suppress(pool, "sup_1", "ada-example")
        for table, identifier in (("suppressed_ids", ADA), ("suppressed_names", "zoe-x")):
            await pool.execute(
                f"INSERT INTO {table} (organization_id, identifier, key, added_at)"
                " VALUES ('org_1', $1, 'a key', $2)",
                identifier,
                MONDAY_NOON,
            )
        await pool.execute(
            "INSERT INTO unmatched_messages (organization_id, account_id, provider_id, dedupe_key,"
            " written_at, automatic) VALUES ('org_1', 'acct_1', $1, 'a key', $2, false)",
            ADA,
            MONDAY_NOON,
        )
    await old.upgrade()
    async with old.pool() as pool:
        yield pool


async def suppress(pool: Pool, suppression_id: str, person: str) -> None:
    """As the release before does: it does not know of hashes of hashes."""
    await pool.execute(
        "INSERT INTO suppressions (suppression_id, organization_id, subject, key, label, reason,"
        " created_at) VALUES ($1, 'org_1', 'person', $2, 'ad…', '', $3)",
        suppression_id,
        key("org_1", Subject.PERSON, person),
        MONDAY_NOON,
    )


def ledger(pool: Pool) -> PostgresLedger:
    return PostgresLedger(pool, pool, sealing(), rules=RULES, lease=LEASE, clock=CLOCK)


async def in_clear(pool: Pool) -> set[str]:
    """What of it can be read in the tables."""
    rows = [
        row["row"]
        for table in TABLES
        for row in await pool.fetch(f"SELECT t::text AS row FROM {table} t")
    ]
    return {secret for secret in SECRETS if any(secret in row for row in rows)}


@pytest.fixture
def old(database_url: str) -> Old:
    return Old(database_url)


async def test_everybody_stays_who_they_are(old: Old) -> None:
    """Nobody's id can be read any more; who is called so is the same person, and nobody is new."""
    async with upgraded(old) as pool:
        assert await in_clear(pool) == set(SECRETS)

        assert await fill(pool, sealing()) == 11

        assert await in_clear(pool) == set()
        assert await fill(pool, sealing()) == 0
        people = PeopleRepository(pool, IDS)
        for alias in (address("ada-old"), address("ada-example"), provider_alias(ADA, "acct_1")):
            assert await people.identify("org_1", alias, now=MONDAY_NOON) == "per_ada"
        assert await pool.fetchval("SELECT count(*) FROM people") == 1
        assert await people.name("org_1", "per_ada") == "ada-example"
        assert await people.provider_ids("org_1", "per_ada", "acct_1") == {ADA}


async def test_who_waits_for_another_that_fills_goes_through_nothing(old: Old) -> None:
    """Of two that begin at once one fills; the other went on behind it, with its rows locked."""
    async with upgraded(old) as pool, old.pool() as other:
        async with other.acquire() as connection:
            await connection.execute("SELECT pg_advisory_lock($1)", FILLING)
            filling = asyncio.create_task(fill(pool, sealing()))
            while not await other.fetchval(TRIES):  # noqa: ASYNC110 - no event tells of it
                await asyncio.sleep(0.01)
            await connection.execute("INSERT INTO id_filling DEFAULT VALUES")
            await connection.execute("SELECT pg_advisory_unlock($1)", FILLING)

        assert await filling == 0
        assert await in_clear(pool) == set(SECRETS)


class Stopped(Exception):
    pass


class StoppedSoon(Seal):
    """Of a process that is stopped after so many ids."""

    left = 2000

    def seal_alike(self, organization_id: str, value: str) -> str:
        self.left -= 1
        if not self.left:
            raise Stopped
        return super().seal_alike(organization_id, value)


async def test_who_was_stopped_is_gone_on_from(old: Old) -> None:
    """What was gone through is gone through once, also of what has a moment in its key."""
    async with upgraded(old) as pool:
        await pool.execute(MANY, MONDAY_NOON)
        with pytest.raises(Stopped):
            await fill(pool, StoppedSoon(sealing().keys, KeyedHashes(bytes([7]) * 32)))
        positions = await pool.fetch("SELECT filled_table FROM id_filling_positions")
        # Behind whoever goes on from there.
        await pool.execute("UPDATE archived_actions SET post_id = 'post-1' WHERE action_id = 'a0'")

        await fill(pool, sealing())

        assert [row[0] for row in positions] == ["archived_actions"]
        left = await pool.fetch("SELECT action_id FROM archived_actions WHERE post_id = 'post-1'")
        assert [row[0] for row in left] == ["a0"]
        assert await pool.fetchval("SELECT count(*) FROM id_filling_positions") == 0
        assert await fill_again(pool, sealing()) == 1


async def test_what_is_known_is_read_as_before(old: Old) -> None:
    """Actions, archived or not, profiles and whoever is to be looked up open as they were."""
    async with upgraded(old) as pool:
        await fill(pool, sealing())

        for action_id in ("actions", "archived_actions"):
            action = await ledger(pool).read(ActionKey("org_1", action_id))
            assert action is not None
            assert action.identifier == "ada-old"
            assert action.earlier_ids == ("message-0", "message-00")
            assert action.target == Target(provider_id=ADA, chat_id="chat-1", connected=True)
            assert action.outcome == Outcome(provider_id=ADA, message_id="message-1")
        posts = await ledger(pool).used_posts("acct_1", "per_ada", Kind.MESSAGE)
        assert posts == {"post-1"}
        profile = await ProfileRepository(pool, sealing(), IDS).read("acct_1", "per_ada")
        assert profile is not None
        assert (profile.provider_id, profile.public_identifier) == (ADA, "ada-example")
        assert (profile.invitation_id, profile.chat_id) == ("invitation-1", "chat-1")
        suppressed = SuppressedPersonRepository(pool, IDS)
        assert await suppressed.take_first("org_1", now=MONDAY_NOON) == ADA
        later = MONDAY_NOON + timedelta(minutes=1)
        await suppressed.looked_up("org_1", ADA, "per_ada", now=later)
        assert await pool.fetchval("SELECT count(*) FROM suppressed_ids") == 0


async def test_who_is_suppressed_stays_so_by_any_name(old: Old) -> None:
    """A suppression of before, of which the hash alone is known, finds the person as it did."""
    async with upgraded(old) as pool:
        await fill(pool, sealing())

        assert [row["action_id"] for row in await pool.fetch(SUPPRESSED)] == ["actions"]
        await pool.execute("DELETE FROM suppressions")
        assert await pool.fetch(SUPPRESSED) == []


async def test_who_was_stopped_goes_on(old: Old) -> None:
    """A fill that ended in the middle is gone on with: rows that are done stay as they are."""
    async with upgraded(old) as pool:
        await fill(pool, sealing())
        before = [await pool.fetch(f"SELECT t::text FROM {table} t") for table in TABLES]
        # As if it had not come to its end, and with somebody of whom it did not hear yet.
        await pool.execute("DELETE FROM id_filling")
        await suppress(pool, "sup_2", "zoe-x")

        assert await fill(pool, sealing()) == 1

        await pool.execute("DELETE FROM suppressions WHERE suppression_id = 'sup_2'")
        after = [await pool.fetch(f"SELECT t::text FROM {table} t") for table in TABLES]
        assert after == before


async def test_what_was_written_in_clear_later_is_sealed_too(old: Old) -> None:
    """A process of before that ends what it had on the wire writes so; whoever reseals sees it."""
    async with upgraded(old) as pool:
        await fill(pool, sealing())
        await pool.execute("UPDATE profiles SET chat_id = 'chat-1'")
        outcome = json.dumps({"provider_id": ADA, "message_id": "message-1"})
        await pool.execute("UPDATE actions SET outcome = $1::text::jsonb", outcome)

        assert await fill(pool, sealing()) == 0
        assert await fill_again(pool, sealing()) == 2

        assert await in_clear(pool) == set()


async def test_who_is_in_somebodys_way_goes_through_all_the_same(old: Old) -> None:
    """Who decides locks rows in an order of their own, and of two that wait for each other one is
    given up: that ended a change of keys beside a running service.
    """
    locked = "SELECT FROM person_aliases ORDER BY kind {}, known_as {} LIMIT 1 FOR UPDATE"
    async with upgraded(old) as pool, old.pool() as others:
        await fill(pool, sealing())
        async with others.acquire() as deciding, deciding.transaction():
            await deciding.execute(locked.format("DESC", "DESC"))
            filling = asyncio.create_task(fill_again(pool, sealing()))
            while not await pool.fetchval(WAITING):  # noqa: ASYNC110 - no event tells
                await asyncio.sleep(0.01)
            await deciding.execute(locked.format("ASC", "ASC"))

        assert await filling == 0


async def test_what_does_not_open_keeps_whom_it_names_suppressed(old: Old) -> None:
    """Nobody makes another hash of it: the one that stands there finds who is suppressed."""
    async with upgraded(old) as pool:
        await fill(pool, sealing())
        await pool.execute("UPDATE person_aliases SET known_as = known_as || 'x'")

        assert await fill_again(pool, sealing()) == 0

        assert [row["action_id"] for row in await pool.fetch(SUPPRESSED)] == ["actions"]


async def test_other_keys_are_begun_with_before_anybody_is_served(old: Old) -> None:
    """Who is suppressed is found by the hash key there is from now on."""
    async with upgraded(old) as pool:
        await fill(pool, sealing())
        before = await pool.fetchval("SELECT hashed FROM suppressions")

        await begin_filling_anew(pool)
        changed = await fill(pool, OTHER)

        assert changed == 1
        hashed = await pool.fetchval("SELECT hashed FROM suppressions")
        assert hashed == OTHER.hashed("org_1", "suppression", key("org_1", Subject.PERSON, EXAMPLE))
        assert hashed != before


async def test_release_before_decides_no_more(old: Old) -> None:
    """It can neither find a person nor add one: to it a sealed name would be somebody else's."""
    async with upgraded(old) as pool:
        for statement in (
            "SELECT person_id FROM person_aliases WHERE organization_id = 'org_1' AND value = 'x'",
            "INSERT INTO person_aliases (organization_id, kind, value) VALUES ('org_1', 'a', 'x')",
        ):
            with pytest.raises(asyncpg.UndefinedColumnError):
                await pool.execute(statement)


async def test_who_does_not_seal_yet_fills_too(old: Old) -> None:
    """Also during an upgrade: two ways to write an id would be two people."""
    async with upgraded(old) as pool:
        assert await fill(pool, sealing(on=False)) == 11

        assert await in_clear(pool) == set()
