"""The activities of a campaign as a story tells them: how its list looks, round by round."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from campaigns.models import CampaignState
from outreach_worker.campaigns.contracts import (
    Admitted,
    CalledOff,
    CampaignActivitiesContract,
    CampaignControlActivitiesContract,
    CampaignEnd,
    CampaignRef,
    ControlCommand,
    EndCampaign,
    WakeActivitiesContract,
    WakeLeads,
    Woken,
)
from outreach_worker.events.contracts import CustomerEvent, EventActivitiesContract
from temporalio import activity

OVER = Admitted()
"""Nobody runs, nobody is ready."""


def set_event() -> asyncio.Event:
    event = asyncio.Event()
    event.set()
    return event


@dataclass
class CampaignStory(
    CampaignActivitiesContract,
    CampaignControlActivitiesContract,
    EventActivitiesContract,
    WakeActivitiesContract,
):
    """`rounds` are what each look at the list comes to; the last one is repeated."""

    rounds: list[Admitted]
    ends: list[CampaignState | None] = field(default_factory=list)
    """What an attempt to end comes to, where it is not what was asked for."""
    woken: list[Woken] = field(default_factory=list)
    """How far each pass through the leads comes; one that is not told comes to the end."""
    wakes: asyncio.Event = field(default_factory=asyncio.Event)
    """Set as soon as leads are being woken; which takes until `waking` is set."""
    waking: asyncio.Event = field(default_factory=set_event)
    unpublishable: Mapping[str, float] = field(default_factory=dict)
    """Events by how many attempts to write them come to nothing."""
    done: list[str] = field(default_factory=list)
    """The activities in their order, and the events."""

    def activities(self) -> list[Callable[..., Any]]:
        return [
            self.admit_leads,
            self.stop_ready_leads,
            self.call_off_leads,
            self.end_campaign,
            self.signal_revision,
            self.pause_campaign,
            self.resume_campaign,
            self.stop_campaign,
            self.wake_leads,
            self.publish_event,
        ]

    @activity.defn(name="admit_leads")
    async def admit_leads(self, campaign: CampaignRef) -> Admitted:  # noqa: ARG002
        self.done.append("admit")
        return self.rounds.pop(0) if len(self.rounds) > 1 else self.rounds[0]

    @activity.defn(name="stop_ready_leads")
    async def stop_ready_leads(self, campaign: CampaignRef) -> None:  # noqa: ARG002
        self.done.append("stop ready")

    @activity.defn(name="call_off_leads")
    async def call_off_leads(self, campaign: CampaignRef) -> CalledOff:  # noqa: ARG002
        self.done.append("call off")
        return CalledOff(leads=1)

    @activity.defn(name="end_campaign")
    async def end_campaign(self, end: EndCampaign) -> CampaignEnd:
        self.done.append("end")
        if self.ends:
            return CampaignEnd(state=self.ends.pop(0))
        state = CampaignState.STOPPED if end.stopped else CampaignState.COMPLETED
        return CampaignEnd(state=state)

    @activity.defn(name="signal_revision")
    async def signal_revision(self, campaign: CampaignRef) -> None:  # noqa: ARG002
        self.done.append("tell revision")

    @activity.defn(name="pause_campaign")
    async def pause_campaign(self, command: ControlCommand) -> None:
        self.done.append(f"pause: {command.reason}")

    @activity.defn(name="resume_campaign")
    async def resume_campaign(self, command: ControlCommand) -> None:  # noqa: ARG002
        self.done.append("resume")

    @activity.defn(name="stop_campaign")
    async def stop_campaign(self, command: ControlCommand) -> None:
        self.done.append(f"stop: {command.complete_current_executions}")

    @activity.defn(name="wake_leads")
    async def wake_leads(self, wake: WakeLeads) -> Woken:
        of = f"{wake.moving_to} " if wake.moving_to else ""
        self.done.append(f"wake {of}behind '{wake.after}'")
        self.wakes.set()
        await self.waking.wait()
        return self.woken.pop(0) if self.woken else Woken()

    @activity.defn(name="publish_event")
    async def publish_event(self, event: CustomerEvent) -> None:
        if activity.info().attempt <= self.unpublishable.get(event.type, 0):
            raise ConnectionError("The database is away.")
        self.done.append(event.type)
