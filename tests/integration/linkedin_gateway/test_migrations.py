"""Rows of an earlier release mean the same after the migrations."""

import asyncio
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta

import pytest
from linkedin_gateway.models.suppression_keys import Subject, key, keys_of, masked
from linkedin_gateway.people.aliases import address, provider_alias
from linkedin_gateway.people.people_repository import PeopleRepository
from linkedin_gateway.storage.id_filling import fill
from servicekit.postgres import pool as postgres
from servicekit.postgres.migrations import migrate_now
from servicekit.postgres.pool import Pool

from tests.fakes.sealing import sealing
from tests.integration.linkedin_gateway.conftest import IDS, MONDAY_NOON, SCHEMA

PEOPLE = {
    "sup_1": "ada-example",
    "sup_2": "zoë-müller",
    "sup_3": "ACoAAAAbCdEfGhIjKlMnOpQrStUv",
    "sup_4": "o'neil%20x",
}
PUT_SUPPRESSION = """
INSERT INTO suppressions (suppression_id, organization_id, person, public_identifier, reason,
       created_at, expires_at)
VALUES ($1, $2, $3, $3, 'asked us to stop', $4, $5)
"""
PUT_ACTION = """
INSERT INTO actions (request_id, organization_id, account_id, campaign_id, lead_id, person, kind,
       state, created_at)
VALUES ($1, 'org_1', 'acct_1', 'camp_1', 'lead_1', 'ada', 'visit', 'queued', $2)
"""
SUPPRESSED = """
SELECT true FROM suppressions
 WHERE organization_id = $1 AND key = $2 AND (expires_at IS NULL OR expires_at > $3)
"""


class Old:
    """A database as an earlier release left it."""

    def __init__(self, url: str) -> None:
        self._url = url

    async def upgrade(self, revision: str = "head") -> None:
        await asyncio.to_thread(migrate_now, self._url, *SCHEMA, revision=revision)

    def pool(self) -> AbstractAsyncContextManager[Pool]:
        return postgres.connect_pool(self._url, SCHEMA[0], max_size=2)


@pytest.fixture
def old(database_url: str) -> Old:
    return Old(database_url)


async def suppressed(pool: Pool, organization_id: str, person: str, now: datetime) -> bool:
    """Whether a decision of today would refuse the person."""
    (found,) = keys_of(organization_id, person=person)
    return bool(await pool.fetchval(SUPPRESSED, organization_id, found, now))


async def test_suppressions_of_people_stay_in_force(old: Old) -> None:
    """Whoever was suppressed by name is by hash, in the same organization, as long as before."""
    await old.upgrade("0003")
    async with old.pool() as pool:
        for number, person in PEOPLE.items():
            await pool.execute(PUT_SUPPRESSION, number, "org_1", person, MONDAY_NOON, None)
        until = MONDAY_NOON + timedelta(days=30)
        await pool.execute(PUT_SUPPRESSION, "sup_5", "org_2", "ada-example", MONDAY_NOON, until)

    await old.upgrade()

    async with old.pool() as pool:
        for person in PEOPLE.values():
            assert await suppressed(pool, "org_1", person, MONDAY_NOON)
        assert not await suppressed(pool, "org_1", "somebody-else", MONDAY_NOON)
        assert await suppressed(pool, "org_2", "ada-example", MONDAY_NOON)
        assert not await suppressed(pool, "org_2", "ada-example", until + timedelta(seconds=1))
        rows = await pool.fetch("SELECT * FROM suppressions ORDER BY suppression_id")
        assert [row["key"] for row in rows[:4]] == [
            key("org_1", Subject.PERSON, person) for person in PEOPLE.values()
        ]
        assert [row["label"] for row in rows[:4]] == [
            masked(Subject.PERSON, person) for person in PEOPLE.values()
        ]
        assert {row["subject"] for row in rows} == {"person"}
        assert {row["reason"] for row in rows} == {"asked us to stop"}
        assert rows[4]["expires_at"] == until
        assert not {"person", "public_identifier"} & set(rows[0].keys())


async def test_actions_of_before_are_read_by_both(old: Old) -> None:
    """A row that was queued before its hours were kept is read without any, archived or not;
    the release before, which does not name them, still writes."""
    await old.upgrade("0004")
    async with old.pool() as pool:
        await pool.execute(PUT_ACTION, "r_before", MONDAY_NOON)

    await old.upgrade("0007")

    async with old.pool() as pool:
        await pool.execute(PUT_ACTION, "r_after", MONDAY_NOON)

    await old.upgrade()

    async with old.pool() as pool:
        rows = await pool.fetch("SELECT hours FROM every_action")
        assert [row["hours"] for row in rows] == ["", ""]


