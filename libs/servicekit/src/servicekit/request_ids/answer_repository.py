"""Answers by request id, on PostgreSQL."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from servicekit.postgres.pool import Pool
from servicekit.postgres.statement import Statement
from servicekit.request_ids.named_request import NamedRequest

KEPT = timedelta(days=7)
_AT_ONCE = 1000


@dataclass(frozen=True)
class Known:
    """What is known of a request that was asked before."""

    digest: bytes
    under_way: bool
    answer: bytes | None


class AnswerRepository:
    """What was answered, for a week; `schema` is that of the table."""

    def __init__(self, pool: Pool, *, schema: str) -> None:
        self._pool = pool
        table = f"{schema}.request_answers"
        self._find = Statement(_FIND.format(table=table))
        self._place = Statement(_PLACE.format(table=table))
        self._take_over = Statement(_TAKE_OVER.format(table=table))
        self._keep = Statement(_KEEP.format(table=table))
        self._let_go = Statement(_LET_GO.format(table=table))
        self._forget = _FORGET.format(table=table)

    async def find(self, asked: NamedRequest) -> Known | None:
        """What is known of it; None for what was not asked before."""
        given = self._find.given(**_key(asked))
        row = await self._pool.fetchrow(self._find.sql, *given)
        return None if row is None else Known(row["digest"], row["under_way"], row["answer"])

    async def place(
        self, connection: Any, asked: NamedRequest, *, within: timedelta
    ) -> bool | None:
        """Write in the connection's transaction that it is being served, `within` at the most.

        None where the transaction has written nothing; False where it is served elsewhere.
        """
        given = self._place.given(**_key(asked), digest=asked.digest, within=within)
        placed: bool | None = await connection.fetchval(self._place.sql, *given)
        return placed

    async def take_over(self, asked: NamedRequest, *, within: timedelta) -> bool:
        """Serve what is served by nobody any more, and has no answer; False if another does."""
        given = self._take_over.given(**_key(asked), within=within)
        return bool(await self._pool.fetchval(self._take_over.sql, *given))

    async def keep(self, asked: NamedRequest, answer: bytes) -> None:
        """Have whoever asks again told this."""
        given = self._keep.given(**_key(asked), digest=asked.digest, answer=answer)
        await self._pool.execute(self._keep.sql, *given)

    async def let_go(self, asked: NamedRequest) -> None:
        """It is not served any more, and has no answer: whoever asks again is served."""
        await self._pool.execute(self._let_go.sql, *self._let_go.given(**_key(asked)))

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


# Who acts for all organizations asks for one that their request does not always name.
_THE_ONE = """
     WHERE request_id = :request_id AND rpc = :rpc AND caller = :caller
       AND (organization_id = :organization_id OR :organization_id::text = '')
"""
_FIND = f"""
    SELECT digest, answer, served_until > clock_timestamp() AS under_way
      FROM {{table}} {_THE_ONE}
"""
# The transaction's own organization is the one whose rows it may write.
_WHOSE = """
    coalesce(nullif(:organization_id::text, ''),
             nullif(current_setting('outreach.organization_id', true), ''), '')
"""
_PLACE = f"""
    WITH wrote AS MATERIALIZED (
        SELECT pg_current_xact_id_if_assigned() IS NOT NULL AS something
    ), placed AS (
        INSERT INTO {{table}} (organization_id, caller, rpc, request_id, digest, served_until)
        SELECT {_WHOSE}, :caller::text, :rpc::text, :request_id::text, :digest::bytea,
               clock_timestamp() + :within::interval
          FROM wrote WHERE something
            ON CONFLICT DO NOTHING
     RETURNING true AS so
    )
    SELECT CASE WHEN something THEN coalesce((SELECT so FROM placed), false) END FROM wrote
"""
_TAKE_OVER = f"""
    UPDATE {{table}} SET served_until = clock_timestamp() + :within::interval {_THE_ONE}
       AND answer IS NULL AND served_until <= clock_timestamp()
 RETURNING true
"""
_KEEP = f"""
    WITH placed AS (
        UPDATE {{table}} SET answer = :answer {_THE_ONE} AND digest = :digest AND answer IS NULL
     RETURNING true
    )
    INSERT INTO {{table}}
           (organization_id, caller, rpc, request_id, digest, served_until, answer)
    SELECT {_WHOSE}, :caller::text, :rpc::text, :request_id::text, :digest::bytea,
           clock_timestamp(), :answer::bytea
     WHERE NOT EXISTS (SELECT FROM placed)
        ON CONFLICT DO NOTHING
"""
_LET_GO = f"""
    UPDATE {{table}} SET served_until = clock_timestamp() {_THE_ONE} AND answer IS NULL
"""
_FORGET = """
    DELETE FROM {table}
     WHERE (request_id, rpc, caller, organization_id) IN (
           SELECT request_id, rpc, caller, organization_id FROM {table}
            WHERE asked_at < clock_timestamp() - $1::interval
            ORDER BY asked_at LIMIT $2)
"""
