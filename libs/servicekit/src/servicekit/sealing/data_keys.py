"""Data keys in a schema: whose each is, wrapped. The table is alike in every schema that seals.

A key is an organization's (no subject) or a person's, known by a keyed hash. Who destroys a
person's keys makes everything that is sealed by them unreadable, in backups as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from servicekit.sealing.seal import DataKey, Seal
from servicekit.sealing.wrapping_keys import KeyLost

TABLE = "data_keys"
CREATE = """
CREATE TABLE IF NOT EXISTS data_keys (
    organization_id text NOT NULL,
    key_id          bytea NOT NULL CHECK (length(key_id) = 16),
    -- A keyed hash of whom it is of; empty: of the organization.
    subject         text NOT NULL,
    wrapped         bytea NOT NULL,
    created_at      timestamptz NOT NULL DEFAULT now(),
    -- What it has sealed is to be sealed anew; nothing more is sealed by it.
    retired_at      timestamptz,
    PRIMARY KEY (organization_id, key_id)
)
"""
IN_USE = "data_keys_in_use"
INDEX = "data_keys (organization_id, subject) WHERE retired_at IS NULL"
"""For the migration of whoever seals, safe to repeat; the index is unique."""
# Of a person there is one key in use, whoever makes it: who comes second finds the first one's.
_MAKE = """
    INSERT INTO data_keys (organization_id, key_id, subject, wrapped)
    SELECT $1, * FROM unnest($2::bytea[], $3::text[], $4::bytea[])
    ON CONFLICT (organization_id, subject) WHERE retired_at IS NULL DO NOTHING
 RETURNING subject
"""
_IN_USE = """
    SELECT subject, key_id, wrapped FROM data_keys
     WHERE organization_id = $1 AND subject = ANY($2) AND retired_at IS NULL
"""
CHECK = b"check-of"
"""How the ids of rows begin that say which keys are right (`key_check`); all others begin with the
time at which they were made."""
FOUNDER = b"check-of-the-key"
IS_CHECK = f"(organization_id = '' AND starts_with(encode(key_id, 'hex'), '{CHECK.hex()}'))"
_WRAPPED_BEFORE = f"""
    SELECT organization_id, key_id, wrapped FROM data_keys
     WHERE (organization_id, key_id) > ($1, $2) AND NOT starts_with(encode(wrapped, 'hex'), $3)
       AND NOT {IS_CHECK}
     ORDER BY organization_id, key_id LIMIT $4
"""  # noqa: S608 - names of ours
_FOUNDERS = "SELECT wrapped FROM data_keys WHERE organization_id = '' AND key_id = $1"
_CHECKS_OF_BEFORE = f"""
    DELETE FROM data_keys WHERE {IS_CHECK} AND NOT starts_with(encode(wrapped, 'hex'), $1)
"""  # noqa: S608 - names of ours
# One that was wrapped anew or destroyed meanwhile stays as it is.
_REWRAP = """
    UPDATE data_keys SET wrapped = anew.wrapped
      FROM unnest($1::text[], $2::bytea[], $3::bytea[], $4::bytea[])
           AS anew (organization_id, key_id, before, wrapped)
     WHERE data_keys.organization_id = anew.organization_id
       AND data_keys.key_id = anew.key_id AND data_keys.wrapped = anew.before
"""


class Database(Protocol):
    """A pool, or a connection of one."""

    async def fetch(self, query: str, *args: Any) -> Sequence[Any]: ...

    async def execute(self, query: str, *args: Any) -> str: ...


def wrapped_key(table: str, column: str) -> str:
    """SQL for the wrapped key of a sealed column of a table's row; null where it is not there."""
    return (
        f"(SELECT data_keys.wrapped FROM data_keys"  # noqa: S608 - names of ours
        f" WHERE data_keys.organization_id = {table}.organization_id"
        f" AND data_keys.key_id = substring({table}.{column} FROM 2 FOR 16))"
    )


