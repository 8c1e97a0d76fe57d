"""A lead whose campaign somebody changes while it walks: whatever they may ask for, at any moment.

As campaign-api does it: what the rows allow, the row first, then the signal or the wake-up.
"""

from __future__ import annotations

from collections.abc import Sequence as Items
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any, assert_never

from campaigns.models import CampaignSettings, ConnectionState, Lead, LeadState, StepState
from campaigns.senders.replacement import Contact, ContactedLeads, ReplacementPolicy
from campaigns.sequences.kinds.registry import CONTACTS
from campaigns.sequences.sequence import Sequence
from campaigns.workflow.contracts import EndLead, LeadResult, UpdateWorkflow
from outreach.linkedin.v1 import action_pb2
from outreach_worker.steps.reassignment import SenderReassignment

from tests.fakes.gateway import not_yet
from tests.fakes.lead_world import BEGAN_AT, MemoryLeads, Story, World

ACCOUNTS = ("acct_1", "acct_2", "acct_3")
_UNTIL_FOUND = timedelta(minutes=5)
"""How long nobody knows what an action came to whose answer was lost."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Others than before, as `UpdateCampaign` takes them."""

    changes: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Disconnect:
    account_id: str


@dataclass(frozen=True, kw_only=True)
class Reconnect:
    account_id: str


@dataclass(frozen=True, kw_only=True)
class Replace:
    account_id: str
    replacement_account_id: str
    policy: ReplacementPolicy


@dataclass(frozen=True, kw_only=True)
class Move:
    account_id: str
    even_if_contacted: bool


@dataclass(frozen=True, kw_only=True)
class Stop:
    pass


@dataclass(frozen=True, kw_only=True)
class Pause:
    pass


@dataclass(frozen=True, kw_only=True)
class Resume:
    pass


Act = Settings | Disconnect | Reconnect | Replace | Move | Stop | Pause | Resume


class MemorySenders:
    """Which account sends to the lead, by the rules of `SenderRepository`."""

    def __init__(self, world: EditedWorld, leads: MemoryLeads) -> None:
        self._world, self._leads = world, leads
        self._from = ""

    @property
    def contact(self) -> Contact:
        if self._leads.lead.connection is ConnectionState.CONNECTED:
            return Contact.CONNECTED
        acted = (StepState.DONE, StepState.FAILED)
        contacted = any(
            row.state in acted and self._leads.kinds[step_id] in CONTACTS
            for step_id, row in self._leads.rows.items()
        )
        return Contact.CONTACTED if contacted else Contact.NONE

    def is_of(self, account_id: str) -> bool:
        lead = self._leads.lead
        on_its_way = self._from == account_id and lead.replacement_account_id
        return account_id in (lead.account_id, lead.replacement_account_id) or bool(on_its_way)

    def wish(self, account_id: str, *, if_contacted: bool) -> None:
        lead = self._leads.lead
        there = lead.account_id == account_id and not (self._from and lead.replacement_account_id)
        self._leads.lead = replace(
            lead,
            replacement_account_id="" if there else account_id,
            replaced_if_contacted=if_contacted,
        )

    async def loads(self, _campaign_id: str) -> dict[str, int]:
        return {}

    async def reassign(
        self, _lead_id: str, *, from_account: str, to_account: str, action_id: str
    ) -> Lead | None:
        lead = self._leads.lead
        if (
            lead.account_id != from_account
            or not lead.state.walks
            or lead.replacement_account_id
            or to_account not in self._world.campaign.account_ids
            or self._contacted()
        ):
            return None
        self._from = from_account
        self._leads.lead = replace(
            lead,
            account_id=to_account,
            reassigned_action_id=action_id,
            replacement_account_id=to_account,
            replaced_if_contacted=False,
        )
        return self._leads.lead

    async def undo_reassignment(self, _lead_id: str, *, action_id: str) -> None:
        lead = self._leads.lead
        if lead.reassigned_action_id != action_id or not self._from:
            return
        kept = lead.replacement_account_id if lead.replaced_if_contacted else ""
        self._leads.lead = replace(
            lead, account_id=self._from, reassigned_action_id="", replacement_account_id=kept
        )
        self._from = ""

    async def take_replacement(
        self, _lead_id: str, *, action_id: str, contacted: bool
    ) -> Lead | None:
        lead = self._leads.lead
        stays = not lead.replaced_if_contacted and (contacted or self._contacted())
        if not lead.state.walks or not lead.replacement_account_id or stays:
            self._leads.lead = replace(lead, replacement_account_id="")
            return None
        if lead.account_id != lead.replacement_account_id:
            self._from = lead.account_id
        self._leads.lead = replace(
            lead, account_id=lead.replacement_account_id, reassigned_action_id=action_id
        )
        return self._leads.lead

    async def complete_replacement(self, _lead_id: str, *, action_id: str) -> None:
        lead = self._leads.lead
        if lead.reassigned_action_id != action_id or not lead.replacement_account_id:
            return
        there = lead.replacement_account_id == lead.account_id
        self._from = ""
        self._leads.lead = replace(
            lead,
            connection=ConnectionState.NONE,
            replacement_account_id="" if there else lead.replacement_account_id,
        )

    def _contacted(self) -> bool:
        acted = (StepState.DONE, StepState.FAILED)
        return any(
            row.state in acted and self._leads.kinds[step_id] in CONTACTS
            for step_id, row in self._leads.rows.items()
        )


