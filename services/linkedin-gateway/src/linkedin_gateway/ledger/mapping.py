"""What the decision's statements are given and what they tell, as values of the ledger."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from datetime import datetime
from typing import Any

from linkedin_gateway.kinds.registry import PRIORITY, READS, REPLY_PRIORITY, sibling
from linkedin_gateway.ledger.port import AttemptResult
from linkedin_gateway.models import (
    MONTH,
    WEEK,
    Account,
    Action,
    ActionRequest,
    ActionState,
    HoldScope,
    Invited,
    Kind,
    Profile,
)
from linkedin_gateway.models.suppression_keys import keys_of
from linkedin_gateway.pace.decide import Queue
from linkedin_gateway.pace.snapshot import Counted, Snapshot
from linkedin_gateway.storage.rows import (
    Row,
    account_of,
    action_of,
    asked_hours_text,
    document,
    profile_of,
)


def columns(rows: Iterable[Sequence[Any]]) -> list[list[Any]]:
    """Rows as arrays, one for each parameter of a statement."""
    return [list(column) for column in zip(*rows, strict=True)]


def counts_alike(request: ActionRequest) -> Hashable:
    """Requests of which the same has ended in their windows."""
    return request.organization_id, request.account_id, request.kind, request.noted


def load_values(
    requests: Sequence[tuple[ActionRequest, str]], *, now: datetime
) -> list[tuple[Any, ...]]:
    """The parameters of `LOAD`: a row for each request and the post it was prepared for."""
    counted: set[Hashable] = set()
    values = []
    for request, post_id in requests:
        alike = counts_alike(request)
        kind, other = request.kind, sibling(request.kind)
        values.append(
            (
                request.action_id,
                request.account_id,
                request.organization_id,
                request.campaign_id,
                request.lead_id,
                request.person,
                kind.value,
                other.value if other else "",
                now - (MONTH if request.noted else WEEK),
                request.noted,
                PRIORITY[kind],
                REPLY_PRIORITY[kind],
                float(max(1, request.weight)),
                kind in READS,
                post_id,
                ",".join(
                    keys_of(
                        request.organization_id,
                        person=request.person,
                        email=request.email,
                        company=request.company,
                    )
                ),
                alike not in counted,
            )
        )
        counted.add(alike)
    return values


def snapshots(requests: Sequence[ActionRequest], rows: Sequence[Row]) -> list[Snapshot | None]:
    """What each decision rests on; None where there is no such account."""
    found: list[Snapshot | None] = [None] * len(requests)
    accounts: dict[str, Account] = {}
    ended: dict[Hashable, _Ended] = {}
    # The first of those that are alike is the one for which it was read what has ended.
    for row in sorted(rows, key=lambda row: row["seat"]):
        position = row["seat"] - 1
        request = requests[position]
        account = accounts.setdefault(request.account_id, account_of(row))
        alike = counts_alike(request)
        if alike not in ended:
            ended[alike] = _Ended(row)
        found[position] = _snapshot(row, request, account, ended[alike])
    return found


class _Ended:
    """When those actions ended that count in the windows of a kind."""

    def __init__(self, row: Row) -> None:
        self.own: Sequence[datetime] = row["own_ended"] or ()
        self.noted: Sequence[datetime] = row["noted_ended"] or ()
        self.sibling: Sequence[datetime] = row["sibling_ended"] or ()


def _snapshot(row: Row, request: ActionRequest, account: Account, ended: _Ended) -> Snapshot:
    last_write = row["last_write"]
    return Snapshot(
        account=account,
        action=action_of(_Prefixed(row, "r_")) if row["r_action_id"] else None,
        profile=profile_of(_Prefixed(row, "p_")) if row["p_person"] else None,
        holds=[HoldScope(scope) for scope in row["holds"] or ()],
        suppressed=row["suppressed"],
        replied=row["replied"],
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
        priority=row["rank_priority"],
        virtual_finish=row["rank_virtual_finish"],
    )


def invited(row: Row) -> Invited:
    """An earlier invitation to the same person."""
    return Invited(
        account_id=row["account_id"],
        campaign_id=row["campaign_id"],
        at=row["sent_at"],
        ended_at=row["ended_at"],
    )


class _Prefixed:
    """The columns of a row that begin with a prefix, without it."""

    def __init__(self, row: Row, prefix: str) -> None:
        self._row = row
        self._prefix = prefix

    def __getitem__(self, name: str) -> Any:
        return self._row[self._prefix + name]


def usage_of(rows: Sequence[Row]) -> dict[Kind, Snapshot]:
    """What counts of an account, by kind."""
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


def queue_of(row: Row) -> Queue:
    """Those who wait ahead of one request."""
    same_kind = row["same_kind"] or ()
    return Queue(
        same_kind=same_kind,
        more_same_kind=max(0, row["same_kind_total"] - len(same_kind)),
        other_kinds=row["other_kinds"] or (),
    )


def action_values(action: Action) -> tuple[Any, ...]:
    """The parameters of `WRITE` for one row."""
    return (
        action.action_id,
        action.organization_id,
        action.account_id,
        action.campaign_id,
        action.lead_id,
        action.person,
        action.kind.value,
        action.noted,
        action.text_hash,
        action.state.value,
        action.reason,
        action.effect.value if action.effect else None,
        action.message,
        action.attempt,
        action.priority,
        action.virtual_finish,
        action.created_at,
        action.turn_at,
        action.sent_at,
        action.finished_at,
        action.lease_until,
        action.absences,
        action.target.provider_id,
        action.target.post_id,
        document(action.target) if action.attempt else None,
        document(action.outcome),
        asked_hours_text(
            action.sending_window, action.person_time_zone, action.automatic_reply_wait
        ),
        action.caller,
        "; ".join(action.caps),
    )


def ended_values(action: Action, ended: AttemptResult, *, now: datetime) -> tuple[Any, ...]:
    """The parameters of `FINISH`."""
    not_sent = ended.state in {ActionState.QUEUED, ActionState.CANCELLED}
    open_end = ended.state is ActionState.QUEUED or ended.verify_at is not None
    profile = ended.profile or Profile(person="")
    return (
        action.action_id,
        action.attempt,
        ended.state.value,
        ended.reason,
        ended.effect.value if ended.effect else None,
        ended.message,
        document(ended.outcome),
        None if open_end else now,
        not_sent,
        ended.turn_at,
        ended.verify_at,
        action.account_id,
        profile.person,
        profile.provider_id,
        profile.public_identifier,
        profile.first_name,
        profile.last_name,
        profile.headline,
        profile.location,
        profile.connected,
        profile.open_profile,
        profile.read_at,
        profile.invited_at,
        profile.invitation_id,
        profile.chat_id,
    )
