"""Campaigns on the wire."""

from dataclasses import replace
from datetime import UTC, datetime

from campaign_api.convert.campaigns import campaign_to_proto
from campaigns.models import Campaign, CampaignSettings, CampaignState
from campaigns.sequences.revision import Revision
from campaigns.sequences.sequence import Sequence, Step, StepKind

NOW = datetime(2026, 3, 2, tzinfo=UTC)
CAMPAIGN = Campaign(
    id="camp_1",
    organization_id="org_1",
    name="Spring",
    state=CampaignState.DRAFT,
    account_ids=("acct_1",),
    settings=CampaignSettings(),
    revision_id="rev_1",
    created_at=NOW,
)
REVISION = Revision(
    id="rev_1",
    campaign_id="camp_1",
    number=1,
    content_hash="hash",
    sequence=Sequence(
        steps=(Step(step_id="s1", index=0, kind=StepKind.PROFILE_VISIT, text="Hello"),)
    ),
    source_json="{}",
    created_at=NOW,
)


def test_who_changes_what_they_were_given_changes_it_for_nobody_else() -> None:
    """Settings and sequences are made once of equal ones, and are not shared for that."""
    first = campaign_to_proto(CAMPAIGN, REVISION)
    expected = first.SerializeToString(deterministic=True)

    first.settings.leads_per_day = 7
    first.sequence.steps[0].text = "Bye"

    again = campaign_to_proto(CAMPAIGN, REVISION)
    assert again.SerializeToString(deterministic=True) == expected


def test_what_differs_is_told_as_it_is() -> None:
    """Another sequence by the same id is another one, and other settings have another etag."""
    other_steps = replace(REVISION, sequence=Sequence(steps=()))
    other_settings = replace(CAMPAIGN, settings=replace(CAMPAIGN.settings, leads_per_day=3))
    first = campaign_to_proto(CAMPAIGN, REVISION)

    assert not campaign_to_proto(CAMPAIGN, other_steps).sequence.steps
    told = campaign_to_proto(other_settings, REVISION)
    assert told.settings.leads_per_day == 3
    assert told.etag != first.etag
