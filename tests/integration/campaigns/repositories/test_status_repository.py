"""Where the leads of a campaign are, counted."""

from dataclasses import replace

from campaigns.models import ConnectionState, LeadState, StepExecution, StepState
from campaigns.repositories.admission.admission_repository import AdmissionRepository
from campaigns.repositories.lead_repository import LeadRepository
from campaigns.repositories.status_repository import StatusRepository
from campaigns.repositories.step_repository import StepRepository
from campaigns.sequences.sequence import StepKind
from servicekit.postgres.pool import Pool

from tests.integration.campaigns.conftest import NOW, NewCampaign


async def test_the_funnel_counts_what_was_sent(
    pool: Pool,
    steps: StepRepository,
    new_campaign: NewCampaign,
    admissions: AdmissionRepository,
) -> None:
    """An InMail that went as a message counts as one, and each lead once."""
    campaign = await new_campaign(2)
    admission = await admissions.admit(campaign.id, now=NOW, limit=10)
    first, second = (lead.lead_id for lead in admission.leads)
    inmail = StepExecution(step_id="inmail", state=StepState.DONE)
    written = StepExecution(step_id="written", state=StepState.DONE)
    as_message = replace(inmail, reason="SENT_AS_MESSAGE")
    await steps.record(campaign.id, first, StepKind.SEND_FOLLOWUP, written)
    await steps.record(campaign.id, first, StepKind.SEND_INMAIL, as_message)
    await steps.record(campaign.id, second, StepKind.SEND_INMAIL, inmail)

    status = await StatusRepository(pool).counts(campaign.id)

    assert (status.funnel["messaged"], status.funnel["inmailed"]) == (1, 1)


async def test_status_counts_what_was_really_done(
    pool: Pool,
    leads: LeadRepository,
    steps: StepRepository,
    new_campaign: NewCampaign,
    admissions: AdmissionRepository,
) -> None:
    """The funnel counts leads with something performed; what was so already is not."""
    campaign = await new_campaign(3)
    admission = await admissions.admit(campaign.id, now=NOW, limit=10)
    first, second, third = (lead.lead_id for lead in admission.leads)
    invite = StepKind.SEND_CONNECTION_REQUEST
    done = StepExecution(step_id="invite", state=StepState.DONE)
    await steps.record(campaign.id, first, invite, done)
    await leads.record_connection(first, ConnectionState.INVITED, at=NOW)
    await leads.record_connection(first, ConnectionState.CONNECTED, at=NOW)
    await steps.record(campaign.id, second, invite, replace(done, reason="ALREADY_SO"))
    await leads.record_connection(second, ConnectionState.CONNECTED, at=NOW)
    await leads.record_reply(third, "Gladly", at=NOW)
    await leads.finish(third, state=LeadState.REPLIED, reason="", now=NOW)

    status = await StatusRepository(pool).counts(campaign.id)

    assert {name: leads for name, leads in status.funnel.items() if leads} == {
        "invited": 1,
        "accepted": 1,
        "replied": 1,
    }
    assert status.leads == {LeadState.RUNNING: 2, LeadState.REPLIED: 1}
    assert status.steps == {"invite": {StepState.DONE: 2}}
    assert status.last_ended_at == NOW
