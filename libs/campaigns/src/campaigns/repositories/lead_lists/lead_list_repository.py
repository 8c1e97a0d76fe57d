"""SQL on lists of people, but for the people: names, who took from them, their end."""

from __future__ import annotations

from datetime import datetime

from servicekit.errors import EtagMismatch
from servicekit.etags import require_fitting
from servicekit.postgres.columns import Table, column
from servicekit.postgres.pool import Pool
from servicekit.postgres.statement import Statement
from servicekit.request_ids.errors import RequestIdReused

from campaigns.errors import LeadListInUse, LeadListNotFound
from campaigns.lead_list_import import LeadList, LeadListEdit

LEAD_LISTS: Table[LeadList] = Table(
    LeadList,
    column("id"),
    column("organization_id"),
    column("name"),
    column("description"),
    column("entry_count", "bigint"),
    column("account_ids", "text[]", read=tuple, write=lambda each: list(each.account_ids)),
    column("created_at", "timestamptz"),
    column("updated_at", "timestamptz"),
    column("deleted_at", "timestamptz"),
    column("created_by"),
    column("updated_by"),
)
_NEW = LEAD_LISTS.without("updated_at", "deleted_at", "updated_by")
_LIST = LEAD_LISTS.selected()
# The same request twice inserts once.
_CREATE = Statement(f"""
    INSERT INTO lead_lists ({_NEW}, request_id, request_hash)
    VALUES ({_NEW.parameters()}, :request_id, :request_hash)
    ON CONFLICT (organization_id, request_id) DO NOTHING
""")
_BY_REQUEST = f"""
    SELECT {_LIST}, request_hash FROM lead_lists WHERE organization_id = $1 AND request_id = $2
"""
_GET = f"SELECT {_LIST} FROM lead_lists WHERE id = $1"
_LOCK_TO_EDIT = f"""
    SELECT {_LIST} FROM lead_lists WHERE id = $1 AND deleted_at IS NULL FOR NO KEY UPDATE
"""
_EDIT = f"""
    UPDATE lead_lists
       SET name = $2, description = $3, updated_by = $4, updated_at = now()
     WHERE id = $1
 RETURNING {_LIST}
"""
# Whoever brings people into it or takes some from it at this moment is waited for.
_LOCK_TO_DELETE = f"SELECT {_LIST} FROM lead_lists WHERE id = $1 FOR UPDATE"
_IN_USE = """
    SELECT campaigns.id FROM lead_list_uses
      JOIN campaigns ON campaigns.id = lead_list_uses.campaign_id
     WHERE lead_list_uses.lead_list_id = $1 AND campaigns.deleted_at IS NULL
       AND campaigns.state NOT IN ('stopped', 'completed')
     ORDER BY campaigns.id LIMIT 100
"""
_ACCOUNTS_OF_USERS = """
    SELECT DISTINCT unnest(campaigns.account_ids) AS account_id
      FROM lead_list_uses JOIN campaigns ON campaigns.id = lead_list_uses.campaign_id
     WHERE lead_list_uses.lead_list_id = $1 AND campaigns.deleted_at IS NULL
"""
# It stays, as an id that was deleted.
_EMPTY = """
    UPDATE lead_lists
       SET deleted_at = $2, name = '', description = '', entry_count = 0, updated_at = now()
     WHERE id = $1
"""
_FORGET_IMPORTS = "DELETE FROM lead_imports WHERE lead_list_id = $1"
_FORGET_ENTRIES = """
    DELETE FROM lead_list_entries
     WHERE (lead_list_id, public_identifier) IN (
               SELECT lead_list_id, public_identifier FROM lead_list_entries
                WHERE lead_list_id = $1 ORDER BY position LIMIT $2)
"""
# Not by how many it forgot: whoever waited for another one who forgets the same forgets nobody.
_HAS_ENTRIES = "SELECT EXISTS (SELECT FROM lead_list_entries WHERE lead_list_id = $1)"
_LEFT_OVER = """
    SELECT id FROM lead_lists
     WHERE deleted_at IS NOT NULL
       AND (EXISTS (SELECT FROM lead_list_entries AS entry WHERE entry.lead_list_id = lead_lists.id)
            OR EXISTS (SELECT FROM lead_imports WHERE lead_imports.lead_list_id = lead_lists.id))
     ORDER BY id
"""
AT_ONCE = 5000
"""Entries that one transaction forgets."""


