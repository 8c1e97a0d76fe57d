"""Texts of steps, kept before they are sent."""

from campaigns.repositories.lead_repository import LeadRepository
from campaigns.repositories.step_text_repository import StepTextRepository
from servicekit.postgres.pool import Pool

from tests.fakes.sealing import SEAL
from tests.integration.campaigns.conftest import NewCampaign


async def test_the_first_text_written_is_kept(
    pool: Pool, leads: LeadRepository, new_campaign: NewCampaign
) -> None:
    """Two attempts that wrote different texts send the same one."""
    texts = StepTextRepository(pool, SEAL)
    campaign = await new_campaign(1)
    (_, lead), *_ = await leads.page(campaign.id, limit=1)

    first = await texts.keep(lead.id, "comment", "One", post_id="post-1")
    second = await texts.keep(lead.id, "comment", "Two", post_id="post-2")

    assert first == second == ("One", "post-1")
