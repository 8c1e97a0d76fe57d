"""The gateway's tables in memory, and what decisions read of them.

What `LOAD` and `QUEUE` read of the database this reads of dictionaries.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from linkedin_gateway.errors import AccountNotFound
from linkedin_gateway.kinds.registry import READS, WRITES, sibling
from linkedin_gateway.models import (
    MONTH,
    Account,
    Action,
    ActionKey,
    ActionRequest,
    ActionState,
    HoldScope,
    Invited,
    Kind,
    Profile,
    person_key,
)
from linkedin_gateway.models.suppression_keys import keys_of
from linkedin_gateway.pace.ranking import Ahead, QueueAhead, rank_of
from linkedin_gateway.pace.ranking import priority as priority_of
from linkedin_gateway.pace.ranking import virtual_finish as virtual_finish_after
from linkedin_gateway.pace.schedules import due_until
from linkedin_gateway.pace.snapshot import Counted, PaceRules, ProfileReads, Snapshot
from linkedin_gateway.pace.turns import SIMULATED_AMONG, drawn_on


class MemoryTables:
    """The ledger's rows, and what other tables say: that is set by the test that owns it."""

    def __init__(self, *, rules: PaceRules) -> None:
        self._rules = rules
        self._grace = rules.grace
        self.actions: dict[ActionKey, Action] = {}
        self.accounts: dict[str, Account] = {}
        self.profiles: dict[tuple[str, str], Profile] = {}
        self.holds: set[tuple[HoldScope, str]] = set()
        self.suppressed: set[str] = set()
        """Keys of suppressions."""
        self.gone: dict[tuple[str, str], datetime] = {}
        """When an account's invitation to a person was found in no list."""
        self.unresolved: set[str] = set()
        """Whose profile was never seen."""
        self.replied: set[tuple[str, str]] = set()
        self.owner_wrote: dict[tuple[str, str], datetime] = {}
        self.answered_automatically: dict[tuple[str, str], datetime] = {}
        self.cool_downs: dict[tuple[str, Kind], datetime] = {}

    def account(self, account_id: str) -> Account:
        """One account; raises `AccountNotFound` if there is none of this id."""
        if account_id not in self.accounts:
            raise AccountNotFound
        return self.accounts[account_id]

    def snapshot(self, request: ActionRequest, *, now: datetime) -> Snapshot:
        """What a decision is based on.

        Raises `AccountNotFound` if the organization has no such account.
        """
        account = self.account(request.account_id)
        if account.organization_id != request.organization_id:
            raise AccountNotFound
        action = self.actions.get(request.key)
        replied = (request.campaign_id, request.lead_id) in self.replied
        priority = action.priority if action else priority_of(request, replied=replied)
        virtual_finish = (
            action.virtual_finish if action else self._virtual_finish(request, priority)
        )
        others = [row for row in self._of(account.account_id) if row.kind in WRITES]
        others = [row for row in others if row.action_id != request.action_id]
        leases = [row.lease_until for row in others if row.state is ActionState.SENDING]
        since = now - (MONTH if request.noted else timedelta(days=7))
        kind, own = request.kind, request.action_id
        return Snapshot(
            account=account,
            action=action,
            profile=self.profiles.get((account.account_id, request.person_id)),
            holds=[
                scope for scope, subject in self._scopes(request) if (scope, subject) in self.holds
            ],
            suppressed=self._suppressed(request),
            resolved=request.person_id not in self.unresolved,
            invited=self._invited(request),
            replied=replied,
            owner_wrote_at=self.owner_wrote.get((request.campaign_id, request.lead_id)),
            automatic_at=self.answered_automatically.get((request.campaign_id, request.lead_id)),
            cools_until=self.cool_downs.get((account.account_id, kind)),
            counted=self.counted(account.account_id, kind, now=now, since=since, without=own),
            counted_noted=self.counted(
                account.account_id, kind, now=now, since=since, without=own, noted=True
            ),
            counted_sibling=self.counted(
                account.account_id, sibling(kind), now=now, since=since, without=own
            ),
            in_flight_until=max((lease for lease in leases if lease is not None), default=None),
            last_write=self._last_write(account.account_id),
            due_ahead=0
            if kind in READS
            else self._due_ahead(request, priority, virtual_finish, now=now),
            newest_at=self._newest_at(account.account_id),
            priority=priority,
            virtual_finish=virtual_finish,
        )

    def _newest_at(self, account_id: str) -> datetime | None:
        sent = [row for row in self._of(account_id) if row.sent_at is not None]
        times = [at for row in sent for at in (row.sent_at, row.finished_at) if at is not None]
        return max(times, default=None)

    def _suppressed(self, request: ActionRequest) -> bool:
        keys = set(
            keys_of(
                request.organization_id,
                person=request.identifier,
                email=request.email,
                company=request.company,
            )
        )
        profile = self.profiles.get((request.account_id, request.person_id))
        if profile is not None and profile.public_identifier:
            person = person_key(profile.public_identifier)
            keys.update(keys_of(request.organization_id, person=person))
        return not keys.isdisjoint(self.suppressed)

    def _invited(self, request: ActionRequest) -> Sequence[Invited]:
        if request.kind is not Kind.INVITATION:
            return ()
        rows = [
            row
            for row in self.actions.values()
            if (row.organization_id, row.person_id) == (request.organization_id, request.person_id)
            and row.action_id != request.action_id
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
        profile = self.profiles.get((row.account_id, row.person_id))
        return profile is not None and profile.connected

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
        ends.append(self.gone.get((invitation.account_id, invitation.person_id)))
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
        return (row for row in self.actions.values() if row.account_id == account_id)

    def _of_member(self, account_id: str) -> Iterable[str]:
        """The account, and the others that have been the same member's, whomever they act for."""
        own = self.account(account_id)
        others = (
            other.account_id
            for other in self.accounts.values()
            if other.account_id != account_id and own.provider_id
            if other.provider_id == own.provider_id
        )
        return [account_id, *others]

    def _virtual_finish(self, request: ActionRequest, priority: int) -> float:
        if request.kind in READS:
            return 0.0
        rows = [row for row in self._of(request.account_id) if row.priority == priority]
        served = [row.virtual_finish for row in rows if row.sent_at is not None]
        own = [
            row.virtual_finish
            for row in rows
            if row.campaign_id == request.campaign_id and row.state is not ActionState.CANCELLED
        ]
        return virtual_finish_after(
            virtual_time=max(served, default=0.0),
            last=max(own, default=0.0),
            weight=request.weight,
        )

    def counted(
        self,
        account_id: str,
        kind: Kind | None,
        *,
        now: datetime,
        since: datetime | None = None,
        without: str = "",
        noted: bool = False,
    ) -> Counted:
        """What counts of one kind in its windows."""
        since = since or now - MONTH
        rows = [
            row
            for account in self._of_member(account_id)
            for row in self._of(account)
            if row.kind is kind and row.sent_at is not None and (row.noted or not noted)
        ]
        return Counted(
            ended=sorted(
                row.finished_at for row in rows if row.finished_at and row.finished_at > since
            ),
            open_ends=sum(row.finished_at is None and row.action_id != without for row in rows),
        )

    def _last_write(self, account_id: str) -> tuple[str, datetime] | None:
        answered = [
            (row.finished_at, row.action_id)
            for row in self._of(account_id)
            if row.sent_at is not None and row.finished_at is not None and row.kind in WRITES
        ]
        if not answered:
            return None
        finished_at, action_id = max(answered)
        return action_id, finished_at

    def _ahead(
        self, account_id: str, rank: tuple[int, float, str], *, now: datetime
    ) -> Sequence[tuple[datetime, Action]]:
        since = now - self._grace
        found = [
            (row.turn_at, row)
            for row in self._of(account_id)
            if row.state is ActionState.QUEUED
            and row.turn_at is not None
            and row.turn_at > since
            and (row.priority, row.virtual_finish, row.action_id) < rank
        ]
        return sorted(found, key=lambda each: each[0])

    def _due_ahead(
        self, request: ActionRequest, priority: int, virtual_finish: float, *, now: datetime
    ) -> int:
        rank = (priority, virtual_finish, request.action_id)
        ahead = self._ahead(request.account_id, rank, now=now)
        known = self.actions.get(request.key)
        until = due_until(request, known, self._rules, now=now)
        return sum(turn_at <= until for turn_at, _ in ahead)

    def queue_ahead(self, row: Action, *, now: datetime) -> QueueAhead:
        """Those who wait ahead of one row."""
        rank = (row.priority, row.virtual_finish, row.action_id)
        ahead = self._ahead(row.account_id, rank, now=now)

        if all((each.kind, each.needs_lookup) == (row.kind, row.needs_lookup) for _, each in ahead):
            return QueueAhead(same_kind=[turn_at for turn_at, _ in ahead])
        listed = sorted(ahead[:SIMULATED_AMONG], key=lambda each: rank_of(each[1]))
        return self._with_past(
            row.account_id,
            now=now,
            ahead=QueueAhead(
                among=[
                    Ahead(turn_at, each.kind, each.needs_lookup, rank_of(each))
                    for turn_at, each in listed
                ],
                more_same_kind=sum(each.kind is row.kind for _, each in ahead[SIMULATED_AMONG:]),
                more_lookups=sum(each.needs_lookup for _, each in ahead[SIMULATED_AMONG:]),
            ),
        )

    def _with_past(self, account_id: str, *, now: datetime, ahead: QueueAhead) -> QueueAhead:
        since = now - timedelta(days=7)
        counted = {
            kind: self.counted(account_id, kind, now=now, since=since) for kind in drawn_on(ahead)
        }
        return replace(ahead, counted=counted)

    def profile_reads(self, account_id: str, *, now: datetime) -> ProfileReads:
        """What counts in the windows of an account's lookups."""
        return ProfileReads(
            lookups=self.counted(account_id, Kind.LOOKUP, now=now),
            visits=self.counted(account_id, Kind.VISIT, now=now),
            cools_until=self.cool_downs.get((account_id, Kind.LOOKUP)),
        )

    def learn(self, account_id: str, learnt: Profile) -> None:
        """Keep what was learnt of a person, beside what is known."""
        known = self.profiles.get(
            (account_id, learnt.person_id), Profile(person_id=learnt.person_id)
        )
        newer = learnt.read_at is not None and (
            known.read_at is None or learnt.read_at > known.read_at
        )
        self.profiles[account_id, learnt.person_id] = Profile(
            person_id=learnt.person_id,
            provider_id=learnt.provider_id or known.provider_id,
            public_identifier=learnt.public_identifier or known.public_identifier,
            connected=learnt.connected if newer else known.connected or learnt.connected,
            open_profile=learnt.open_profile if newer else known.open_profile,
            read_at=_latest(known.read_at, learnt.read_at),
            invited_at=_latest(known.invited_at, learnt.invited_at),
            invitation_id=learnt.invitation_id or known.invitation_id,
            chat_id=learnt.chat_id or known.chat_id,
        )


def _latest(one: datetime | None, other: datetime | None) -> datetime | None:
    return max((at for at in (one, other) if at is not None), default=None)
