"""What guardrails read of a campaign's steps."""

from datetime import timedelta

import pytest
from campaigns.models import StepExecution, StepState
from campaigns.repositories.lead_repository import LeadRepository
from campaigns.repositories.outcomes.outcome_repository import OutcomeRepository
from campaigns.repositories.step_repository import StepRepository
from campaigns.sequences.sequence import StepKind
from servicekit.postgres.pool import Pool

from tests.integration.campaigns.conftest import NOW, NewCampaign


@pytest.mark.parametrize(
    ("reason", "ends", "told"),
    [
        ("PERSON_SUPPRESSED", True, (5, 0)),
        ("PERSON_IN_ANOTHER_CAMPAIGN", True, (5, 0)),
        ("PERSON_RESPONDED_BEFORE", True, (5, 0)),
        ("DUPLICATE_PERSON", True, (5, 0)),
        ("ALREADY_INVITED", True, (5, 0)),
        ("ALREADY_INVITED", False, (20, 15)),
        ("PERSON_NOT_FOUND", True, (20, 15)),
        ("NO_POSTS", False, (20, 15)),
    ],
)
async def test_who_is_left_in_peace_is_no_error_of_a_step(
    pool: Pool,
    leads: LeadRepository,
    steps: StepRepository,
    new_campaign: NewCampaign,
    reason: str,
    told: tuple[int, int],
    *,
    ends: bool,
) -> None:
    """Fifteen of twenty on a list of whom not to contact had the campaign paused for its steps."""
    campaign = await new_campaign(20)
    for number, (_, lead) in enumerate(await leads.page(campaign.id, limit=20)):
        refused = number < 15
        step = StepExecution(
            step_id="visit",
            state=StepState.FAILED if refused else StepState.DONE,
            reason=reason if refused else "",
            started_at=NOW,
            ended_at=NOW,
        )
        await steps.record(campaign.id, lead.id, StepKind.PROFILE_VISIT, step)
        if refused and ends:
            await pool.execute(
                "UPDATE leads SET state = 'failed', reason = $2 WHERE id = $1", lead.id, reason
            )

    found = await OutcomeRepository(pool).step_errors(campaign.id, since=NOW - timedelta(days=1))

    assert [(each.tried, each.failed) for each in found] == [told]
