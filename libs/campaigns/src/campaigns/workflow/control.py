"""Pause, resume, stop, delete: what is held, what the row says, what the workflow hears.

The RPCs and the signals of operators both come through here. A crash anywhere in between is
mended by repeating the call.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from servicekit.etags import require_fitting

from campaigns.campaign_edit import etag_of
from campaigns.errors import (
    CampaignNotEnded,
    CampaignNotPausable,
    CampaignNotResumable,
    CampaignNotStoppable,
)
from campaigns.models import Campaign, CampaignState
from campaigns.repositories.campaign_repository import CampaignRepository
from campaigns.workflow.campaign_locks import CampaignLocks

_STOPPABLE = (
    CampaignState.RUNNING,
    CampaignState.PAUSED,
    CampaignState.STOPPING,
    CampaignState.STOPPED,
)
_LIVE = (CampaignState.RUNNING, CampaignState.PAUSED, CampaignState.STOPPING)


@dataclass(frozen=True, kw_only=True)
class OnTheWire:
    """Actions that had begun when a hold came into force; they end by themselves."""

    actions: int = 0
    action_ids: tuple[str, ...] = ()
    """The first of them."""
    until: datetime | None = None
    """Until when they may last at most."""


@dataclass(frozen=True, kw_only=True)
class Halted:
    """A campaign for which nothing more begins, and what has begun."""

    campaign: Campaign
    on_the_wire: OnTheWire = OnTheWire()


class Holds(Protocol):
    """Holds on campaigns, wherever they are kept."""

    async def hold(self, campaign: Campaign, *, reason: str) -> OnTheWire:
        """Stop everything of the campaign; when it returns nothing more of it begins."""

    async def lift_hold(self, campaign: Campaign) -> None:
        """Let the campaign go on, and wake what waited for it."""


class Workflows(Protocol):
    """The workflows of campaigns, as far as they are controlled."""

    async def pause(self, campaign: Campaign) -> None:
        """Admit no lead until resumed."""

    async def resume(self, campaign: Campaign) -> None:
        """Admit leads again."""

    async def stop(self, campaign: Campaign, *, complete_current_executions: bool) -> None:
        """Admit no lead any more, and end."""


class CampaignControl:
    """One change of a campaign at a time, whoever asks for it."""

    def __init__(
        self,
        repository: CampaignRepository,
        *,
        holds: Holds,
        workflows: Workflows,
        locks: CampaignLocks,
    ) -> None:
        self._repository = repository
        self._holds = holds
        self._workflows = workflows
        self._locks = locks

    async def pause(self, campaign_id: str, *, reason: str = "") -> Halted:
        """Pause a campaign; nothing more begins once it returns, and what has is named.

        Raises `CampaignNotPausable` if it neither runs nor is paused.
        """
        async with self._locks.exclusively(campaign_id):
            campaign = await self._repository.get_visible(campaign_id)
            if campaign.state not in (CampaignState.RUNNING, CampaignState.PAUSED):
                raise CampaignNotPausable
            # Hold first: it is what stops the campaign, the others only follow.
            told = reason.strip() or "The campaign is paused."
            begun = await self._holds.hold(campaign, reason=told)
            try:
                campaign = await self._repository.pause(campaign_id)
            except CampaignNotPausable:
                # Its last lead ended in the meantime.
                await self._holds.lift_hold(campaign)
                raise
            await self._workflows.pause(campaign)
            return Halted(campaign=campaign, on_the_wire=begun)

    async def resume(self, campaign_id: str) -> Campaign:
        """Resume a paused campaign; its leads go on where they were.

        Raises `CampaignNotResumable` if it is neither paused nor runs.
        """
        async with self._locks.exclusively(campaign_id):
            campaign = await self._repository.get_visible(campaign_id)
            if campaign.state not in (CampaignState.RUNNING, CampaignState.PAUSED):
                raise CampaignNotResumable
            # The row last of what can fail for good: until then it is paused,
            # and resuming it again does all of this again.
            await self._holds.lift_hold(campaign)
            campaign = await self._repository.resume(campaign_id)
            await self._workflows.resume(campaign)
            return campaign

    async def stop(
        self, campaign_id: str, *, complete_current_executions: bool, reason: str = ""
    ) -> Halted:
        """Stop a campaign for good, with or without letting its leads finish.

        Raises `CampaignNotStoppable` if it has not started, or has completed.
        """
        async with self._locks.exclusively(campaign_id):
            campaign = await self._repository.get_visible(campaign_id)
            return await self._stop(
                campaign,
                complete_current_executions=complete_current_executions,
                reason=reason.strip() or "The campaign is stopped.",
            )

    async def delete(
        self, campaign_id: str, *, now: datetime, purge_at: datetime, force: bool, etag: str = ""
    ) -> Halted:
        """Call a campaign off if it is not over, then hide it; twice is once.

        Raises `CampaignNotEnded` if it is not over and nobody has forced it, and `EtagMismatch` if
        it is not as it was read.
        """
        async with self._locks.exclusively(campaign_id):
            halted = Halted(campaign=await self._repository.get(campaign_id))
            if halted.campaign.deleted_at is None:
                require_fitting(etag, etag_of(halted.campaign))
            hidden = False
            # Twice only where the lock was lost with its connection, and it started meanwhile.
            while not hidden:
                if halted.campaign.state in _LIVE:
                    if not force and halted.campaign.deleted_at is None:
                        raise CampaignNotEnded(metadata={"state": halted.campaign.state})
                    halted = await self._stop(
                        halted.campaign,
                        complete_current_executions=False,
                        reason="The campaign is deleted.",
                    )
                hidden = await self._repository.delete(campaign_id, now=now, purge_at=purge_at)
                if not hidden:
                    halted = Halted(campaign=await self._repository.get(campaign_id))
            return halted

    async def undelete(self, campaign_id: str, *, now: datetime) -> Campaign:
        """Show a campaign again, as it was when it was deleted; twice is once.

        Raises `CampaignNotFound` if its time is over.
        """
        async with self._locks.exclusively(campaign_id):
            return await self._repository.undelete(campaign_id, now=now)

    async def _stop(
        self, campaign: Campaign, *, complete_current_executions: bool, reason: str
    ) -> Halted:
        """Under the campaign's lock, and as it is there."""
        if campaign.state not in _STOPPABLE:
            raise CampaignNotStoppable
        if campaign.state is CampaignState.STOPPED:
            return Halted(campaign=campaign)
        begun = OnTheWire()
        if not complete_current_executions:
            begun = await self._holds.hold(campaign, reason=reason)
        elif campaign.state is CampaignState.PAUSED:
            # Leads of a paused campaign can only finish without its hold. Before the
            # row, because afterwards nobody could tell this hold from a stop's.
            await self._holds.lift_hold(campaign)
        try:
            campaign = await self._repository.stop(
                campaign.id, complete_current_executions=complete_current_executions
            )
        except CampaignNotStoppable:
            # Its last lead ended in the meantime.
            await self._holds.lift_hold(campaign)
            raise
        await self._workflows.stop(
            campaign, complete_current_executions=complete_current_executions
        )
        return Halted(campaign=campaign, on_the_wire=begun)
