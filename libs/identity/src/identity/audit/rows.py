"""Columns of the audit's tables, said once. Pure."""

import json
from operator import itemgetter

from servicekit.postgres.columns import Column, Columns, Table, column

from identity.audit.chain import Checkpoint, Proof, Seal
from identity.audit.record import Act, Outcome, Record


def _actors(value: str) -> tuple[str, ...]:
    return tuple(json.loads(value))


def _of_pair(kept: Column[Act]) -> Column[tuple[Act, bytes]]:
    """The same column, written of an act that stands beside its proof."""
    return column(kept.name, kept.type, write=lambda pair: kept.write(pair[0]))


_ACT = (
    column("organization_id"),
    column("record_id"),
    column("service"),
    column("rpc"),
    column("outcome", read=Outcome),
    column("code"),
    column("reason"),
    column("caller_kind"),
    column("subject"),
    column("actors", write=lambda act: json.dumps(act.actors, ensure_ascii=False), read=_actors),
    column("address"),
    column("resource"),
    column("request_id"),
    column("trace_id"),
)
ACTS: Table[Act] = Table(Act, *_ACT)
RECORDS: Table[Record] = Table(
    Record,
    *_ACT,
    column("recorded_at", "timestamptz"),
    column("transaction_id"),
    column("digest_before"),
    column("digest_after"),
    column("proof", "bytea"),
)
SIGNED_ACTS: Columns[tuple[Act, bytes]] = Columns(
    *(_of_pair(each) for each in _ACT), column("proof", "bytea", write=itemgetter(1))
)
"""What a service writes of an act; the database adds the rest."""
SEALS: Table[Seal] = Table(
    Seal,
    column("position", "bigint"),
    column("sealed_at", "timestamptz"),
    column("recorded_at", "timestamptz"),
    column("record_id"),
    column("organization_id"),
    column("digest", "bytea"),
    column("proof", read=Proof),
    column("chain", "bytea"),
)
CHECKPOINTS: Table[Checkpoint] = Table(
    Checkpoint,
    column("number", "bigint"),
    column("position", "bigint"),
    column("chain", "bytea"),
    column("signed_at", "timestamptz"),
    column("dropped_before", "timestamptz"),
    column("before", "bytea"),
    column("key_id"),
    column("signature", "bytea"),
)