async def keys_of(
    database: Database, seal: Seal, organization_id: str, subjects: Sequence[str]
) -> dict[str, DataKey]:
    """The keys in use of these people, made where there are none; `""` is the organization.

    Asks once for all of them, and once more if some are to be made. Raises `ValueUnreadable` where
    one is another's, or its wrapping key is lost: nothing is sealed that could not be opened.
    """
    # In one order, whoever asks: two that make keys for the same people do not wait for each other.
    wanted = sorted(set(subjects))
    found = await _in_use(database, seal, organization_id, wanted)
    # Again where somebody else's is retired before it is read.
    while missing := [subject for subject in wanted if subject not in found]:
        found |= await _made(database, seal, organization_id, missing)
    return found


async def _made(
    database: Database, seal: Seal, organization_id: str, subjects: Sequence[str]
) -> dict[str, DataKey]:
    """New keys; of whom somebody else has made one meanwhile, that one."""
    made_now = seal.new_keys(organization_id, subjects)
    new = dict(zip(subjects, made_now, strict=True))
    rows = await database.fetch(
        _MAKE,
        organization_id,
        [key.id for key, _ in new.values()],
        list(new),
        [wrapped for _, wrapped in new.values()],
    )
    made = {row["subject"]: new[row["subject"]][0] for row in rows}
    others = [subject for subject in subjects if subject not in made]
    return made | await _in_use(database, seal, organization_id, others) if others else made


async def wrap_anew(database: Database, seal: Seal, *, at_once: int = 500) -> int:
    """Wrap every data key by the wrapping key in use; no row is touched. Returns how many.

    What says which wrapping keys there must be comes last: whoever was killed on the way, or has
    lost one, leaves it that nobody begins without those of before. Raises `KeyLost` where one is
    wrapped by a key that is not there: the others are done first.
    """
    after: tuple[str, bytes] = ("", b"")
    done, newest, lost = 0, seal.keys.newest, None
    while rows := await database.fetch(_WRAPPED_BEFORE, *after, newest.hex(), at_once):
        anew, lost_here = _anew(seal, rows)
        lost = lost or lost_here
        if anew:
            columns = (list(column) for column in zip(*anew, strict=True))
            await database.execute(_REWRAP, *columns)
        done += len(anew)
        after = (rows[-1]["organization_id"], rows[-1]["key_id"])
    if lost is not None:
        raise lost
    await _wrap_checks_anew(database, seal, newest)
    return done


async def _wrap_checks_anew(database: Database, seal: Seal, newest: bytes) -> None:
    """The founder's by the key in use; those of the keys of before are there no more.

    Not if one has wrapped meanwhile by a key of before: the next run has it.
    """
    if await database.fetch(_WRAPPED_BEFORE, "", b"", newest.hex(), 1):
        return
    for row in await database.fetch(_FOUNDERS, FOUNDER):
        if not row["wrapped"].startswith(newest):
            anew = seal.rewrapped("", FOUNDER, row["wrapped"])
            await database.execute(_REWRAP, [""], [FOUNDER], [row["wrapped"]], [anew])
    await database.execute(_CHECKS_OF_BEFORE, newest.hex())


def _anew(
    seal: Seal, rows: Sequence[Any]
) -> tuple[list[tuple[str, bytes, bytes, bytes]], KeyLost | None]:
    anew, lost = [], None
    for row in rows:
        key = (row["organization_id"], row["key_id"])
        try:
            anew.append((*key, row["wrapped"], seal.rewrapped(*key, row["wrapped"])))
        except KeyLost as error:
            lost = error
    return anew, lost


async def _in_use(
    database: Database, seal: Seal, organization_id: str, subjects: Sequence[str]
) -> dict[str, DataKey]:
    rows = await database.fetch(_IN_USE, organization_id, list(subjects))
    return {
        row["subject"]: seal.key_for(organization_id, row["subject"], row["key_id"], row["wrapped"])
        for row in rows
    }