PUT_ACCOUNT = """
INSERT INTO accounts (account_id, organization_id, unipile_account_id, state, state_at,
       working_hours, created_at)
VALUES ($1, 'org_1', $1, 'connected', $2, '{}', $2)
"""


async def test_who_was_connected_is_not_told_of_again(old: Old) -> None:
    """Acceptances of before count as told; who had not answered has still to be told of."""
    await old.upgrade("0004")
    async with old.pool() as pool:
        await pool.execute(PUT_ACCOUNT, "acct_1", MONDAY_NOON)
        await pool.execute(
            "INSERT INTO profiles (account_id, person, public_identifier, connected) VALUES"
            " ('acct_1', 'ada', 'ada', true), ('acct_1', 'bob', 'bob', false)"
        )

    await old.upgrade()

    async with old.pool() as pool:
        rows = await pool.fetch("SELECT public_identifier, accepted_at FROM profiles")
        told = {row["public_identifier"]: row["accepted_at"] for row in rows}
        assert told["ada"] > datetime(2020, 1, 1, tzinfo=UTC)
        assert told["bob"] is None


async def test_whoever_was_known_is_a_person(old: Old) -> None:
    """One name is one person to all accounts, an id one to each; profiles say who is resolved.

    Whose profile tells a name that somebody else is known by is looked up again.
    """
    await old.upgrade("0008")
    classic = "ACoAAAAbCdEfGhIjKlMnOpQrStUv"
    async with old.pool() as pool:
        for account_id in ("acct_1", "acct_2"):
            await pool.execute(PUT_ACCOUNT, account_id, MONDAY_NOON)
            for person in ("ada", "bob", classic):
                await pool.execute(
                    PUT_ACTION.replace("request_id", "action_id")
                    .replace("'acct_1'", "$3")
                    .replace("'ada'", "$4"),
                    f"{account_id}/{person}",
                    MONDAY_NOON,
                    account_id,
                    person,
                )
        await pool.execute(
            "INSERT INTO profiles (account_id, person, provider_id, public_identifier, read_at)"
            " VALUES ('acct_1', 'bob', 'ACoBob', 'bob', $1), ('acct_1', $2, $2, 'ada', $1)",
            MONDAY_NOON,
            classic,
        )

    await old.upgrade()

    async with old.pool() as pool:
        await fill(pool, sealing())
        people = PeopleRepository(pool, IDS)
        ada, bob, one, two = [
            await people.identify("org_1", alias, now=MONDAY_NOON)
            for alias in (
                address("ada"),
                provider_alias("ACoBob", "acct_1"),
                provider_alias(classic, "acct_1"),
                provider_alias(classic, "acct_2"),
            )
        ]
        rows = await pool.fetch("SELECT action_id, person_id FROM actions")
        assert {row["action_id"]: row["person_id"] for row in rows} == {
            "acct_1/ada": ada,
            "acct_2/ada": ada,
            "acct_1/bob": bob,
            "acct_2/bob": bob,
            f"acct_1/{classic}": one,
            f"acct_2/{classic}": two,
        }
        assert len({ada, bob, one, two}) == 4
        resolved = await pool.fetch("SELECT person_id FROM people WHERE resolved_at IS NOT NULL")
        assert [row["person_id"] for row in resolved] == [bob]


