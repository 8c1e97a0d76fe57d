"""What a lead asks when its sequence has another revision. No bodies.

The workflows import such modules alone, so that nothing that touches a network
is ever loaded into them. Inputs carry ids; texts and lists stay in the tables
and never enter a history.
"""

from dataclasses import dataclass
from datetime import datetime

from campaigns.workflow.contracts import no_body
from temporalio import activity

from outreach_worker.leads.plan import LeadPlan, ReplyPolicies


@dataclass(frozen=True, kw_only=True)
class CompareRevision:
    """Whether a lead may go on with another revision; empty means the campaign's present one.

    `path` are the steps behind it, `current` the one whose turn it waits for, if it does;
    `policies` are those that it goes by, of which runs that began long ago say nothing.
    """

    campaign_id: str
    lead_id: str
    revision_id: str
    wanted_id: str
    path: tuple[str, ...]
    current: str = ""
    policies: ReplyPolicies | None = None


@dataclass(frozen=True, kw_only=True)
class Compared:
    """What to go on with, the campaign's reply policies included; no plan: with the one it has.

    `current_unchanged` says that the step it waits for has the same effect in both.
    """

    plan: LeadPlan | None = None
    current_unchanged: bool = False


@dataclass(frozen=True, kw_only=True)
class AdoptRevision:
    """Record that a lead goes on with another revision, and whose turn it is now, since when.

    `keeps` says that this step waits for its turn already and goes on to do so.
    """

    campaign_id: str
    lead_id: str
    revision_id: str
    since: datetime
    step_id: str = ""
    keeps: bool = False


class RevisionActivitiesContract:
    """What a lead asks when its sequence has another revision."""

    @activity.defn(name="compare_revision")
    async def compare_revision(self, compare: CompareRevision) -> Compared:
        """Find out whether the lead may go on with another revision."""
        no_body()

    @activity.defn(name="adopt_revision")
    async def adopt_revision(self, adopt: AdoptRevision) -> None:
        """Record that the lead goes on with another revision."""
        no_body()
