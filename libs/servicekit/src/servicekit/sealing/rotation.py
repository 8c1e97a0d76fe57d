"""Data keys are changed: retired at an age, what they sealed is sealed anew, then they are gone.

    in use ── too old ──> retired ── has not been needed for a while ──> gone

It goes on beside whoever writes, and after whatever ended it: each statement checks as it acts.
Of whom the key is retired, whoever seals next makes another one. Who has read a key before may
still write by it: that row is found by the next pass or the next run, and each row that is found
keeps its key for another while.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol

from servicekit.sealing.data_keys import Database
from servicekit.sealing.seal import Seal, SealedColumn, ValueUnreadable
from servicekit.sealing.sealed_values import keys_for

_NOW = "SELECT now() - $1::interval AS then"
# In the order of the primary key, each key once: no index by age, which whoever makes keys would
# keep up for a job of now and then.
_RETIRE = """
    WITH old AS (
        SELECT organization_id, key_id FROM data_keys
         WHERE (organization_id, key_id) > ($3, $4) AND retired_at IS NULL AND created_at < $1
         ORDER BY organization_id, key_id LIMIT $2),
    done AS (
        UPDATE data_keys SET retired_at = now() FROM old
         WHERE data_keys.organization_id = old.organization_id AND data_keys.key_id = old.key_id
           AND retired_at IS NULL
     RETURNING 1)
    SELECT organization_id, key_id, (SELECT count(*) FROM done) AS retired
      FROM old ORDER BY organization_id DESC, key_id DESC LIMIT 1
"""
# One that was destroyed meanwhile is not there: what it sealed is to stay unreadable.
_STILL_THERE = """
    WITH old AS (
        SELECT organization_id, key_id FROM data_keys
         WHERE (organization_id, key_id) IN (SELECT * FROM unnest($1::text[], $2::bytea[]))
         ORDER BY organization_id, key_id FOR UPDATE)
    UPDATE data_keys SET retired_at = now() FROM old
     WHERE data_keys.organization_id = old.organization_id AND data_keys.key_id = old.key_id
 RETURNING data_keys.organization_id, data_keys.key_id
"""
_LEFT = "SELECT count(*) AS number FROM data_keys WHERE retired_at IS NOT NULL"


@dataclass(frozen=True, kw_only=True)
class SealedRows:
    """Where values are sealed, and how the rows are told apart."""

    place: SealedColumn
    key: Mapping[str, str]
    """The columns of a unique key, in its order, with their types."""
    named: str
    """SQL of what is sealed in as the row."""
    of: str = ""
    """SQL of whose keys there are; the row's organization unless it says otherwise."""

    @property
    def _of(self) -> str:
        return self.of or f"{self.place.table}.organization_id"

    @property
    def _key_id(self) -> str:
        return f"substring({self.place.table}.{self.place.column} FROM 2 FOR 16)"

    def found(self, *, first: bool) -> str:
        """SQL of rows that are sealed by a retired key; after a row's key unless `first`."""
        names = ", ".join(f"{self.place.table}.{name}" for name in self.key)
        after = ", ".join(f"${at}::{of}" for at, of in enumerate(self.key.values(), start=2))
        return f"""
            SELECT {names}, {self._of} AS of_organization, {self.named} AS row_name,
                   {self.place.table}.{self.place.column} AS before,
                   data_keys.key_id, data_keys.wrapped, data_keys.subject
              FROM {self.place.table}
              JOIN data_keys ON data_keys.organization_id = {self._of}
                            AND data_keys.key_id = {self._key_id}
             WHERE data_keys.retired_at IS NOT NULL
               {"" if first else f"AND ({names}) > ({after})"}
             ORDER BY {names} LIMIT $1
        """  # noqa: S608 - names of ours

    @property
    def anew(self) -> str:
        """SQL that puts values in the place of those of before, where these are there still.

        A row that somebody has locked is left: nobody waits for another here.
        """
        table, names = self.place.table, ", ".join(self.key)
        types = (*self.key.values(), "bytea", "bytea")
        given = ", ".join(f"${at}::{of}[]" for at, of in enumerate(types, start=1))
        same = " AND ".join(f"{table}.{name} = free.{name}" for name in self.key)
        return f"""
            WITH anew AS (SELECT * FROM unnest({given}) AS anew ({names}, before, value)),
                 free AS (SELECT {names} FROM {table}
                           WHERE ({names}) IN (SELECT {names} FROM anew)
                             FOR NO KEY UPDATE SKIP LOCKED)
            UPDATE {table} SET {self.place.column} = anew.value
              FROM free JOIN anew USING ({names})
             WHERE {same} AND {table}.{self.place.column} = anew.before
        """  # noqa: S608 - names of ours

    @property
    def unneeded(self) -> str:
        """SQL of whether nothing here is sealed by the key of a row of `data_keys`."""
        return f"""NOT EXISTS (SELECT FROM {self.place.table}
                                WHERE {self._of} = data_keys.organization_id
                                  AND {self._key_id} = data_keys.key_id)"""


