"""What decisions are based on: read in a batch, and made of rows."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from servicekit.postgres.columns import Row, numbered

from linkedin_gateway.kinds.registry import sibling
from linkedin_gateway.ledger.queue_sql import Elsewhere, read_elsewhere
from linkedin_gateway.ledger.snapshot_sql import (
    ARCHIVED,
    ASKED,
    INVITED,
    INVITING,
    LOAD,
    Asked,
)
from linkedin_gateway.models import (
    MONTH,
    WEEK,
    Account,
    ActionRequest,
    ActionState,
    HoldScope,
    Invited,
    Kind,
)
from linkedin_gateway.models.end_times import EndTimes
from linkedin_gateway.pace.schedules import due_within
from linkedin_gateway.pace.snapshot import Counted, PaceRules, Snapshot
from linkedin_gateway.storage.connection import Connection
from linkedin_gateway.storage.rows import account_of
from linkedin_gateway.storage.sealed_ids import SealedIds


async def read_snapshots(
    connection: Connection,
    requests: Sequence[tuple[ActionRequest, str]],
    *,
    clock: Mapping[str, Any],
    rules: PaceRules,
    ids: SealedIds,
) -> tuple[datetime | None, Sequence[Snapshot | None]]:
    """When it was read, and what decisions about requests are based on.

    None for a request whose account is not there; when none is, there was no reading. `clock` is
    what the database's clock is read with. Each request comes with the post that it was prepared
    for. Whoever is late for their turn by more than the grace of `rules` is not waited for.
    """
    values = LOAD.given(**ASKED.arrays(_asked(requests, rules, ids)), **clock, grace=rules.grace)
    rows = numbered(await connection.fetch(LOAD.sql, *values))
    asked = [request for request, _ in requests]
    if not rows:
        return None, [None] * len(asked)
    now = rows[0][1]["reading"]
    found = _snapshots(asked, rows, ids)
    archived = [asked[position].key for position, row in rows if row["archived"]]
    if archived:
        kept = map(
            ids.action_of, await connection.fetch(ARCHIVED, *map(list, zip(*archived, strict=True)))
        )
        there = {action.key: action for action in kept}
        for position, request in enumerate(asked):
            snapshot = found[position]
            if snapshot is not None and request.key in there:
                found[position] = replace(snapshot, action=there[request.key])
    await _count_elsewhere(connection, asked, rows, found, now=now)
    await _read_invited(connection, asked, found)
    return now, found


async def _count_elsewhere(
    connection: Connection,
    requests: Sequence[ActionRequest],
    rows: Iterable[tuple[int, Row]],
    found: list[Snapshot | None],
    *,
    now: datetime,
) -> None:
    """Add what the members have used by their other accounts, whomever those act for."""
    others = {
        _counts_alike(requests[position]): row["others_of_member"]
        for position, row in rows
        if row["others_of_member"]
    }
    shared = [
        (position, others[alike])
        for position, request in enumerate(requests)
        if (alike := _counts_alike(request)) in others
    ]
    asked = [
        each
        for position, accounts in shared
        for each in _elsewhere(requests[position], accounts, now=now)
    ]
    counted = await read_elsewhere(connection, asked)
    # Three of each request, in the order in which they were asked for.
    parts = zip(shared, counted[0::3], counted[1::3], counted[2::3], strict=True)
    for (position, _), own, noted, of_sibling in parts:
        before = found[position]
        if before is None:
            continue
        ends = (each.ended[-1] for each in (own, of_sibling) if each.ended)
        found[position] = replace(
            before,
            counted=before.counted.together_with(own),
            counted_noted=before.counted_noted.together_with(noted),
            counted_sibling=before.counted_sibling.together_with(of_sibling),
            newest_at=max((at for at in (before.newest_at, *ends) if at), default=None),
        )


def _elsewhere(
    request: ActionRequest, accounts: Sequence[str], *, now: datetime
) -> Iterable[Elsewhere]:
    """What counts in a request's windows of other accounts: the kind, with a note, the sibling."""
    since = now - _counted_for(request)
    kind = request.kind
    yield Elsewhere(accounts=accounts, kind=kind, since=since)
    yield Elsewhere(
        accounts=accounts, kind=kind if request.noted else None, since=since, noted=True
    )
    yield Elsewhere(accounts=accounts, kind=sibling(kind), since=since)


async def _read_invited(
    connection: Connection, requests: Sequence[ActionRequest], found: list[Snapshot | None]
) -> None:
    """Earlier invitations to the persons who are to be invited."""
    positions = [
        position for position, _ in _undecided(found) if requests[position].kind is Kind.INVITATION
    ]
    if not positions:
        return
    values = INVITED.given(**INVITING.arrays([requests[position] for position in positions]))
    for place, row in numbered(await connection.fetch(INVITED.sql, *values)):
        position = positions[place]
        before = found[position]
        if before is not None:
            found[position] = replace(before, invited=[*before.invited, _invited(row)])


def _undecided(found: Sequence[Snapshot | None]) -> Iterable[tuple[int, Snapshot]]:
    """Those of requests that are new or queued."""
    for position, snapshot in enumerate(found):
        if snapshot is not None and (
            snapshot.action is None or snapshot.action.state is ActionState.QUEUED
        ):
            yield position, snapshot


