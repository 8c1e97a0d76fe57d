"""Records: written into the transactions of others, or in one of their own, and read."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from servicekit.postgres.pool import Pool
from servicekit.postgres.statement import Statement

from identity.audit.proofs import Proofs
from identity.audit.record import Act, Outcome, Record
from identity.audit.rows import RECORDS, SIGNED_ACTS

# Twice the same is written once: a batch whose commit was not answered may stand already.
_APPEND = f"""
    INSERT INTO audit_records ({SIGNED_ACTS}, digest_before, digest_after)
    SELECT {SIGNED_ACTS.of("act")}, '', '' FROM {SIGNED_ACTS.unnested("act")}
"""
APPEND = Statement(_APPEND)
APPEND_AGAIN = Statement(
    f"""{_APPEND}
     WHERE NOT EXISTS (
           SELECT FROM audit_records known
            WHERE known.record_id = act.record_id
              AND known.recorded_at > clock_timestamp() - interval '1 day')
"""
)
_ALSO_TRANSACTION = ", ".join(
    "transaction_id::text AS transaction_id" if name == "transaction_id" else name
    for name in RECORDS.types
)
# Every filter that is NULL lets everything pass.
LIST = Statement(
    f"""
    SELECT {_ALSO_TRANSACTION} FROM audit_records
     WHERE (:organization_id::text IS NULL OR organization_id = :organization_id)
       AND (:since::timestamptz IS NULL OR recorded_at >= :since)
       AND (:until::timestamptz IS NULL OR recorded_at < :until)
       AND (:subject::text IS NULL OR subject = :subject OR actors::jsonb ? :subject)
       AND (:resource::text IS NULL OR resource = :resource)
       AND (:rpc::text IS NULL OR rpc LIKE :rpc)
       AND (:outcome::text IS NULL OR outcome = :outcome)
       AND (:before_at::timestamptz IS NULL
            OR (recorded_at, record_id) < (:before_at, :before_id::text))
     ORDER BY recorded_at DESC, record_id DESC
     LIMIT :rows::integer
"""
)
_DIGEST = (
    "encode(sha256(convert_to(string_agg(row::text, E'\\n' ORDER BY row::text), 'UTF8')), 'hex')"
)


@dataclass(frozen=True)
class Tracked:
    """The table whose row a resource is, and the column that has its id."""

    table: str
    key: str
    scoped: bool = False
    """Whether an id is one organization's: another's row may be called the same."""

    def found(self, key: str, whose: str) -> str:
        """The row, by parameters for its id and for the organization that the call is about."""
        of = f"row.organization_id = {whose}" if self.scoped else f"{whose}::text IS NOT NULL"
        return f"FROM {self.table} AS row WHERE row.{self.key} = {key} AND {of}"


@dataclass(frozen=True, kw_only=True)
class Filter:
    """Which records are asked for; None asks for all."""

    organization_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    subject: str | None = None
    resource: str | None = None
    rpc: str | None = None
    outcome: Outcome | None = None


class RecordRepository:
    """The records of one schema, written by one service, in transactions of others of its too.

    `tracked` says by the name of a field which table, with its schema, a resource is a row of: its
    digest is recorded before and after, and whose it is where the caller is nobody's.
    """

    def __init__(
        self, pool: Pool, proofs: Proofs, tracked: Mapping[str, Tracked], *, schema: str
    ) -> None:
        self._pool = pool
        self._batches = pool.across("what a batch records is of whoever called")
        self._proofs = proofs
        self._digests = {noun: _digest_of(each) for noun, each in tracked.items()}
        self._with = {noun: _append_with(schema, each) for noun, each in tracked.items()}
        self._with_nothing = _append_with(schema, None)

    async def digest(self, connection: Any, noun: str, resource: str, *, whose: str) -> str:
        """The digest of the row that a resource is, as the connection sees it; empty if none.

        `whose` is the organization that the call is about, as far as it says.
        """
        statement = self._digests.get(noun)
        if statement is None or not resource:
            return ""
        return await connection.fetchval(statement, resource, whose) or ""

    async def append_with(
        self, connection: Any, act: Act, *, noun: str, whose: str, digest_before: str
    ) -> bool:
        """Write a record in the connection's transaction if that has written anything."""
        statement = self._with.get(noun, self._with_nothing)
        signed = (act, self._proofs.sign(act.signed()))
        values = statement.given(
            **SIGNED_ACTS.values(signed), whose=whose, digest_before=digest_before
        )
        return bool(await connection.fetchval(statement.sql, *values))

    async def append(self, acts: Sequence[Act], *, again: bool) -> None:
        """Write records in a transaction of their own; `again` if they may be there already."""
        statement = APPEND_AGAIN if again else APPEND
        signed = [(act, self._proofs.sign(act.signed())) for act in acts]
        async with self._batches.acquire() as connection:
            await connection.execute(statement.sql, *statement.given(**SIGNED_ACTS.arrays(signed)))

    async def list(
        self, wanted: Filter, *, rows: int, before: tuple[datetime, str] | None = None
    ) -> list[Record]:
        """The youngest records first, from before one of them on."""
        at, record_id = before or (None, "")
        values = LIST.given(
            organization_id=wanted.organization_id,
            since=wanted.since,
            until=wanted.until,
            subject=wanted.subject,
            resource=wanted.resource,
            rpc=_ending(wanted.rpc),
            outcome=wanted.outcome.value if wanted.outcome is not None else None,
            before_at=at,
            before_id=record_id,
            rows=rows,
        )
        async with self._pool.acquire() as connection:
            found = await connection.fetch(LIST.sql, *values)
        return [RECORDS.read(row) for row in found]

    async def export(self, wanted: Filter, *, rows: int = 500) -> AsyncIterator[Record]:
        """Every record, the youngest first, page by page."""
        before = None
        while page := await self.list(wanted, rows=rows, before=before):
            for record in page:
                yield record
            before = (page[-1].recorded_at, page[-1].record_id)


def _ending(rpc: str | None) -> str | None:
    """`StartCampaign` is asked for by its name alone."""
    if rpc is None:
        return None
    escaped = rpc.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return escaped if "/" in rpc else f"%/{escaped}"


def _digest_of(tracked: Tracked) -> str:
    return f"SELECT {_DIGEST} {tracked.found('$1', '$2')}"


def _append_with(schema: str, tracked: Tracked | None) -> Statement:
    """Nothing is inserted where the transaction has changed nothing: it has no number then."""
    owner, after = "NULL", "''"
    if tracked is not None:
        found = tracked.found(":resource", ":whose")
        owner = f"(SELECT min(row.organization_id) {found})"
        after = f"coalesce((SELECT {_DIGEST} {found}), '')"
    others = SIGNED_ACTS.without("organization_id")
    return Statement(
        f"""
    INSERT INTO {schema}.audit_records (organization_id, {others}, digest_before, digest_after)
    SELECT coalesce(nullif(:organization_id::text, ''), {owner}, ''),
           {others.parameters()}, :digest_before::text, {after}
     WHERE pg_current_xact_id_if_assigned() IS NOT NULL AND :whose::text IS NOT NULL
 RETURNING true
"""
    )