class LeadListRepository:
    """One row of a list is the lock of all of it."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def create(self, new: LeadList, *, request_id: str) -> LeadList:
        """Keep a list; the one that the same request has made before, if it has.

        Raises `RequestIdReused` if that asked for another one, or it was deleted.
        """
        given = _CREATE.given(**_NEW.values(new), request_id=request_id, request_hash=new.etag)
        await self._pool.execute(_CREATE.sql, *given)
        row = await self._pool.fetchrow(_BY_REQUEST, new.organization_id, request_id)
        if row is None or row["request_hash"] != new.etag or row["deleted_at"] is not None:
            raise RequestIdReused
        return LEAD_LISTS.read(row)

    async def get(self, lead_list_id: str) -> LeadList:
        """The list, also a deleted one; raises `LeadListNotFound` if there never was one."""
        row = await self._pool.fetchrow(_GET, lead_list_id)
        if row is None:
            raise LeadListNotFound
        return LEAD_LISTS.read(row)

    async def accounts_of_users(self, lead_list_id: str) -> frozenset[str]:
        """The accounts of the campaigns that took leads from it, and were not deleted."""
        rows = await self._pool.fetch(_ACCOUNTS_OF_USERS, lead_list_id)
        return frozenset(row["account_id"] for row in rows)

    async def edit(self, lead_list_id: str, edit: LeadListEdit, *, by: str = "") -> LeadList:
        """Change what the edit names, if the list is as its editor has read it.

        Raises `EtagMismatch` if it is not, and `LeadListNotFound` if there is none.
        """
        async with self._pool.acquire() as connection, connection.transaction():
            row = await connection.fetchrow(_LOCK_TO_EDIT, lead_list_id)
            if row is None:
                raise LeadListNotFound
            before = LEAD_LISTS.read(row)
            if not edit.is_of(before):
                raise EtagMismatch(metadata={"etag": before.etag})
            after = edit.of(before)
            if after == before:
                return before
            given = (after.name, after.description, by)
            row = await connection.fetchrow(_EDIT, lead_list_id, *given)
            return after if row is None else LEAD_LISTS.read(row)

    async def delete(
        self, lead_list_id: str, *, force: bool, now: datetime, etag: str = ""
    ) -> None:
        """Forget a list and its people; again, it goes on where that broke off.

        Raises `LeadListInUse` while a campaign that took leads from it is not over, unless it is
        forced, `EtagMismatch` if it is not as it was read, and `LeadListNotFound` if there never
        was one.
        """
        async with self._pool.acquire() as connection, connection.transaction():
            row = await connection.fetchrow(_LOCK_TO_DELETE, lead_list_id)
            if row is None:
                raise LeadListNotFound
            before = LEAD_LISTS.read(row)
            if before.deleted_at is None:
                require_fitting(etag, before.etag)
                used = [] if force else await connection.fetch(_IN_USE, lead_list_id)
                if used:
                    raise LeadListInUse(metadata={"campaigns": ",".join(row["id"] for row in used)})
                await connection.execute(_EMPTY, lead_list_id, now)
        await self._forget(lead_list_id)

    async def forget_left_over(self) -> int:
        """Go on with deletions that broke off; returns of how many lists."""
        rows = await self._pool.fetch(_LEFT_OVER)
        for row in rows:
            await self._forget(row["id"])
        return len(rows)

    async def _forget(self, lead_list_id: str) -> None:
        await self._pool.execute(_FORGET_IMPORTS, lead_list_id)
        while await self._pool.fetchval(_HAS_ENTRIES, lead_list_id):
            await self._pool.execute(_FORGET_ENTRIES, lead_list_id, AT_ONCE)