class EditedWorld(World):
    """The acts happen at their moments; `lost` steps leave nobody knowing what came of them.

    With the answers of some of those, `fatal`, the account goes down.
    """

    def __init__(
        self,
        sequence: Sequence,
        story: Story,
        acts: Items[tuple[timedelta, Act]],
        *,
        accounts: int,
        lost: frozenset[str],
        fatal: frozenset[str],
    ) -> None:
        self.acts, self._lost, self._fatal = acts, lost, fatal
        self._noted: set[str] = set()
        """Accounts of which it was heard that they cannot act."""
        self._found_at: dict[str, datetime] = {}
        self._landed: dict[str, action_pb2.ActionOutcome] = {}
        self.sent_from: list[tuple[str, datetime]] = []
        """From which account whatever reached the person went, and when."""
        self.done: list[tuple[datetime, Act]] = []
        """What was asked for and not refused."""
        self.ends_at: list[tuple[datetime, str]] = []
        """When the lead was told to end, and why."""
        super().__init__(sequence, story)
        self.campaign = replace(self.campaign, account_ids=ACCOUNTS[:accounts])
        self.continues = [(BEGAN_AT, story.continue_after_reply)]
        """Whether the sequence goes on after a reply, since when."""

    def reassignment(self, campaigns: Any) -> Any:
        self.senders = MemorySenders(self, self.leads)
        leads: Any = self.leads
        senders: Any = self.senders

        async def of(campaign: Any) -> dict[str, float]:
            down = self.parked | self._noted
            return {each: 0 if each in down else 5 for each in campaign.account_ids}

        def parked(_campaign: Any, account_id: str) -> None:
            self._noted.add(account_id)

        capacities: Any = SimpleNamespace(of=of, parked=parked)
        return SenderReassignment(campaigns, leads, senders, capacities)

    def live(self, *, most: int = 6_000) -> LeadResult:
        for after, act in self.acts:
            self.driver.at(BEGAN_AT + after, lambda act=act: self._act(act))  # type: ignore[misc]
        return super().live(most=most)

    def _act(self, act: Act) -> list[Any]:
        if self._heeded(act):
            self.done.append((self.now(), act))
        return []

    def _heeded(self, act: Act) -> bool:  # noqa: PLR0911 - one for each act
        """Have it happen; False where it is refused, or changes nothing."""
        walks, now = self.leads.lead.state.walks, self.now()
        match act:
            case Settings(changes=changes):
                settings: CampaignSettings = replace(self.campaign.settings, **changes)
                self.campaign = replace(self.campaign, settings=settings)
                self.continues.append((now, settings.continue_after_reply))
                self.driver.signal(now, "updateWorkflow", UpdateWorkflow())
                return True
            case Disconnect(account_id=account_id):
                self.parked.add(account_id)
                return True
            case Reconnect(account_id=account_id):
                self.parked.discard(account_id)
                self._noted.discard(account_id)
            case Replace():
                return walks and self._replaced(act)
            case Move(account_id=account_id, even_if_contacted=even):
                stays = self.senders.contact is not Contact.NONE and not even
                known = account_id in self.campaign.account_ids and account_id not in self.parked
                if not walks or stays or not known or self.leads.lead.sender_id == account_id:
                    return False
                self.senders.wish(account_id, if_contacted=even)
            case Stop():
                self._end("LEAD_STOPPED")
                return walks
            case Pause():
                self.held["camp_1"] = "Somebody wants a look."
                return True
            case Resume():
                self.held.pop("camp_1", None)
            case _:
                assert_never(act)
        self.driver.wake()
        return True

    def _replaced(self, act: Replace) -> bool:
        old, new = act.account_id, act.replacement_account_id
        if old not in self.parked or new in self.parked or old == new:
            return False
        senders = [each for each in self.campaign.account_ids if each not in (old, new)]
        if old not in self.campaign.account_ids and not self.senders.is_of(old):
            return False
        self.campaign = replace(self.campaign, account_ids=(*senders, new))
        if not self.senders.is_of(old):
            return True
        contact = self.senders.contact
        match act.policy.of(contact):
            case ContactedLeads.MOVE:
                always = contact is not Contact.NONE
                always = always or act.policy.contacted is ContactedLeads.MOVE
                self.senders.wish(new, if_contacted=always)
                self.driver.wake()
            case ContactedLeads.END:
                self._end("SENDER_GONE")
            case ContactedLeads.STAY:
                pass
        return True

    def _end(self, reason: str) -> None:
        if self.leads.lead.state in (LeadState.RUNNING, LeadState.PARKED):
            self.ends_at.append((self.now(), reason))
            self.driver.signal(self.now(), "end", EndLead(reason=reason))

    async def _outcome(self, request: Any, action: action_pb2.Action) -> action_pb2.ActionOutcome:
        action_id = request.action_id
        if action_id in self._found_at:
            if self.now() < self._found_at[action_id]:
                raise not_yet("IN_FLIGHT", retry_after=timedelta(minutes=1))
            return self._landed[action_id]
        before = len(self.sent_at)
        outcome = await super()._outcome(request, action)
        if len(self.sent_at) > before:
            self.sent_from.append((request.account_id, self.now()))
            if request.action_id.split("/")[2] in self._lost:
                if request.action_id.split("/")[2] in self._fatal:
                    self.parked.add(request.account_id)
                action.state = action_pb2.ACTION_STATE_UNKNOWN
                self._landed[action_id] = outcome
                self._found_at[action_id] = self.now() + _UNTIL_FOUND
                raise not_yet("IN_FLIGHT", retry_after=timedelta(minutes=1))
        return outcome

    async def CancelAction(self, request: Any, context: Any = None) -> Any:  # noqa: N802
        found_at = self._found_at.get(request.action_id)
        if found_at is not None and found_at <= self.now():
            action = self.actions[request.action_id]
            action.state = action_pb2.ACTION_STATE_DONE
            action.outcome.CopyFrom(self._landed[request.action_id])
        return await super().CancelAction(request, context)
