"""Who waits ahead of the requests of a batch, and what counts of other kinds than theirs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from operator import attrgetter

from servicekit.postgres.columns import Columns, Row, column, numbered
from servicekit.postgres.statement import Statement

from linkedin_gateway.models import WEEK, Action, Kind
from linkedin_gateway.pace.snapshot import Counted, PaceRules, ProfileReads, Snapshot
from linkedin_gateway.pace.turns import (
    SIMULATED_AMONG,
    SIMULATED_SLOTS,
    Ahead,
    QueueAhead,
    at_odds,
    drawn_on,
)
from linkedin_gateway.storage.connection import Connection


@dataclass(frozen=True, kw_only=True)
class _Ranked:
    """A row for which it is read who waits ahead of it."""

    row: Action
    among: bool
    """Requests that take from other caps are decided about in the same batch."""


RANKED: Columns[_Ranked] = Columns(
    column("account_id", write=attrgetter("row.account_id")),
    column("priority", "smallint", write=attrgetter("row.priority")),
    column("virtual_finish", "double precision", write=attrgetter("row.virtual_finish")),
    column("action_id", write=attrgetter("row.action_id")),
    column("kind", write=attrgetter("row.kind.value")),
    column("needs_lookup", "boolean", write=attrgetter("row.needs_lookup")),
    column("among", "boolean"),
)

_AHEAD = """
         FROM actions w
        WHERE w.account_id = q.account_id AND w.state = 'queued' AND w.turn_at > :live_since
          AND (w.priority, w.virtual_finish, w.action_id)
            < (q.priority, q.virtual_finish, q.action_id)"""
_BY_RANK = "ORDER BY n.priority, n.virtual_finish, n.action_id"
# Better-ranked requests that still come for their turn: the next ones singly, the rest counted.
# Where not all of them take from the same caps, who they are, the best ranked first.
QUEUE = Statement(f"""
SELECT q.ordinal, ahead.same_kind_total, unread.lookups_total,
       ahead.same_kind[1:(:singly)] AS same_kind,
       among.turns AS among_turns, among.kinds AS among_kinds, among.lookups AS among_lookups,
       among.priorities AS among_priorities, among.finishes AS among_finishes,
       among.ids AS among_ids
  FROM {RANKED.unnested("q", ordinal=True)}
 CROSS JOIN LATERAL (
       SELECT count(*) AS total,
              count(*) FILTER (WHERE w.kind = q.kind) AS same_kind_total,
              array_agg(w.turn_at ORDER BY w.turn_at) FILTER (WHERE w.kind = q.kind) AS same_kind
{_AHEAD}
       ) ahead
 CROSS JOIN LATERAL (
       SELECT count(*) AS lookups_total
{_AHEAD}
          AND w.needs_lookup
       ) unread
  LEFT JOIN LATERAL (
       SELECT array_agg(n.turn_at {_BY_RANK}) AS turns, array_agg(n.kind {_BY_RANK}) AS kinds,
              array_agg(n.needs_lookup {_BY_RANK}) AS lookups,
              array_agg(n.priority {_BY_RANK}) AS priorities,
              array_agg(n.virtual_finish {_BY_RANK}) AS finishes,
              array_agg(n.action_id {_BY_RANK}) AS ids
         FROM (SELECT w.turn_at, w.kind, w.needs_lookup, w.priority, w.virtual_finish, w.action_id
{_AHEAD}
                ORDER BY w.turn_at LIMIT :listed) n
       ) among
    ON q.among OR ahead.same_kind_total < ahead.total
    OR unread.lookups_total <> CASE WHEN q.needs_lookup THEN ahead.total ELSE 0 END
""")


# What counts in the windows of some kinds on some accounts, and until when each rests.
COUNTED = Statement("""
SELECT q.ordinal,
       (SELECT array_agg(finished_at ORDER BY finished_at) FROM actions
         WHERE account_id = q.account_id AND kind = q.kind AND sent_at IS NOT NULL
           AND finished_at > :since) AS ended,
       (SELECT count(*) FROM actions
         WHERE account_id = q.account_id AND kind = q.kind AND sent_at IS NOT NULL
           AND finished_at IS NULL) AS open_ends,
       (SELECT until FROM cool_downs
         WHERE account_id = q.account_id AND kind = q.kind) AS cools_until
  FROM unnest(:accounts::text[], :kinds::text[]) WITH ORDINALITY AS q(account_id, kind, ordinal)
