"""Whether a process has the keys of its schema: one row, written by whoever begins first.

The row stands among the data keys, is nobody's, and seals nothing. Whose it is is a hash by the
hash key; what it is wrapped by is a wrapping key of the schema. A process whose hash key gives
another hash would find nobody again and invite people twice, and one without the wrapping keys
would give everybody new data keys: neither begins.
"""

from __future__ import annotations

from typing import Protocol

from servicekit.sealing.data_keys import Database
from servicekit.sealing.seal import Seal, ValueUnreadable
from servicekit.sealing.wrapping_keys import KeyLost
from servicekit.settings import SealingSettings
from servicekit.settings.refusals import Refusal, SettingsRefused
from servicekit.tasks import kept_up
from servicekit.telemetry import logs

CHECK_ID = b"check-of-the-key"
"""The id that the row has among the data keys, which begin with the time they were made at."""
_WHY = "the check of the keys is no organization's"
_FOUND = "SELECT subject, wrapped FROM data_keys WHERE organization_id = '' AND key_id = $1"
# It never becomes old, so that no change of data keys retires it.
_BEGIN = """
    INSERT INTO data_keys (organization_id, key_id, subject, wrapped, created_at)
    VALUES ('', $1, $2, $3, 'infinity')
    ON CONFLICT (organization_id, key_id) DO NOTHING
"""
_BEGIN_ANEW = """
    INSERT INTO data_keys (organization_id, key_id, subject, wrapped, created_at)
    VALUES ('', $1, $2, $3, 'infinity')
    ON CONFLICT (organization_id, key_id)
    DO UPDATE SET subject = excluded.subject, wrapped = excluded.wrapped
"""
# By the index: the oldest of those of a release that wrote no check.
_ANY = "SELECT organization_id, key_id, wrapped FROM data_keys ORDER BY 1, 2 LIMIT 1"
_EXPECTED = "what the schema's values were sealed by; docs/runbook.md, sealed values"

log = logs.get_logger(__name__)


class Schema(Protocol):
    """Connections to a schema, of whichever organization."""

    def across(self, why: str) -> Database:
        """The same for what is no one organization's."""


async def keys_checked(pool: Schema, seal: Seal, settings: SealingSettings) -> None:
    """Return once it is known that these are the keys of the schema; tries until it answers.

    Raises `SettingsRefused` where they are not.
    """
    await kept_up("the check of the keys", lambda: check_keys(pool, seal, settings))


async def check_keys(pool: Schema, seal: Seal, settings: SealingSettings) -> None:
    """Raise `SettingsRefused` where these are not the keys of the schema; who is first says it."""
    across = pool.across(_WHY)
    rows = await across.fetch(_FOUND, CHECK_ID)
    if not rows:
        await _require_opened(across, seal, settings)
        await across.execute(_BEGIN, CHECK_ID, *_row(seal))
        # Another process may have been the first.
        rows = await across.fetch(_FOUND, CHECK_ID)
    (found,) = rows
    if found["subject"] != _hashed(seal):
        raise _refused(settings, "sealing_hash_key", "gives other hashes than the schema has")
    try:
        seal.rewrapped("", CHECK_ID, found["wrapped"])
    except KeyLost as lost:
        raise _refused(settings, "sealing_keys", f"does not have the key in use: {lost}") from lost


async def begin_check_anew(pool: Schema, seal: Seal) -> None:
    """These are the keys from now on, whatever was sealed before: for when keys are lost."""
    await pool.across(_WHY).execute(_BEGIN_ANEW, CHECK_ID, *_row(seal))
    log.warning("key_check_begun_anew")


async def _require_opened(database: Database, seal: Seal, settings: SealingSettings) -> None:
    """Where a release before has sealed values its data keys say which wrapping keys there are."""
    for row in await database.fetch(_ANY):
        try:
            seal.cipher(row["organization_id"], row["key_id"], row["wrapped"])
        except ValueUnreadable as lost:
            problem = f"does not have the key in use: {lost}"
            raise _refused(settings, "sealing_keys", problem) from lost


def _row(seal: Seal) -> tuple[str, bytes]:
    subject = _hashed(seal)
    return subject, seal.wrapped_new("", subject, CHECK_ID)


def _hashed(seal: Seal) -> str:
    return seal.hashed("", "check", "the hash key of the schema")


def _refused(settings: SealingSettings, field: str, problem: str) -> SettingsRefused:
    name = settings.name_of(field)
    return SettingsRefused([Refusal(setting=name, problem=problem, expected=_EXPECTED)])
