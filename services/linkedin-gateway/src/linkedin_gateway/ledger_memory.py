"""The ledger of one process, in memory: the fast twin of `PostgresLedger`, for tests.

It decides by the same functions and passes the same contract suite. Nothing that serves
customers builds one.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from linkedin_gateway import obstacles, pace
from linkedin_gateway.caps import MONTH
from linkedin_gateway.errors import AccountNotFound, ActionNotFound
from linkedin_gateway.explanation import explained
from linkedin_gateway.judgement import Queue, judge, placed, request_of
from linkedin_gateway.kinds import READS, WRITES, Kind
from linkedin_gateway.ledger import ActionFilter, Decision, Ended, Position
from linkedin_gateway.models import (
    Account,
    Action,
    ActionRequest,
    ActionState,
    Effect,
    Facts,
    HoldScope,
    Invited,
    person_key,
)
from linkedin_gateway.obstacles import Counted, Obstacle, PaceRules, Standing, sibling
from linkedin_gateway.suppression_keys import keys_of
from linkedin_gateway.targets import TakeAim

_LATEST = {ActionState.SENDING, ActionState.UNKNOWN}


class MemoryLedger:
    """See `Ledger`. What other tables say is set by the test that owns it."""

    def __init__(self, *, rules: PaceRules, lease: timedelta) -> None:
        self._rules = rules
        self._lease = lease
        self._rows: dict[str, Action] = {}
        self._deciding = asyncio.Lock()
        self.accounts: dict[str, Account] = {}
        self.facts: dict[tuple[str, str], Facts] = {}
        self.holds: set[tuple[HoldScope, str]] = set()
        self.suppressed: set[str] = set()
        """Keys of suppressions."""
        self.gone: dict[tuple[str, str], datetime] = {}
        """When an account's invitation to a person was found in no list."""
        self.replied: set[tuple[str, str]] = set()
        self.answered_automatically: dict[tuple[str, str], datetime] = {}
        self.cool_downs: dict[tuple[str, Kind], datetime] = {}

    async def ask(
        self, request: ActionRequest, *, now: datetime, aim: TakeAim, post_id: str = ""
    ) -> Decision:
        """Decide about a request."""
        async with self._deciding:
            used = await self.used_posts(request.account_id, request.person, request.kind)
            standing = self._standing(request, now=now)
            standing = replace(standing, post_taken=post_id in used)
            verdict = judge(
                request, standing, rules=self._rules, aim=aim, now=now, lease=self._lease
            )
            if verdict.write is not None and verdict.slots is not None:
                verdict = placed(verdict, self._queue(verdict.write, now=now), now=now)
            if verdict.write is not None:
                self._rows[verdict.write.request_id] = verdict.write
            return verdict.decision

    async def explain(self, request_id: str, *, now: datetime) -> Sequence[Obstacle]:
        """What stands in the way of a queued action now."""
        action = self._rows.get(request_id)
        if action is None:
            raise ActionNotFound
        if action.state is not ActionState.QUEUED:
            return ()
        request = request_of(action)
        standing = self._standing(request, now=now)
        ahead = self._queue(action, now=now)
        return explained(request, standing, ahead, self._rules, now=now)

    async def finish(self, action: Action, ended: Ended, *, now: datetime) -> bool:
        """Write down how the attempt ended, and what was learnt of the person."""
        if ended.facts is not None:
            self._learn(action.account_id, ended.facts)
        row = self._rows.get(action.request_id)
        if row is None or row.attempt != action.attempt:
            return False
        if row.state not in _LATEST or row.finished_at is not None:
            return False
        not_sent = ended.state in {ActionState.QUEUED, ActionState.CANCELLED}
        open_end = ended.state is ActionState.QUEUED or ended.verify_at is not None
        self._rows[row.request_id] = replace(
            row,
            state=ended.state,
            reason=ended.reason,
            effect=ended.effect,
            message=ended.message,
            outcome=ended.outcome,
            finished_at=None if open_end else max(now, row.sent_at or now),
            sent_at=None if not_sent else row.sent_at,
            turn_at=ended.turn_at or row.turn_at,
            verify_at=ended.verify_at,
            lease_until=None,
        )
        return True

    async def defer(self, request_id: str, *, reason: str, turn_at: datetime) -> None:
        """A queued action comes again at `turn_at`."""
        self._change_queued(request_id, reason=reason, turn_at=turn_at)

    async def settle(
        self, request_id: str, *, reason: str, effect: Effect, message: str, now: datetime
    ) -> Action | None:
        """A queued action has failed before it was sent."""
        return self._change_queued(
            request_id,
            state=ActionState.FAILED,
            reason=reason,
            effect=effect,
            message=message,
            finished_at=now,
        )

    async def cancel(self, request_id: str, *, now: datetime) -> Action:
        """Call off an action that is not on the wire; one never asked for is recorded."""
        row = self._rows.get(request_id) or _never_asked_for(request_id, now=now)
        self._rows[request_id] = row
        cancelled = self._change_queued(
            request_id,
            state=ActionState.CANCELLED,
            reason="ACTION_CANCELLED",
            effect=Effect.STEP_FAILED,
            finished_at=now,
        )
        return cancelled or row

    async def read(self, request_id: str) -> Action | None:
        """One action."""
        return self._rows.get(request_id)

    async def list(
        self, wanted: ActionFilter, *, after: Position | None, limit: int
    ) -> Sequence[Action]:
        """Actions, newest first."""
        found = [row for row in self._rows.values() if _matches(row, wanted)]
        found.sort(key=lambda row: (row.created_at, row.request_id), reverse=True)
        if after is not None:
            found = [row for row in found if (row.created_at, row.request_id) < after]
        return found[:limit]

    async def claim_lost(
        self, *, now: datetime, until: datetime, limit: int, request_id: str | None = None
    ) -> Sequence[Action]:
        """Take over actions whose answer was lost, so that one asker verifies each."""
        due = [
            row
            for row in self._rows.values()
            if _is_lost(row, now=now) and request_id in {None, row.request_id}
        ]
        claimed = [
            replace(row, state=ActionState.UNKNOWN, verify_at=until, lease_until=None)
            for row in due[:limit]
        ]
        self._rows.update({row.request_id: row for row in claimed})
        return claimed

    async def absent(
        self, action: Action, *, verify_at: datetime, needed: int, now: datetime
    ) -> Action:
        """It was looked up and is not there; after `needed` times it is queued again."""
        row = self._rows[action.request_id]
        if not _is_open_unknown(row, action):
            return row
        row = replace(row, absences=row.absences + 1, verifications=row.verifications + 1)
        if row.absences >= needed:
            row = replace(row, state=ActionState.QUEUED, sent_at=None, turn_at=now, verify_at=None)
        else:
            row = replace(row, verify_at=verify_at)
        self._rows[row.request_id] = row
        return row

    async def undecided(self, action: Action, *, verify_at: datetime, counted: bool) -> None:
        """A look for it said neither yes nor no."""
        row = self._rows[action.request_id]
        if _is_open_unknown(row, action):
            more = row.verifications + int(counted)
            self._rows[row.request_id] = replace(row, verify_at=verify_at, verifications=more)

    async def usage(self, account_id: str, *, now: datetime) -> dict[Kind, Standing]:
        """What counts now, by kind."""
        account = self._account(account_id)
        return {
            kind: Standing(
                account=account,
                action=None,
                facts=None,
                counted=self._counted(account_id, kind, now=now),
                counted_noted=self._counted(account_id, kind, now=now, noted=True),
                counted_sibling=self._counted(account_id, sibling(kind), now=now),
            )
            for kind in Kind
        }

    async def queued(self) -> dict[Kind, int]:
        """How many wait, by kind."""
        counts = Counter(row.kind for row in self._rows.values() if row.state is ActionState.QUEUED)
        return {kind: counts[kind] for kind in Kind if kind not in READS}

    async def on_the_wire(self, scope: HoldScope, subject_id: str, *, now: datetime) -> int:
        """How many writes of a scope are on the wire."""
        covers = _COVERS[scope]
        return sum(
            row.state is ActionState.SENDING
            and row.lease_until is not None
            and row.lease_until > now
            and row.kind in WRITES
            and covers(row, subject_id)
            for row in self._rows.values()
        )

    async def used_posts(self, account_id: str, person: str, kind: Kind) -> frozenset[str]:
        """Posts of a person that actions of this kind took, or may have taken."""
        return frozenset(
            row.target.post_id
            for row in self._rows.values()
            if (row.account_id, row.person, row.kind) == (account_id, person, kind)
            and row.target.post_id
            and (row.sent_at is not None or row.state is ActionState.DONE)
        )

    # --- reading -----------------------------------------------------------------------

    def _account(self, account_id: str) -> Account:
        if account_id not in self.accounts:
            raise AccountNotFound
        return self.accounts[account_id]

    def _standing(self, request: ActionRequest, *, now: datetime) -> Standing:
        account = self._account(request.account_id)
        if account.organization_id != request.organization_id:
            raise AccountNotFound
        action = self._rows.get(request.request_id)
        replied = (request.campaign_id, request.lead_id) in self.replied
        priority = action.priority if action else obstacles.priority(request, replied=replied)
        tag = action.tag if action else self._tag(request, priority)
        others = [row for row in self._of(account.account_id) if row.kind in WRITES]
        others = [row for row in others if row.request_id != request.request_id]
        leases = [row.lease_until for row in others if row.state is ActionState.SENDING]
        since = now - (MONTH if request.noted else timedelta(days=7))
        kind, own = request.kind, request.request_id
        return Standing(
            account=account,
            action=action,
            facts=self.facts.get((account.account_id, request.person)),
            holds=[
                scope for scope, subject in self._scopes(request) if (scope, subject) in self.holds
            ],
            suppressed=self._suppressed(request),
            invited=self._invited(request),
            replied=replied,
            automatic_at=self.answered_automatically.get((request.campaign_id, request.lead_id)),
            cools_until=self.cool_downs.get((account.account_id, kind)),
            counted=self._counted(account.account_id, kind, now=now, since=since, without=own),
            counted_noted=self._counted(
                account.account_id, kind, now=now, since=since, without=own, noted=True
            ),
            counted_sibling=self._counted(
                account.account_id, sibling(kind), now=now, since=since, without=own
            ),
            wire_busy_until=max((lease for lease in leases if lease is not None), default=None),
            last_write=self._last_write(account.account_id),
            due_ahead=0 if kind in READS else self._due_ahead(request, priority, tag, now=now),
            priority=priority,
            tag=tag,
        )

    def _suppressed(self, request: ActionRequest) -> bool:
        keys = set(
            keys_of(
                request.organization_id,
                person=request.person,
                email=request.email,
                company=request.company,
            )
        )
        facts = self.facts.get((request.account_id, request.person))
        if facts is not None and facts.public_identifier:
            person = person_key(facts.public_identifier)
            keys.update(keys_of(request.organization_id, person=person))
        return not keys.isdisjoint(self.suppressed)

    def _invited(self, request: ActionRequest) -> Sequence[Invited]:
        if request.kind is not Kind.INVITATION:
            return ()
        rows = [
            row
            for row in self._rows.values()
            if (row.organization_id, row.person) == (request.organization_id, request.person)
            and row.request_id != request.request_id
        ]
        return [
            Invited(
                account_id=row.account_id,
                campaign_id=row.campaign_id,
                at=row.sent_at,
                ended_at=self._invitation_ended_at(row, row.sent_at, rows),
            )
            for row in rows
            if row.kind is Kind.INVITATION
            and row.sent_at is not None
            and row.state in {ActionState.SENDING, ActionState.DONE, ActionState.UNKNOWN}
            and not self._connected(row)
        ]

    def _connected(self, row: Action) -> bool:
        facts = self.facts.get((row.account_id, row.person))
        return facts is not None and facts.connected

    def _invitation_ended_at(
        self, invitation: Action, at: datetime, rows: Sequence[Action]
    ) -> datetime | None:
        ends = [
            row.sent_at or row.finished_at
            for row in rows
            if row.kind is Kind.WITHDRAWAL
            and row.account_id == invitation.account_id
            and row.state is ActionState.DONE
            and not (row.outcome and row.outcome.connected)
        ]
        ends.append(self.gone.get((invitation.account_id, invitation.person)))
        return max((end for end in ends if end is not None and end >= at), default=None)

    @staticmethod
    def _scopes(request: ActionRequest) -> Iterable[tuple[HoldScope, str]]:
        return (
            (HoldScope.CAMPAIGN, request.campaign_id),
            (HoldScope.ACCOUNT, request.account_id),
            (HoldScope.ORGANIZATION, request.organization_id),
            (HoldScope.EVERYTHING, ""),
            (HoldScope.KIND, request.kind.value),
        )

    def _of(self, account_id: str) -> Iterable[Action]:
        return (row for row in self._rows.values() if row.account_id == account_id)

    def _tag(self, request: ActionRequest, priority: int) -> float:
        if request.kind in READS:
            return 0.0
        rows = [row for row in self._of(request.account_id) if row.priority == priority]
        served = [row.tag for row in rows if row.sent_at is not None]
        own = [
            row.tag
            for row in rows
            if row.campaign_id == request.campaign_id and row.state is not ActionState.CANCELLED
        ]
        return pace.tag(
            virtual_time=max(served, default=0.0),
            last=max(own, default=0.0),
            weight=request.weight,
        )

    def _counted(
        self,
        account_id: str,
        kind: Kind | None,
        *,
        now: datetime,
        since: datetime | None = None,
        without: str = "",
        noted: bool = False,
    ) -> Counted:
        since = since or now - MONTH
        rows = [
            row
            for row in self._of(account_id)
            if row.kind is kind and row.sent_at is not None and (row.noted or not noted)
        ]
        return Counted(
            ended=sorted(
                row.finished_at for row in rows if row.finished_at and row.finished_at > since
            ),
            open_ends=sum(row.finished_at is None and row.request_id != without for row in rows),
        )

    def _last_write(self, account_id: str) -> tuple[str, datetime] | None:
        answered = [
            (row.finished_at, row.request_id)
            for row in self._of(account_id)
            if row.sent_at is not None and row.finished_at is not None and row.kind in WRITES
        ]
        if not answered:
            return None
        finished_at, request_id = max(answered)
        return request_id, finished_at

    def _ahead(
        self, account_id: str, rank: tuple[int, float, str], *, now: datetime
    ) -> Sequence[tuple[datetime, Kind]]:
        since = now - self._rules.grace
        return sorted(
            (row.turn_at, row.kind)
            for row in self._of(account_id)
            if row.state is ActionState.QUEUED
            and row.turn_at is not None
            and row.turn_at > since
            and (row.priority, row.tag, row.request_id) < rank
        )

    def _due_ahead(
        self, request: ActionRequest, priority: int, tag: float, *, now: datetime
    ) -> int:
        ahead = self._ahead(request.account_id, (priority, tag, request.request_id), now=now)
        return sum(turn_at <= now for turn_at, _ in ahead)

    def _queue(self, row: Action, *, now: datetime) -> Queue:
        ahead = self._ahead(row.account_id, (row.priority, row.tag, row.request_id), now=now)
        return Queue(
            same_kind=[turn_at for turn_at, kind in ahead if kind is row.kind],
            other_kinds=[turn_at for turn_at, kind in ahead if kind is not row.kind],
        )

    # --- writing -----------------------------------------------------------------------

    def _change_queued(self, request_id: str, **changes: object) -> Action | None:
        row = self._rows.get(request_id)
        if row is None or row.state is not ActionState.QUEUED:
            return None
        self._rows[request_id] = row = replace(row, **changes)  # type: ignore[arg-type]
        return row

    def _learn(self, account_id: str, learnt: Facts) -> None:
        known = self.facts.get((account_id, learnt.person), Facts(person=learnt.person))
        newer = learnt.read_at is not None and (
            known.read_at is None or learnt.read_at > known.read_at
        )
        self.facts[account_id, learnt.person] = Facts(
            person=learnt.person,
            provider_id=learnt.provider_id or known.provider_id,
            public_identifier=learnt.public_identifier or known.public_identifier,
            first_name=learnt.first_name or known.first_name,
            last_name=learnt.last_name or known.last_name,
            headline=learnt.headline or known.headline,
            location=learnt.location or known.location,
            connected=learnt.connected if newer else known.connected or learnt.connected,
            open_profile=learnt.open_profile if newer else known.open_profile,
            read_at=_latest(known.read_at, learnt.read_at),
            invited_at=_latest(known.invited_at, learnt.invited_at),
            invitation_id=learnt.invitation_id or known.invitation_id,
            chat_id=learnt.chat_id or known.chat_id,
        )


