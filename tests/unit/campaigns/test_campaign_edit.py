"""What an edit makes of a campaign, and when somebody else was faster."""

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta

from campaigns.campaign_edit import CampaignEdit, etag_of
from campaigns.models import Campaign, CampaignSettings, CampaignState
from servicekit.etags import WHATEVER

CAMPAIGN = Campaign(
    id="camp_1",
    organization_id="org_north",
    name="Spring",
    state=CampaignState.RUNNING,
    account_ids=("acct_ada",),
    settings=CampaignSettings(),
    revision_id="seq_1",
    created_at=datetime(2026, 3, 2, tzinfo=UTC),
)


def test_an_edit_changes_what_it_names_alone() -> None:
    """Everything else is as it was."""
    edit = CampaignEdit(etag=WHATEVER, settings={"leads_per_day": 5})

    assert edit.of(CAMPAIGN) == replace(CAMPAIGN, settings=CampaignSettings(leads_per_day=5))


def test_the_etag_is_of_what_people_edit() -> None:
    """A pause, another sequence or a parked lead makes nobody's edit stale; an edit does."""
    moved = replace(CAMPAIGN, state=CampaignState.PAUSED, revision_id="seq_2", parked_leads=3)
    slower = CampaignSettings(lead_processing_delay=timedelta(hours=1))

    assert etag_of(moved) == etag_of(CAMPAIGN)
    for edited in (
        replace(CAMPAIGN, name="Summer"),
        replace(CAMPAIGN, account_ids=("acct_ada", "acct_bo")),
        replace(CAMPAIGN, settings=slower),
    ):
        assert etag_of(edited) != etag_of(CAMPAIGN)


def test_who_has_read_something_else_is_stale() -> None:
    """Unless the edit changes nothing, or its maker does not mind."""
    read = etag_of(replace(CAMPAIGN, name="Winter"))

    assert not CampaignEdit(etag=read, name="Summer").is_of(CAMPAIGN)
    assert CampaignEdit(etag=read, name="Spring").is_of(CAMPAIGN)
    assert CampaignEdit(etag=WHATEVER, name="Summer").is_of(CAMPAIGN)
    assert CampaignEdit(etag=etag_of(CAMPAIGN), name="Summer").is_of(CAMPAIGN)


def test_every_setting_concerns_somebody() -> None:
    """A setting that is added is sorted: who is told, if it is changed while leads walk.

    The reach of a reply alone is read when the reply comes.
    """
    for each in fields(CampaignSettings):
        edit = CampaignEdit(etag=WHATEVER, settings={each.name: None})
        told = edit.concerns_admission or edit.concerns_ends or edit.concerns_actions
        assert told == (each.name != "reply_scope"), each.name


def test_what_it_mentions_and_leaves_as_it_is_is_no_change() -> None:
    """Who sends all fields back with another name was told that nothing else may change."""
    same = {each.name: getattr(CAMPAIGN.settings, each.name) for each in fields(CampaignSettings)}
    whole = CampaignEdit(
        etag=WHATEVER, name="Summer", account_ids=CAMPAIGN.account_ids, settings=same
    )

    assert whole.only_names(CAMPAIGN)
    assert not replace(whole, account_ids=("acct_bo",)).only_names(CAMPAIGN)
    assert not replace(whole, settings={**same, "leads_per_day": 5}).only_names(CAMPAIGN)