""")


async def read_queues(
    connection: Connection, rows: Sequence[Action], *, rules: PaceRules, now: datetime
) -> Mapping[str, QueueAhead]:
    """Who waits ahead of each row, by its action id."""
    alike = {(row.account_id, row.kind, row.needs_lookup) for row in rows}
    accounts = Counter(account_id for account_id, _, _ in alike)
    asked = [_Ranked(row=row, among=accounts[row.account_id] > 1) for row in rows]
    values = QUEUE.given(
        **RANKED.arrays(asked),
        live_since=now - rules.grace,
        singly=SIMULATED_SLOTS,
        listed=SIMULATED_AMONG,
    )
    found = [
        (rows[position], _queue_ahead(row, rows[position].kind))
        for position, row in numbered(await connection.fetch(QUEUE.sql, *values))
    ]
    pairs = sorted(_concerned(found, gap=rules.gap.between_turns, now=now))
    if not pairs:
        return {row.action_id: ahead for row, ahead in found}
    counted = await _read_counted(connection, pairs, now=now)
    past: dict[str, dict[Kind, Counted]] = {}
    for (account_id, kind), (each, _) in zip(pairs, counted, strict=True):
        past.setdefault(account_id, {})[kind] = each
    return {
        row.action_id: replace(ahead, counted=past.get(row.account_id, {})) for row, ahead in found
    }


def _concerned(
    found: Sequence[tuple[Action, QueueAhead]], *, gap: timedelta, now: datetime
) -> set[tuple[str, Kind]]:
    """Accounts and kinds of which it matters what counts of the past.

    It does where those ahead are at odds, or may come to be by what the batch decides.
    """
    together: dict[str, set[Kind]] = {}
    for row, _ in found:
        together.setdefault(row.account_id, set()).add(row.kind)
    return {
        (row.account_id, kind)
        for row, ahead in found
        if len(together[row.account_id]) > 1 or at_odds(ahead, gap=gap, now=now)
        for kind in drawn_on(ahead, together[row.account_id])
    }


def _queue_ahead(row: Row, kind: Kind) -> QueueAhead:
    """Those who wait ahead of one request of a kind, from a row of `QUEUE`."""
    if row["among_turns"] is None:
        same_kind = row["same_kind"] or ()
        more = max(0, row["same_kind_total"] - len(same_kind))
        return QueueAhead(same_kind=same_kind, more_same_kind=more)
    ranks = zip(row["among_priorities"], row["among_finishes"], row["among_ids"], strict=True)
    kinds = map(Kind, row["among_kinds"])
    among = list(map(Ahead, row["among_turns"], kinds, row["among_lookups"], ranks))
    return QueueAhead(
        among=among,
        more_same_kind=row["same_kind_total"] - sum(each.kind is kind for each in among),
        more_lookups=row["lookups_total"] - sum(each.needs_lookup for each in among),
    )


async def with_profile_reads(
    connection: Connection,
    snapshots: Sequence[Snapshot | None],
    positions: Sequence[int],
    *,
    now: datetime,
) -> Sequence[Snapshot | None]:
    """The snapshots; those at these positions with what counts for the lookup that comes first."""
    found = list(snapshots)
    accounts = {
        snapshot.account.account_id: None
        for position in positions
        if (snapshot := snapshots[position]) is not None
    }
    pairs = [(account_id, kind) for account_id in accounts for kind in (Kind.LOOKUP, Kind.VISIT)]
    counted = dict(zip(pairs, await _read_counted(connection, pairs, now=now), strict=True))
    for position in positions:
        snapshot = snapshots[position]
        if snapshot is None:
            continue
        lookups, cools_until = counted[snapshot.account.account_id, Kind.LOOKUP]
        visits, _ = counted[snapshot.account.account_id, Kind.VISIT]
        reads = ProfileReads(lookups=lookups, visits=visits, cools_until=cools_until)
        found[position] = replace(snapshot, reads=reads)
    return found


async def _read_counted(
    connection: Connection, wanted: Sequence[tuple[str, Kind]], *, now: datetime
) -> Sequence[tuple[Counted, datetime | None]]:
    """What counts in the windows of accounts' kinds, and the end of each one's cool-down."""
    if not wanted:
        return ()
    values = COUNTED.given(
        accounts=[account_id for account_id, _ in wanted],
        kinds=[kind.value for _, kind in wanted],
        since=now - WEEK,
    )
    return [
        (Counted(ended=row["ended"] or (), open_ends=row["open_ends"]), row["cools_until"])
        for _, row in numbered(await connection.fetch(COUNTED.sql, *values))
    ]