_COVERS: dict[HoldScope, Callable[[Action, str], bool]] = {
    HoldScope.CAMPAIGN: lambda row, subject_id: row.campaign_id == subject_id,
    HoldScope.ACCOUNT: lambda row, subject_id: row.account_id == subject_id,
    HoldScope.ORGANIZATION: lambda row, subject_id: row.organization_id == subject_id,
    HoldScope.EVERYTHING: lambda _row, _subject_id: True,
    HoldScope.KIND: lambda row, subject_id: row.kind.value == subject_id,
}


def _never_asked_for(request_id: str, *, now: datetime) -> Action:
    return Action(
        request_id=request_id,
        organization_id="",
        account_id="",
        campaign_id="",
        lead_id="",
        person="",
        kind=Kind.LOOKUP,
        created_at=now,
    )


def _matches(row: Action, wanted: ActionFilter) -> bool:
    return (
        row.organization_id == wanted.organization_id
        and row.kind is not Kind.POST_LIST
        and wanted.account_id in {"", row.account_id}
        and wanted.campaign_id in {"", row.campaign_id}
        and wanted.lead_id in {"", row.lead_id}
        and wanted.kind in {None, row.kind}
        and wanted.state in {None, row.state}
    )


def _is_lost(row: Action, *, now: datetime) -> bool:
    if row.state is ActionState.SENDING:
        return row.lease_until is not None and row.lease_until <= now
    due = row.verify_at is not None and row.verify_at <= now
    return row.state is ActionState.UNKNOWN and row.finished_at is None and due


def _is_open_unknown(row: Action, action: Action) -> bool:
    same = row.attempt == action.attempt
    return same and row.state is ActionState.UNKNOWN and row.finished_at is None


def _latest(one: datetime | None, other: datetime | None) -> datetime | None:
    return max((at for at in (one, other) if at is not None), default=None)
