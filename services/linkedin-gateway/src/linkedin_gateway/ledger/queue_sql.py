"""Who waits ahead of the requests of a batch, and what counts beside their own kind and account."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from operator import attrgetter

from servicekit.postgres.columns import Columns, Row, column, numbered
from servicekit.postgres.statement import Statement

from linkedin_gateway.models import WEEK, Action, ActionKey, Kind
from linkedin_gateway.models.end_times import EndTimes
from linkedin_gateway.pace.ranking import Ahead, QueueAhead
from linkedin_gateway.pace.snapshot import Counted, PaceRules, ProfileReads, Snapshot
from linkedin_gateway.pace.turns import SIMULATED_AMONG, SIMULATED_SLOTS, at_odds, drawn_on
from linkedin_gateway.storage.connection import Connection
from linkedin_gateway.storage.members import others_of_member

RANKED: Columns[Action] = Columns(
    column("account_id"),
    column("priority", "smallint"),
    column("virtual_finish", "double precision"),
    column("action_id"),
    column("kind", write=attrgetter("kind.value")),
)

_AHEAD = """
         FROM actions w
        WHERE w.account_id = q.account_id AND w.state = 'queued' AND w.turn_at > :live_since
          AND (w.priority, w.virtual_finish, w.action_id)
            < (q.priority, q.virtual_finish, q.action_id)"""
# Better-ranked requests that still come for their turn: the next ones of the kind singly, the
# rest counted; and whether anybody on the account must be looked up first.
QUEUE = Statement(f"""
SELECT q.ordinal, ahead.total, ahead.same_kind_total, ahead.same_kind[1:(:singly)] AS same_kind,
       EXISTS (SELECT 1 FROM actions u
                WHERE u.account_id = q.account_id AND u.state = 'queued' AND u.needs_lookup)
       AS lookups
  FROM {RANKED.unnested("q", ordinal=True)}
 CROSS JOIN LATERAL (
       SELECT count(*) AS total,
              count(*) FILTER (WHERE w.kind = q.kind) AS same_kind_total,
              array_agg(w.turn_at ORDER BY w.turn_at) FILTER (WHERE w.kind = q.kind) AS same_kind
{_AHEAD}
       ) ahead
""")
_BY_RANK = "ORDER BY n.priority, n.virtual_finish, n.action_id"
# Who they are, the next ones, the best ranked first.
AMONG = Statement(f"""
SELECT q.ordinal, unread.lookups_total, among.*
  FROM {RANKED.unnested("q", ordinal=True)}
 CROSS JOIN LATERAL (
       SELECT count(*) AS lookups_total
{_AHEAD}
          AND w.needs_lookup
       ) unread
 CROSS JOIN LATERAL (
       SELECT array_agg(n.turn_at {_BY_RANK}) AS turns, array_agg(n.kind {_BY_RANK}) AS kinds,
              array_agg(n.needs_lookup {_BY_RANK}) AS lookups,
              array_agg(n.priority {_BY_RANK}) AS priorities,
              array_agg(n.virtual_finish {_BY_RANK}) AS finishes,
              array_agg(n.action_id {_BY_RANK}) AS ids
         FROM (SELECT w.turn_at, w.kind, w.needs_lookup, w.priority, w.virtual_finish, w.action_id
{_AHEAD}
                ORDER BY w.turn_at LIMIT :listed) n
       ) among
""")


# What counts in the windows of some kinds on some accounts, and until when each rests.
COUNTED = Statement(f"""
SELECT q.ordinal,
       (SELECT array_agg(finished_at ORDER BY finished_at) FROM actions
         WHERE account_id = q.account_id AND kind = q.kind AND sent_at IS NOT NULL
           AND finished_at > :since) AS ended,
       (SELECT count(*) FROM actions
         WHERE account_id = q.account_id AND kind = q.kind AND sent_at IS NOT NULL
           AND finished_at IS NULL) AS open_ends,
       (SELECT until FROM cool_downs
         WHERE account_id = q.account_id AND kind = q.kind) AS cools_until,
       (SELECT {others_of_member("a")} FROM accounts a
         WHERE a.account_id = q.account_id) AS others_of_member
  FROM unnest(:accounts::text[], :kinds::text[]) WITH ORDINALITY AS q(account_id, kind, ordinal)
""")


@dataclass(frozen=True, kw_only=True)
class Elsewhere:
    """What is to be counted of a member's other accounts."""

    accounts: Sequence[str]
    kind: Kind | None
    """None: nothing is."""
    since: datetime
    noted: bool = False
    """Only those with a note."""


ELSEWHERE: Columns[Elsewhere] = Columns(
    column("accounts", write=lambda each: ",".join(each.accounts)),
    column("kind", write=lambda each: each.kind.value if each.kind else ""),
    column("since", "timestamptz"),
    column("noted", "boolean"),
)
# The same of the other accounts that a member has, or had, with whomever. Few have any.
COUNTED_ELSEWHERE = Statement(f"""
SELECT q.ordinal,
       ARRAY(SELECT date_part('epoch', finished_at) FROM actions
              WHERE account_id = ANY(string_to_array(q.accounts, ',')) AND kind = q.kind
                AND sent_at IS NOT NULL AND finished_at > q.since AND (noted OR NOT q.noted)
              ORDER BY finished_at) AS ended,
       (SELECT count(*) FROM actions
         WHERE account_id = ANY(string_to_array(q.accounts, ',')) AND kind = q.kind
           AND sent_at IS NOT NULL AND finished_at IS NULL AND (noted OR NOT q.noted)) AS open_ends
  FROM {ELSEWHERE.unnested("q", ordinal=True)}
""")


