"""Plain Python on the wire: `jsonb` is dicts and lists, times are aware and in UTC."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import asyncpg

if TYPE_CHECKING:
    # Generic to the type checker only.
    Connection = asyncpg.Connection[asyncpg.Record]
else:
    Connection = asyncpg.Connection

_POSTGRES_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_INFINITY = 2**63 - 1
_JSONB_VERSION = b"\x01"
_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False)
_EMPTY: Mapping[type, bytes] = {dict: b"{}", list: b"[]"}
"""What is written by the thousand is mostly that."""


async def register_codecs(connection: Connection) -> None:
    """Have a connection read and write plain Python values; a naive time is refused."""
    await connection.set_type_codec(
        "jsonb",
        schema="pg_catalog",
        format="binary",
        encoder=lambda value: _JSONB_VERSION + _to_json(value),
        # As text: of bytes it would guess first how they are encoded.
        decoder=lambda data: json.loads(data[1:].decode()),
    )
    await connection.set_type_codec(
        "json", schema="pg_catalog", format="binary", encoder=_to_json, decoder=json.loads
    )
    await connection.set_type_codec(
        "timestamptz",
        schema="pg_catalog",
        format="tuple",
        encoder=_to_timestamp,
        decoder=_from_timestamp,
    )


class EncodedJson(bytes):
    """JSON that is written already, for what row after row has alike."""


def encoded_json(value: Any) -> EncodedJson:
    """The value as it is written by the codec."""
    return EncodedJson(_to_json(value))


def _to_json(value: Any) -> bytes:
    if type(value) is EncodedJson:
        return value
    return (not value and _EMPTY.get(type(value))) or _JSON.encode(value).encode()


def _to_timestamp(value: datetime) -> tuple[int]:
    if value.tzinfo is None:
        raise ValueError("a time without a zone cannot be stored")
    return ((value - _POSTGRES_EPOCH) // _MICROSECOND,)


def _from_timestamp(value: tuple[int]) -> datetime:
    (microseconds,) = value
    if microseconds >= _INFINITY:
        return datetime.max.replace(tzinfo=UTC)
    if microseconds <= -_INFINITY:
        return datetime.min.replace(tzinfo=UTC)
    return _POSTGRES_EPOCH + timedelta(microseconds=microseconds)
