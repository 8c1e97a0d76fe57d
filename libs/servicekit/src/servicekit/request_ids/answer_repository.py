"""Answers by request id, on PostgreSQL."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from servicekit.postgres.columns import Row
from servicekit.postgres.companions import unaccompanied
from servicekit.postgres.pool import Pool
from servicekit.postgres.statement import Statement
from servicekit.request_ids.named_request import NamedRequest
from servicekit.request_ids.table import answer_column
from servicekit.sealing.data_keys import wrapped_key
from servicekit.sealing.seal import Seal, ValueUnreadable
from servicekit.sealing.sealed_values import opened, sealed

KEPT = timedelta(days=7)
_AT_ONCE = 1000


@dataclass(frozen=True)
class Claim:
    """Whose request is served, until then; `again` where it was begun before."""

    until: datetime
    again: bool


@dataclass(frozen=True)
class Known:
    """What is known of a request that was asked before."""

    digest: bytes
    answer: bytes | None


class AnswerRepository:
    """What is being served and what was answered, for a week; `schema` is that of the table.

    Each statement is a transaction of its own, which nothing accompanies: what the call itself
    writes is the audit's.
    """

    def __init__(self, pool: Pool, seal: Seal, *, schema: str) -> None:
        self._pool, self._seal = pool, seal
        self._place = answer_column(schema)
        table = f"{schema}.request_answers"
        self._claim = Statement(_CLAIM.format(table=table))
        self._find = Statement(_FIND.format(table=table))
        self._keep = Statement(_KEEP.format(table=table))
        self._let_go = Statement(_LET_GO.format(table=table))
        self._break_off = Statement(_BREAK_OFF.format(table=table))
        self._forget = _FORGET.format(table=table)

    async def claim(self, asked: NamedRequest, *, within: timedelta) -> Claim | None:
        """Serve a request that nobody serves and that has no answer; until when.

        None where somebody serves it, where it has an answer, or where it was another one.
        """
        given = self._claim.given(
            **_key(asked), digest=asked.digest, subject=asked.subject, within=within
        )
        with unaccompanied():
            row = await self._pool.fetchrow(self._claim.sql, *given)
        return None if row is None else Claim(row["served_until"], row["again"])

    async def find(self, asked: NamedRequest) -> Known | None:
        """What is known of it; None for what was not asked, or refused.

        One whose answer does not open is known without it, until its key is back.
        """
        row = await self._pool.fetchrow(self._find.sql, *self._find.given(**_key(asked)))
        return None if row is None else Known(row["digest"], self._opened(asked, row))

    async def keep(self, asked: NamedRequest, answer: bytes) -> None:
        """Have whoever asks again told this."""
        with unaccompanied():
            kept = await sealed(
                self._pool, self._seal, self._place, asked.organization_id, _row(asked), answer
            )
            given = self._keep.given(**_key(asked), digest=asked.digest, answer=kept)
            await self._pool.execute(self._keep.sql, *given)

    async def let_go(self, asked: NamedRequest, *, until: datetime) -> None:
        """Whoever claimed it `until` then has refused it: its id is free."""
        given = self._let_go.given(**_key(asked), until=until)
        with unaccompanied():
            await self._pool.execute(self._let_go.sql, *given)

    async def break_off(self, asked: NamedRequest, *, until: datetime) -> None:
        """Whoever claimed it `until` then serves it no more; it may have been done."""
        given = self._break_off.given(**_key(asked), until=until)
        with unaccompanied():
            await self._pool.execute(self._break_off.sql, *given)

    def _opened(self, asked: NamedRequest, row: Row) -> bytes | None:
        if row["answer"] is None:
            return None
        of, name = asked.organization_id, _row(asked)
        try:
            return opened(self._seal, self._place, of, name, row["answer"], row["wrapped"])
        except ValueUnreadable:
            return None

    async def forget(self) -> int:
        """Forget what is older than is kept, piece by piece; how many there were."""
        forgotten = 0
        while True:
            gone = await self._pool.execute(self._forget, KEPT, _AT_ONCE)
            found = int(gone.rpartition(" ")[2])
            forgotten += found
            if found < _AT_ONCE:
                return forgotten


def _key(asked: NamedRequest) -> dict[str, str]:
    return {
        "organization_id": asked.organization_id,
        "caller": asked.caller,
        "rpc": asked.rpc,
        "request_id": asked.request_id,
    }


def _row(asked: NamedRequest) -> str:
    """What is sealed in as a row; see `sealed_rows`."""
    return f"{asked.request_id}/{asked.rpc}/{asked.caller}"


_THE_ONE = """
     WHERE request_id = :request_id AND rpc = :rpc AND caller = :caller
       AND organization_id = :organization_id
"""
_CLAIM = """
    INSERT INTO {table} AS it
        (organization_id, caller, rpc, request_id, digest, subject, served_until)
    VALUES (:organization_id, :caller, :rpc, :request_id, :digest::bytea, :subject,
            clock_timestamp() + :within::interval)
        ON CONFLICT (request_id, rpc, caller, organization_id) DO UPDATE
           SET served_until = EXCLUDED.served_until
         WHERE it.answer IS NULL AND it.served_until <= clock_timestamp()
           AND it.digest = EXCLUDED.digest
 RETURNING served_until, asked_at < statement_timestamp() AS again
"""
_FIND = f"""
    SELECT digest, answer, {wrapped_key("it", "answer")} AS wrapped FROM {{table}} AS it {_THE_ONE}
"""
_KEEP = f"""
    UPDATE {{table}} SET answer = :answer {_THE_ONE} AND digest = :digest AND answer IS NULL
"""
_LET_GO = f"DELETE FROM {{table}} {_THE_ONE} AND answer IS NULL AND served_until = :until"
_BREAK_OFF = f"""
    UPDATE {{table}} SET served_until = clock_timestamp()
           {_THE_ONE} AND answer IS NULL AND served_until = :until
"""
_FORGET = """
    DELETE FROM {table}
     WHERE (request_id, rpc, caller, organization_id) IN (
           SELECT request_id, rpc, caller, organization_id FROM {table}
            WHERE asked_at < clock_timestamp() - $1::interval
            ORDER BY asked_at LIMIT $2)
"""