# --- from rows -------------------------------------------------------------------------


def _asked(
    requests: Iterable[tuple[ActionRequest, str]], rules: PaceRules, ids: SealedIds
) -> list[Asked]:
    """What `LOAD` is given of each request and the post that it was prepared for."""
    counted: set[Hashable] = set()
    found = []
    for request, post_id in requests:
        alike = _counts_alike(request)
        found.append(
            Asked(
                request=request,
                post_id=ids.sealed(request.organization_id, post_id),
                counted_for=_counted_for(request),
                counts=alike not in counted,
                due_within=due_within(request, rules),
            )
        )
        counted.add(alike)
    return found


def _counted_for(request: ActionRequest) -> timedelta:
    """The longest of a request's windows."""
    return MONTH if request.noted else WEEK


def _counts_alike(request: ActionRequest) -> Hashable:
    """Requests in whose windows the same actions count."""
    return request.organization_id, request.account_id, request.kind, request.noted


def _snapshots(
    requests: Sequence[ActionRequest], rows: Iterable[tuple[int, Row]], ids: SealedIds
) -> list[Snapshot | None]:
    """What each decision is based on, from rows of `LOAD`; None where there is no such account."""
    found: list[Snapshot | None] = [None] * len(requests)
    accounts: dict[str, Account] = {}
    end_times: dict[Hashable, _EndTimes] = {}
    # The first of those that count alike is the one for which it was read what has ended.
    for position, row in rows:
        request = requests[position]
        if request.account_id not in accounts:
            accounts[request.account_id] = account_of(row)
        alike = _counts_alike(request)
        if alike not in end_times:
            end_times[alike] = _EndTimes(row)
        account = accounts[request.account_id]
        found[position] = _snapshot(row, request, account, end_times[alike], ids)
    return found


class _EndTimes:
    """When those actions ended that count in the windows of a kind."""

    def __init__(self, row: Row) -> None:
        self.own = EndTimes(row["own_ended"] or ())
        self.noted = EndTimes(row["noted_ended"] or ())
        self.sibling = EndTimes(row["sibling_ended"] or ())


def _snapshot(
    row: Row, request: ActionRequest, account: Account, ended: _EndTimes, ids: SealedIds
) -> Snapshot:
    last_write = row["last_write"]
    ends = (each[-1] for each in (ended.own, ended.noted, ended.sibling) if each)
    known = (row["last_write_at"], row["open_since"], *ends)
    return Snapshot(
        account=account,
        action=ids.action_of(row, "r_") if row["r_action_id"] else None,
        profile=ids.profile_of(account.organization_id, row, "p_") if row["p_person_id"] else None,
        holds=[HoldScope(scope) for scope in row["holds"] or ()],
        suppressed=row["suppressed"],
        suppressions_unread=row["suppressions_unread"],
        resolved=row["resolved"],
        merged_into=row["merged_into"] or "",
        enrolled=row["enrolled"],
        duplicate=row["duplicate"],
        elsewhere=row["elsewhere"],
        responded_before=row["responded_before"],
        replied=row["answered_at"] is not None,
        answered_at=row["answered_at"],
        owner_wrote_at=row["owner_wrote_at"],
        automatic_at=row["automatic_at"],
        post_taken=row["post_taken"],
        cools_until=row["cools_until"],
        counted=Counted(ended=ended.own, open_ends=row["own_open_ends"]),
        counted_noted=Counted(ended=ended.noted, open_ends=row["noted_open_ends"])
        if request.noted
        else Counted(),
        counted_sibling=Counted(ended=ended.sibling, open_ends=row["sibling_open_ends"]),
        in_flight_until=row["in_flight_until"],
        last_write=(last_write, row["last_write_at"]) if last_write else None,
        due_ahead=row["due_ahead"],
        newest_at=max((at for at in known if at is not None), default=None),
        priority=row["rank_priority"],
        virtual_finish=row["rank_virtual_finish"],
    )


def _invited(row: Row) -> Invited:
    """An earlier invitation to the same person, from a row of `INVITED`."""
    return Invited(
        account_id=row["account_id"],
        campaign_id=row["campaign_id"],
        at=row["sent_at"],
        ended_at=row["ended_at"],
    )


def usage_of(rows: Sequence[Row]) -> dict[Kind, Snapshot]:
    """What counts of an account, by kind, from rows of `COUNTED_BY_KIND`."""
    account = account_of(rows[0])
    by_kind = {
        (row["counted_kind"], row["counted_noted"]): Counted(
            ended=row["ended"] or (), open_ends=row["open_ends"] or 0
        )
        for row in rows
    }
    return {kind: _usage(kind, by_kind, account=account) for kind in Kind}


def _usage(kind: Kind, by_kind: dict[tuple[str, bool], Counted], *, account: Account) -> Snapshot:
    def total(of: Kind | None) -> Counted:
        if of is None:
            return Counted()
        parts = [by_kind.get((of.value, noted), Counted()) for noted in (False, True)]
        return Counted(
            ended=sorted(end for part in parts for end in part.ended),
            open_ends=sum(part.open_ends for part in parts),
        )

    return Snapshot(
        account=account,
        action=None,
        profile=None,
        counted=total(kind),
        counted_noted=by_kind.get((kind.value, True), Counted()),
        counted_sibling=total(sibling(kind)),
    )
