"""What a ledger does: every action, its state and its time.

Every decision about a request is made in one transaction, under the lock of its account:
what stands in the way is read, decided by `pace.decide`, and written down. An action is sent
only after its row says `sending`.

A ledger has a clock of its own, by which it decides, claims and finishes. A `now` stands for a
reading of it, where time is somebody else's: in tests and benches.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from linkedin_gateway.kinds.action_kind import Twins
from linkedin_gateway.kinds.targets import ResolveTarget
from linkedin_gateway.models import (
    Action,
    ActionKey,
    ActionRequest,
    ActionState,
    Effect,
    HoldScope,
    Kind,
    OnTheWire,
    Outcome,
    Profile,
)
from linkedin_gateway.pace.decisions import Decision
from linkedin_gateway.pace.obstacles import Obstacle
from linkedin_gateway.pace.snapshot import Snapshot


class PersonMerged(Exception):
    """The person turned out to be one who was known by another id: decide about that one."""

    def __init__(self, into: str) -> None:
        super().__init__(into)
        self.into = into


@dataclass(frozen=True, kw_only=True)
class AttemptResult:
    """What an attempt at an action came to."""

    state: ActionState
    """`done`, `failed`, `unknown` (no answer), `queued` (it certainly did not happen), or
    `cancelled` (a read that did not happen)."""
    outcome: Outcome | None = None
    reason: str = ""
    effect: Effect | None = None
    message: str = ""
    turn_at: datetime | None = None
    """For `queued`: when to come again."""
    verify_at: datetime | None = None
    """For `unknown`: when to ask what became of it; absent when nobody can tell any more."""
    profile: Profile | None = None
    """What was learnt of the person."""
    claims: str = ""
    """The provider's id by which it was found: of two actions it is the outcome of one."""
    untouched: bool = False
    """It ended before it was on the wire, so that it counts in no window."""


@dataclass(frozen=True, kw_only=True)
class ActionFilter:
    """Which actions to list; empty fields mean any."""

    organization_id: str
    account_id: str = ""
    campaign_id: str = ""
    lead_id: str = ""
    kind: Kind | None = None
    state: ActionState | None = None
    account_ids: frozenset[str] | None = None
    """Those of these accounts only; None: of any."""

    @property
    def given(self) -> dict[str, str]:
        """What it is narrowed by, by column, beside the state."""
        kind = self.kind.value if self.kind else ""
        by_column = {
            "account_id": self.account_id,
            "campaign_id": self.campaign_id,
            "lead_id": self.lead_id,
            "kind": kind,
        }
        return {column: value for column, value in by_column.items() if value}


Position = tuple[datetime, str]
"""Where a page of an organization ended: `created_at` and id of its last action."""


class Ledger(Protocol):
    """What every ledger does; see `tests/contracts/ledger.py` for what that means."""

    async def decide(
        self,
        request: ActionRequest,
        *,
        resolve: ResolveTarget,
        post_id: str = "",
        now: datetime | None = None,
    ) -> Decision:
        """Decide about a request: it goes, is prepared, waits, or was decided before.

        `post_id` is the post it was prepared for; if another action has taken that one
        meanwhile, it is prepared anew. Raises `AccountNotFound` if the organization has no such
        account, `ActionIdReused` if the id was used before for another action, and
        `PersonMerged` if its person is known by another id by now.
        """

    async def explain(self, key: ActionKey, *, now: datetime) -> Sequence[Obstacle]:
        """What stands in the way of a queued action now.

        Raises `ActionNotFound` if there is no such action.
        """

    async def finish(
        self, action: Action, result: AttemptResult, *, now: datetime | None = None
    ) -> bool:
        """Write down what the attempt came to.

        False if it is no longer the attempt's to say, or if another action has made what it
        claims.
        """

    async def defer(self, key: ActionKey, *, reason: str, turn_at: datetime) -> None:
        """A queued action comes again at `turn_at`."""

    async def fail_queued(
        self, key: ActionKey, *, reason: str, effect: Effect, message: str, now: datetime
    ) -> Action | None:
        """A queued action has failed before it was sent."""

    async def cancel(self, key: ActionKey, *, now: datetime) -> Action:
        """Call off an action that is not in flight; one never asked for is recorded."""

    async def read(self, key: ActionKey) -> Action | None:
        """One action."""

    async def list(
        self, wanted: ActionFilter, *, after: Position | None, limit: int
    ) -> Sequence[Action]:
        """Actions, newest first."""

    async def claim_lost(
        self,
        *,
        until: datetime,
        limit: int,
        key: ActionKey | None = None,
        now: datetime | None = None,
    ) -> Sequence[Action]:
        """Take over actions whose answer was lost, so that one asker verifies each.

        Also those whose attempt was given up: `sending` past its lease is `unknown`.
        """

    async def record_not_found(
        self, action: Action, *, verify_at: datetime, settled: bool, now: datetime
    ) -> Action:
        """It was looked for and is not there.

        If that is `settled`, for it would have appeared by then, it is queued again.
        """

    async def record_inconclusive(
        self, action: Action, *, verify_at: datetime, counted: bool
    ) -> None:
        """A look for it said neither yes nor no."""

    async def usage(self, account_id: str, *, now: datetime) -> dict[Kind, Snapshot]:
        """What counts now, by kind.

        Raises `AccountNotFound` if there is no such account.
        """

    async def queued(self) -> dict[Kind, int]:
        """How many wait, by kind."""

    async def on_the_wire(
        self, scope: HoldScope, subject_id: str, *, now: datetime | None = None
    ) -> OnTheWire:
        """The writes of a scope that have begun and not ended."""

    async def note_earlier(self, action: Action, message_ids: Collection[str]) -> None:
        """Messages with its words are there before it goes."""

    async def twins(self, action: Action, provider_ids: Collection[str]) -> Twins:
        """What other actions to the person have made of these messages and invitations."""

    async def used_posts(self, account_id: str, person_id: str, kind: Kind) -> frozenset[str]:
        """Posts of a person that actions of this kind took, or may have taken."""