class KeyTables(Database, Protocol):
    """A pool of connections to what is sealed, and to its keys."""

    def acquire(self) -> Any:
        """A connection, for a block."""


@dataclass(frozen=True, kw_only=True)
class Rotated:
    """What became of keys, and of what they had sealed."""

    retired: int
    sealed: int
    unreadable: int
    """Values that do not open by their key: they stay as they are, and the key stays too."""
    destroyed: int
    left: int
    """Retired keys that are needed, or were until lately."""


class DataKeyRotation:
    """Changes the data keys of a schema."""

    def __init__(
        self, pool: KeyTables, seal: Seal, sealed: Sequence[SealedRows], *, at_once: int = 300
    ) -> None:
        """`sealed` is every column that is: a key that nothing there needs is destroyed."""
        self._pool, self._seal, self._sealed, self._at_once = pool, seal, sealed, at_once

    async def rotate(self, *, older_than: timedelta, kept: timedelta) -> Rotated:
        """Retire keys of this age, seal anew, and destroy what was not needed for `kept`.

        `kept` is longer than anybody takes who has read a key and writes by it.
        """
        retired = await self._retire(older_than)
        sealed, unreadable = await self._pass()
        more = sealed
        while more:
            more, unreadable = await self._pass()
            sealed += more
        return Rotated(
            retired=retired,
            sealed=sealed,
            unreadable=unreadable,
            destroyed=await self._destroy(kept),
            left=(await self._pool.fetch(_LEFT))[0]["number"],
        )

    async def _retire(self, older_than: timedelta) -> int:
        # Those that are made from now on are not old, whatever the age.
        ((made_before,),) = await self._pool.fetch(_NOW, older_than)
        retired, after = 0, ("", b"")
        while rows := await self._pool.fetch(_RETIRE, made_before, self._at_once, *after):
            retired += rows[0]["retired"]
            after = (rows[0]["organization_id"], rows[0]["key_id"])
        return retired

    async def _pass(self) -> tuple[int, int]:
        """Seal anew whatever is found; how much that was, and how much does not open."""
        sealed = unreadable = 0
        for rows in self._sealed:
            found = await self._pool.fetch(rows.found(first=True), self._at_once)
            while found:
                values, lost = await self._values(rows, found)
                sealed += await self._replaced(rows, values)
                unreadable += lost
                last = [found[-1][name] for name in rows.key]
                found = await self._pool.fetch(rows.found(first=False), self._at_once, *last)
        return sealed, unreadable

    async def _values(
        self, rows: SealedRows, found: Sequence[Any]
    ) -> tuple[list[tuple[Any, bytes]], int]:
        """The values of these rows by the keys in use; and of how many there is none."""
        opened: dict[str, list[tuple[Any, bytes]]] = defaultdict(list)
        for row in found:
            of, name = row["of_organization"], row["row_name"]
            try:
                value = self._seal.open(rows.place, of, name, row["before"], row["wrapped"])
            except ValueUnreadable:
                continue
            opened[of].append((row, value))
        anew: list[tuple[Any, bytes]] = []
        for of, values in opened.items():
            # Committed before the rows are: whoever destroys a person's keys meets them all.
            subjects = [row["subject"] for row, _ in values]
            keys = await keys_for(self._pool, self._seal, of, subjects)
            sealed = self._seal.seal_all(
                rows.place,
                of,
                [(keys[row["subject"]], row["row_name"], value) for row, value in values],
            )
            anew += [(row, value) for (row, _), value in zip(values, sealed, strict=True)]
        return anew, len(found) - len(anew)

    async def _replaced(self, rows: SealedRows, values: Sequence[tuple[Any, bytes]]) -> int:
        """Put them in their rows; how many of these were as they had been read."""
        if not values:
            return 0
        async with self._pool.acquire() as connection, connection.transaction():
            there = await connection.fetch(
                _STILL_THERE,
                [row["of_organization"] for row, _ in values],
                [row["key_id"] for row, _ in values],
            )
            alive = {(each["organization_id"], each["key_id"]) for each in there}
            given = [
                (*(row[name] for name in rows.key), row["before"], value)
                for row, value in values
                if (row["of_organization"], row["key_id"]) in alive
            ]
            columns: list[Any] = [list(column) for column in zip(*given, strict=True)]
            return _affected(await connection.execute(rows.anew, *columns)) if given else 0

    async def _destroy(self, kept: timedelta) -> int:
        unneeded = " AND ".join(rows.unneeded for rows in self._sealed)
        return _affected(
            await self._pool.execute(
                f"DELETE FROM data_keys WHERE retired_at <= now() - $1::interval AND {unneeded}",  # noqa: S608 - names of ours
                kept,
            )
        )


def _affected(told: str) -> int:
    """How many rows a statement has written, by what PostgreSQL says of it: `UPDATE 3`."""
    return int(told.rpartition(" ")[2])