async def read_queues(
    connection: Connection, rows: Sequence[Action], *, rules: PaceRules, now: datetime
) -> Mapping[ActionKey, QueueAhead]:
    """Who waits ahead of each row."""
    live_since = now - rules.grace
    values = QUEUE.given(**RANKED.arrays(rows), live_since=live_since, singly=SIMULATED_SLOTS)
    found = dict(numbered(await connection.fetch(QUEUE.sql, *values)))
    queues = {rows[position].key: _in_kind(row) for position, row in found.items()}
    alike = {(row.account_id, row.kind, row.needs_lookup) for row in rows}
    together = Counter(account_id for account_id, _, _ in alike)
    asked = [
        position
        for position, row in found.items()
        if _unlike(row, rows[position]) or together[rows[position].account_id] > 1
    ]
    if not asked:
        return queues
    wanted = [rows[position] for position in asked]
    values = AMONG.given(**RANKED.arrays(wanted), live_since=live_since, listed=SIMULATED_AMONG)
    for place, row in numbered(await connection.fetch(AMONG.sql, *values)):
        of, total = wanted[place], found[asked[place]]["total"]
        same, lookups = found[asked[place]]["same_kind_total"], row["lookups_total"]
        alone = together[of.account_id] == 1
        if alone and same == total and lookups == (total if of.needs_lookup else 0):
            # They take from the same caps after all.
            continue
        queues[of.key] = _among(row, of, same_kind_total=same)
    with_past = await _with_past(
        connection,
        [(row, queues[row.key]) for row in wanted],
        gap=rules.gap.between_turns,
        now=now,
    )
    return {**queues, **with_past}


def _in_kind(row: Row) -> QueueAhead:
    """Those who wait ahead, if all take from the same caps, from a row of `QUEUE`."""
    same_kind = row["same_kind"] or ()
    more = max(0, row["same_kind_total"] - len(same_kind))
    return QueueAhead(same_kind=same_kind, more_same_kind=more)


def _unlike(row: Row, of: Action) -> bool:
    """Whether they may take from other caps, from a row of `QUEUE`."""
    return row["same_kind_total"] < row["total"] or row["lookups"] or of.needs_lookup


def _among(row: Row, of: Action, *, same_kind_total: int) -> QueueAhead:
    """Those who wait ahead, whoever they are, from a row of `AMONG`."""
    ranks = zip(row["priorities"] or (), row["finishes"] or (), row["ids"] or (), strict=True)
    kinds = map(Kind, row["kinds"] or ())
    among = list(map(Ahead, row["turns"] or (), kinds, row["lookups"] or (), ranks))
    return QueueAhead(
        among=among,
        more_same_kind=same_kind_total - sum(each.kind is of.kind for each in among),
        more_lookups=row["lookups_total"] - sum(each.needs_lookup for each in among),
    )


async def _with_past(
    connection: Connection,
    found: Sequence[tuple[Action, QueueAhead]],
    *,
    gap: timedelta,
    now: datetime,
) -> Mapping[ActionKey, QueueAhead]:
    """The same with what counts of the past, where it matters.

    It does where those ahead are at odds, or may come to be by what the batch decides.
    """
    together: dict[str, set[Kind]] = {}
    for row, _ in found:
        together.setdefault(row.account_id, set()).add(row.kind)
    pairs = sorted(
        {
            (row.account_id, kind)
            for row, ahead in found
            if len(together[row.account_id]) > 1 or at_odds(ahead, gap=gap, now=now)
            for kind in drawn_on(ahead, together[row.account_id])
        }
    )
    past: dict[str, dict[Kind, Counted]] = {}
    counted = await _read_counted(connection, pairs, now=now)
    for (account_id, kind), (each, _) in zip(pairs, counted, strict=True):
        past.setdefault(account_id, {})[kind] = each
    return {row.key: replace(ahead, counted=past.get(row.account_id, {})) for row, ahead in found}


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
    rows = [row for _, row in numbered(await connection.fetch(COUNTED.sql, *values))]
    counted = [Counted(ended=row["ended"] or (), open_ends=row["open_ends"]) for row in rows]
    shared = [position for position, row in enumerate(rows) if row["others_of_member"]]
    elsewhere = await read_elsewhere(
        connection,
        [
            Elsewhere(
                accounts=rows[position]["others_of_member"],
                kind=wanted[position][1],
                since=now - WEEK,
            )
            for position in shared
        ],
    )
    for position, more in zip(shared, elsewhere, strict=True):
        counted[position] = counted[position].together_with(more)
    return [(each, row["cools_until"]) for each, row in zip(counted, rows, strict=True)]


async def read_elsewhere(connection: Connection, wanted: Sequence[Elsewhere]) -> Sequence[Counted]:
    """What counts of members' other accounts."""
    if not wanted:
        return ()
    rows = await connection.fetch(
        COUNTED_ELSEWHERE.sql, *COUNTED_ELSEWHERE.given(**ELSEWHERE.arrays(wanted))
    )
    return [
        Counted(ended=EndTimes(row["ended"]), open_ends=row["open_ends"])
        for _, row in numbered(rows)
    ]