async def test_whose_were_called_off_before_they_were_asked_for(old: Old) -> None:
    """What nobody's row stopped is stopped for its campaign's organization, or for everybody if
    nobody knows whose the campaign is; in the archive too.
    """
    await old.upgrade("0027")
    async with old.pool() as pool:
        for account_id, organization_id in (("acct_1", "org_1"), ("acct_2", "org_2")):
            await pool.execute(PUT_ACCOUNT, account_id, MONDAY_NOON)
            await pool.execute(
                "UPDATE accounts SET organization_id = $2 WHERE account_id = $1",
                account_id,
                organization_id,
            )
        await pool.execute("SELECT open_archive_month($1)", MONDAY_NOON.replace(day=1, tzinfo=None))
        for table, organization_id, campaign_id, action_id in (
            ("actions", "org_2", "camp_2", "camp_2/lead_1/visit"),
            ("actions", "", "", "camp_2/lead_2/visit"),
            ("actions", "", "", "camp_9/lead_9/visit"),
            ("archived_actions", "", "", "camp_2/lead_3/visit"),
            ("archived_actions", "", "", "camp_8/lead_8/visit"),
        ):
            await pool.execute(
                f"INSERT INTO {table} (action_id, organization_id, account_id, campaign_id,"
                " lead_id, identifier, kind, state, created_at, finished_at)"
                " VALUES ($1, $2, '', $3, '', '', 'lookup', 'cancelled', $4, $4)",
                action_id,
                organization_id,
                campaign_id,
                MONDAY_NOON,
            )

    await old.upgrade()

    async with old.pool() as pool:
        whose = "SELECT action_id, organization_id FROM {} ORDER BY 1, 2"
        live = [tuple(row) for row in await pool.fetch(whose.format("actions"))]
        archived = [tuple(row) for row in await pool.fetch(whose.format("archived_actions"))]
    assert live == [
        ("camp_2/lead_1/visit", "org_2"),
        ("camp_2/lead_2/visit", "org_2"),
        ("camp_9/lead_9/visit", "org_1"),
        ("camp_9/lead_9/visit", "org_2"),
    ]
    assert archived == [
        ("camp_2/lead_3/visit", "org_2"),
        ("camp_8/lead_8/visit", "org_1"),
        ("camp_8/lead_8/visit", "org_2"),
    ]


async def test_whose_replies_of_before_are(old: Old) -> None:
    """A lead that has replied is left in peace by its organization, or by all if nobody's is known.

    What is known of it: the account it wrote to, what was asked for it, or for its campaign.
    """
    await old.upgrade("0017")
    async with old.pool() as pool:
        for number, organization_id in enumerate(("org_1", "org_2")):
            account_id = f"acct_{number}"
            await pool.execute(PUT_ACCOUNT, account_id, MONDAY_NOON)
            await pool.execute(
                "UPDATE accounts SET organization_id = $2 WHERE account_id = $1",
                account_id,
                organization_id,
            )
        await pool.execute(
            "INSERT INTO actions (action_id, organization_id, account_id, campaign_id, lead_id,"
            " identifier, kind, state, created_at)"
            " VALUES ('a', 'org_2', 'acct_1', 'camp_2', 'lead_2', 'ada', 'visit', 'done', $1)",
            MONDAY_NOON,
        )
        for table in ("replies", "automatic_replies"):
            for campaign_id, lead_id, account_id in (
                ("camp_1", "lead_1", "acct_0"),
                ("camp_2", "lead_2", ""),
                ("camp_2", "lead_3", ""),
                ("camp_4", "lead_4", ""),
            ):
                await pool.execute(
                    f"INSERT INTO {table} (campaign_id, lead_id, account_id, replied_at)"
                    " VALUES ($1, $2, $3, $4)",
                    campaign_id,
                    lead_id,
                    account_id,
                    MONDAY_NOON,
                )

    await old.upgrade()

    async with old.pool() as pool:
        for table in ("replies", "automatic_replies"):
            rows = await pool.fetch(f"SELECT organization_id, lead_id, replied_at FROM {table}")
            assert {row["replied_at"] for row in rows} == {MONDAY_NOON}
            assert sorted((row["lead_id"], row["organization_id"]) for row in rows) == [
                ("lead_1", "org_1"),
                ("lead_2", "org_2"),
                ("lead_3", "org_2"),
                ("lead_4", "org_1"),
                ("lead_4", "org_2"),
            ]


async def test_the_archive_s_months_get_the_indexes_of_lists(old: Old) -> None:
    """Those that are there, and those that are opened afterwards."""
    await old.upgrade("0029")
    async with old.pool() as pool:
        for month in ("2026-01-01", "2026-02-01"):
            await pool.execute(f"SELECT open_archive_month('{month}')")

    await old.upgrade()

    async with old.pool() as pool:
        await pool.execute("SELECT open_archive_month('2026-03-01')")
        rows = await pool.fetch(
            """SELECT parent.relname, count(*) AS months, bool_and(indisvalid) AS valid
                 FROM pg_inherits JOIN pg_class parent ON parent.oid = inhparent
                 JOIN pg_index ON indexrelid IN (inhparent, inhrelid)
                WHERE parent.relname LIKE 'archived_actions_of_%' GROUP BY 1 ORDER BY 1"""
        )
    # A month's index and the whole's, for each month.
    assert [tuple(row) for row in rows] == [
        (f"archived_actions_of_{name}", 6, True) for name in ("account", "campaign", "lead")
    ]
