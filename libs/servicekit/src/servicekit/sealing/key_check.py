"""Whether a process has the keys of its schema: rows that say which they are.

They stand among the data keys, are nobody's, and seal nothing. Whose each is is a hash by the hash
key. The founder's is written by whoever begins first; another one for each wrapping key that comes
to wrap after it, by whoever has it first, within seconds. A process whose hash key gives another
hash would find nobody again and invite people twice, and one without any of the wrapping keys would
give people new data keys: neither begins.

A wrapping key may go once its row has gone: that is when all data keys are wrapped by another one.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Coroutine
from datetime import timedelta
from functools import partial
from typing import Any, Protocol

from servicekit.sealing.data_keys import CHECK, FOUNDER, IS_CHECK, Database
from servicekit.sealing.seal import Seal, ValueUnreadable
from servicekit.sealing.wrapping_keys import KeyLost
from servicekit.settings import SealingSettings
from servicekit.settings.refusals import Refusal, SettingsRefused
from servicekit.tasks import every, kept_up
from servicekit.telemetry import logs

_NAME = "the check of the keys"
_NOTE_EVERY = timedelta(seconds=2)
_NOTED_FOR = timedelta(minutes=1)
"""Whoever wraps all anew by another key takes the row away, and this process may not have that key
yet: what it wraps meanwhile needs the row again."""
_ID = 8
_WHY = "the check of the keys is no organization's"
_FOUND = f"SELECT key_id, subject, wrapped FROM data_keys WHERE {IS_CHECK}"  # noqa: S608 - ours
# It never becomes old, so that no change of data keys retires it.
_BEGIN = """
    INSERT INTO data_keys (organization_id, key_id, subject, wrapped, created_at)
    VALUES ('', $1, $2, $3, 'infinity')
    ON CONFLICT (organization_id, key_id) DO NOTHING
"""
# In one: between two of them anybody would be the first.
_BEGIN_ANEW = f"""
    WITH others AS (DELETE FROM data_keys WHERE {IS_CHECK} AND key_id <> $1)
    INSERT INTO data_keys (organization_id, key_id, subject, wrapped, created_at)
    VALUES ('', $1, $2, $3, 'infinity')
    ON CONFLICT (organization_id, key_id) DO UPDATE
       SET subject = excluded.subject, wrapped = excluded.wrapped
"""  # noqa: S608 - ours
# Of a release that wrote no check, once: those that its processes have made last.
_NEWEST = """
    SELECT organization_id, key_id, wrapped FROM data_keys
     WHERE retired_at IS NULL ORDER BY created_at DESC LIMIT 20
"""
_EXPECTED = "what the schema's values were sealed by; docs/runbook.md, sealed values"

log = logs.get_logger(__name__)


class Schema(Protocol):
    """Connections to a schema, of whichever organization."""

    def across(self, why: str) -> Database:
        """The same for what is no one organization's."""


class Running(Protocol):
    """A process that does work beside its own."""

    def spawn(self, name: str, work: Callable[[], Coroutine[Any, Any, object]]) -> object:
        """Have it done until the process is left."""


async def keys_checked(
    running: Running, pool: Schema, seal: Seal, settings: SealingSettings
) -> None:
    """Return once it is known that these are the keys of the schema; tries until it answers.

    From then on a wrapping key that comes to wrap is noted. Raises `SettingsRefused` where they are
    not the schema's.
    """
    await kept_up(_NAME, lambda: check_keys(pool, seal, settings))
    notes = KeyNotes(pool, seal)
    running.spawn(_NAME, partial(every, _NOTE_EVERY, _NAME, notes.note))


async def check_keys(pool: Schema, seal: Seal, settings: SealingSettings) -> None:
    """Raise `SettingsRefused` where these are not the keys of the schema; who is first says it."""
    across = pool.across(_WHY)
    rows = await across.fetch(_FOUND)
    if not any(row["key_id"] == FOUNDER for row in rows):
        await _require_opened(across, seal, settings)
        await across.execute(_BEGIN, *_row(seal, FOUNDER))
        # Another process may have been the first.
        rows = await across.fetch(_FOUND)
    for row in rows:
        _require_right(row, seal, settings)
    await KeyNotes(pool, seal).note()


async def begin_check_anew(pool: Schema, seal: Seal) -> None:
    """These are the keys from now on, whatever was sealed before: for when keys are lost."""
    await pool.across(_WHY).execute(_BEGIN_ANEW, *_row(seal, FOUNDER))
    log.warning("key_check_begun_anew")


class KeyNotes:
    """That the wrapping key in use is one of the schema's: who has not got it begins no more."""

    def __init__(
        self, pool: Schema, seal: Seal, *, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._pool, self._seal, self._now = pool, seal, now
        self._noted, self._noted_at = b"", 0.0

    async def note(self) -> None:
        """Asks the database where another key than before is in front, and once a minute."""
        newest, now = self._seal.keys.newest, self._now()
        if newest == self._noted and now - self._noted_at < _NOTED_FOR.total_seconds():
            return
        across = self._pool.across(_WHY)
        rows = await across.fetch(_FOUND)
        if not any(row["wrapped"].startswith(newest) for row in rows):
            row = _row(self._seal, CHECK + newest[-_ID:])
            if not row[-1].startswith(newest):
                return  # Another one is in front by now, and is noted next.
            await across.execute(_BEGIN, *row)
        self._noted, self._noted_at = newest, now


async def _require_opened(database: Database, seal: Seal, settings: SealingSettings) -> None:
    """Where a release before has sealed values its data keys say which wrapping keys there are.

    One that was lost long ago says nothing; whoever opens none of the newest has other keys.
    """
    rows, lost = await database.fetch(_NEWEST), list[ValueUnreadable]()
    for row in rows:
        try:
            seal.cipher(row["organization_id"], row["key_id"], row["wrapped"])
        except ValueUnreadable as error:
            lost.append(error)
    if rows and len(lost) == len(rows):
        problem = f"does not have the key in use: {lost[0]}"
        raise _refused(settings, "sealing_keys", problem) from lost[0]
    for each in lost:
        log.error("data_key_lost", why=str(each))


def _require_right(row: Any, seal: Seal, settings: SealingSettings) -> None:
    if row["subject"] != _hashed(seal, row["key_id"]):
        raise _refused(settings, "sealing_hash_key", "gives other hashes than the schema has")
    try:
        seal.rewrapped("", row["key_id"], row["wrapped"])
    except KeyLost as lost:
        raise _refused(settings, "sealing_keys", f"does not have a key in use: {lost}") from lost


def _row(seal: Seal, key_id: bytes) -> tuple[bytes, str, bytes]:
    subject = _hashed(seal, key_id)
    return key_id, subject, seal.wrapped_new("", subject, key_id)


def _hashed(seal: Seal, key_id: bytes) -> str:
    which = "" if key_id == FOUNDER else f" {key_id.hex()}"
    return seal.hashed("", "check", f"the hash key of the schema{which}")


def _refused(settings: SealingSettings, field: str, problem: str) -> SettingsRefused:
    name = settings.name_of(field)
    return SettingsRefused([Refusal(setting=name, problem=problem, expected=_EXPECTED)])
