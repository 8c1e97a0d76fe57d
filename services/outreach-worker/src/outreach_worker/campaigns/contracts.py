"""What a campaign asks of its list of leads, and an operator of it. No bodies.

The workflows import such modules alone, so that nothing that touches a network
is ever loaded into them. Inputs carry ids; texts and lists stay in the tables
and never enter a history.
"""

from dataclasses import dataclass
from datetime import datetime

from campaigns.models import CampaignState
from campaigns.workflow.contracts import no_body
from temporalio import activity

from outreach_worker.events.contracts import CustomerEvent


@dataclass(frozen=True, kw_only=True)
class CampaignRef:
    """One campaign."""

    campaign_id: str


@dataclass(frozen=True, kw_only=True)
class Admitted:
    """What an admission came to.

    `running` and `ready` count the campaign's leads afterwards. `next_at` is
    when admission is worth trying again, if only time stands in the way.
    `waits_for_room` says that the next lead that ends wakes the campaign. By `look_by` the
    list is looked at again whatever happens.
    """

    started: int = 0
    running: int = 0
    ready: int = 0
    next_at: datetime | None = None
    waits_for_room: bool = False
    more: bool = False
    look_by: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class EndCampaign:
    """End a campaign of which every lead has ended; `stopped` says that it was stopped."""

    campaign_id: str
    stopped: bool = False


@dataclass(frozen=True, kw_only=True)
class CampaignEnd:
    """How the campaign ended; None if it has got new leads meanwhile."""

    state: CampaignState | None = None
    unpublished: tuple[CustomerEvent, ...] = ()
    """What a release of before handed back to be published; empty since."""


@dataclass(frozen=True, kw_only=True)
class CalledOff:
    """How many leads were asked to end."""

    leads: int = 0


class CampaignActivitiesContract:
    """What a campaign asks of its list of leads."""

    @activity.defn(name="admit_leads")
    async def admit_leads(self, campaign: CampaignRef) -> Admitted:
        """Start the workflows of as many leads as may begin."""
        no_body()

    @activity.defn(name="stop_ready_leads")
    async def stop_ready_leads(self, campaign: CampaignRef) -> None:
        """End the leads that were never admitted."""
        no_body()

    @activity.defn(name="call_off_leads")
    async def call_off_leads(self, campaign: CampaignRef) -> CalledOff:
        """Ask every lead in the sequence to end."""
        no_body()

    @activity.defn(name="signal_revision")
    async def signal_revision(self, campaign: CampaignRef) -> None:
        """Signal the campaign's present revision to every lead in the sequence."""
        no_body()

    @activity.defn(name="end_campaign")
    async def end_campaign(self, end: EndCampaign) -> CampaignEnd:
        """Record that the campaign is over."""
        no_body()


@dataclass(frozen=True, kw_only=True)
class ControlCommand:
    """What an operator wants of a campaign; `reason` is for people."""

    campaign_id: str
    reason: str = ""
    complete_current_executions: bool = False


class CampaignControlActivitiesContract:
    """What an operator asks of a campaign through its workflow."""

    @activity.defn(name="pause_campaign")
    async def pause_campaign(self, command: ControlCommand) -> None:
        """Hold the campaign, have its row say so, and signal its workflow."""
        no_body()

    @activity.defn(name="resume_campaign")
    async def resume_campaign(self, command: ControlCommand) -> None:
        """Lift the hold, have the campaign's row say so, and signal its workflow."""
        no_body()

    @activity.defn(name="stop_campaign")
    async def stop_campaign(self, command: ControlCommand) -> None:
        """Stop the campaign for good, and signal its workflow."""
        no_body()


@dataclass(frozen=True, kw_only=True)
class WakeLeads:
    """Some leads of a campaign, those behind `after`; each within so much real time.

    With `moving_to` those alone that are to go on from that account.
    """

    campaign_id: str
    after: str = ""
    within_seconds: float = 0.0
    moving_to: str = ""


@dataclass(frozen=True, kw_only=True)
class Woken:
    """How many leads were woken; `after` is where the next ones begin, empty behind the last."""

    leads: int = 0
    after: str = ""


class WakeActivitiesContract:
    """What wakes leads that wait for their turn."""

    @activity.defn(name="wake_leads")
    async def wake_leads(self, wake: WakeLeads) -> Woken:
        """Have the waiting actions of a bounded number of leads asked for again."""
        no_body()
