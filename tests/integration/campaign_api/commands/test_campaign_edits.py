"""UpdateCampaign: what it changes, whom it tells, and that nobody's edit is lost without a word."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from campaigns.models import LeadState
from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.timestamp_pb2 import Timestamp
from outreach.campaign.v1 import campaign_pb2
from outreach.campaign.v1 import campaign_service_pb2 as pb
from outreach.linkedin.v1 import account_pb2
from servicekit.errors import EtagMismatch, FailedPrecondition, InvalidArgument, ServiceError

from tests.integration.campaign_api.conftest import (
    ACCOUNT,
    LEADS,
    NOON,
    Api,
    new_campaign,
)

NEW = "acct_grace"


async def read(api: Api, campaign_id: str) -> campaign_pb2.Campaign:
    request = pb.GetCampaignRequest(campaign_id=campaign_id)
    return (await api.stubs.campaigns.GetCampaign(request)).campaign


async def update(api: Api, campaign_id: str, *paths: str, **campaign: Any) -> Any:
    changed = campaign_pb2.Campaign(campaign_id=campaign_id, **{"etag": "*", **campaign})
    request = pb.UpdateCampaignRequest(campaign=changed, update_mask=FieldMask(paths=paths))
    return (await api.stubs.campaigns.UpdateCampaign(request)).campaign


async def test_what_is_named_is_changed_and_the_rest_stays(api: Api) -> None:
    """What comes back is what is read then, with another etag."""
    campaign_id = await api.create()
    before = await read(api, campaign_id)
    settings = campaign_pb2.CampaignSettings(leads_per_day=7)

    after = await update(
        api, campaign_id, "name", "settings.leads_per_day", name="Autumn", settings=settings
    )

    assert after == await read(api, campaign_id)
    assert after.etag != before.etag
    before.name, before.settings.leads_per_day, before.etag = "Autumn", 7, after.etag
    before.updated_by = before.created_by
    before.update_time.CopyFrom(after.update_time)
    assert after == before


async def test_of_eight_edits_at_once_one_is_kept_and_seven_are_told(api: Api) -> None:
    """All of one reading; who is told reads again, and sees whose edit was kept."""
    campaign_id = await api.create()
    etag = (await read(api, campaign_id)).etag

    told = await asyncio.gather(
        *(update(api, campaign_id, "name", name=f"Name {n}", etag=etag) for n in range(8)),
        return_exceptions=True,
    )

    (kept,) = (each for each in told if not isinstance(each, BaseException))
    refused = [each for each in told if isinstance(each, ServiceError)]
    assert len(refused) == 7
    assert all(isinstance(each, EtagMismatch) and not each.retried for each in refused)
    assert {each.reason for each in refused} == {"ETAG_MISMATCH"}
    assert {each.metadata["etag"] for each in refused} == {kept.etag}
    assert (await read(api, campaign_id)).name == kept.name


async def test_an_edit_that_is_repeated_is_made_once(api: Api) -> None:
    """Whose answer was lost asks again with the etag of before, and is told of no conflict."""
    campaign_id = await api.create()
    etag = (await read(api, campaign_id)).etag

    first = await update(api, campaign_id, "name", name="Autumn", etag=etag)
    again = await update(api, campaign_id, "name", name="Autumn", etag=etag)

    assert first == again


async def test_a_running_campaign_hears_what_concerns_it(api: Api) -> None:
    """The list is looked at again for its pace, leads are told of reply policies, not of a name."""
    campaign_id = await api.running()

    await update(api, campaign_id, "name", name="Autumn")
    assert await api.told(campaign_id) == []
    await update(api, campaign_id, "settings.leads_per_day")
    assert await api.told(campaign_id) == ["leads_added"]
    await update(api, campaign_id, "settings.owner_messages")
    assert await api.told(campaign_id) == ["leads_added", "update", "ask_anew(60)"]


async def test_a_new_sender_must_be_there_and_able_to_act(api: Api) -> None:
    """A draft may have one that is away; whoever runs needs one that can act."""
    draft, running = await api.create("draft"), await api.running()
    api.linkedin.add_account(NEW, state=account_pb2.ACCOUNT_STATE_DISCONNECTED)
    senders = [ACCOUNT, NEW]

    with pytest.raises(InvalidArgument) as unknown:
        await update(api, draft, "account_ids", account_ids=[ACCOUNT, "acct_nobody"])
    changed = await update(api, draft, "account_ids", account_ids=senders)
    with pytest.raises(FailedPrecondition) as away:
        await update(api, running, "account_ids", account_ids=senders)

    assert [each.field for each in unknown.value.violations] == ["campaign.account_ids[1]"]
    assert list(changed.account_ids) == senders
    assert (away.value.reason, away.value.metadata["accounts"]) == ("ACCOUNT_NOT_CONNECTED", NEW)
    assert list((await read(api, running)).account_ids) == [ACCOUNT]


async def test_a_sender_is_not_taken_from_its_leads(api: Api) -> None:
    """As long as leads in the sequence have it, it stays, and it is said how many they are."""
    campaign_id = await api.running()
    api.linkedin.add_account(NEW)
    await api.admissions.admit(campaign_id, now=NOON, limit=1)

    with pytest.raises(FailedPrecondition) as refused:
        await update(api, campaign_id, "account_ids", account_ids=[NEW])

    assert (refused.value.reason, refused.value.metadata["leads"]) == ("SENDER_IN_USE", "1")
    assert list((await read(api, campaign_id)).account_ids) == [ACCOUNT]


async def test_of_one_that_is_over_only_the_name_changes(api: Api) -> None:
    """Nobody would go by its settings any more."""
    campaign_id = await api.running()
    await api.pool.execute("UPDATE campaigns SET state = 'completed' WHERE id = $1", campaign_id)

    with pytest.raises(FailedPrecondition) as refused:
        await update(
            api,
            campaign_id,
            "settings.leads_per_day",
            settings=campaign_pb2.CampaignSettings(leads_per_day=3),
        )
    changed = await update(api, campaign_id, "name", name="Last year's")

    assert refused.value.reason == "CAMPAIGN_ENDED"
    assert changed.name == "Last year's"
    assert await api.told(campaign_id) == []


async def test_what_waits_for_a_turn_asks_anew_by_another_window(api: Api) -> None:
    """The campaign's workflow has its leads ask: the call would wait for thousands of them."""
    campaign_id = await api.running()

    await update(api, campaign_id, "settings.sending_window")

    assert await api.told(campaign_id) == ["leads_added", "ask_anew(60)"]


async def test_of_one_that_is_over_what_stays_as_it_is_may_be_named(api: Api) -> None:
    """Who sends everything back with another name changes the name; it was refused by its mask."""
    campaign_id = await api.running()
    before = await read(api, campaign_id)
    await api.pool.execute("UPDATE campaigns SET state = 'completed' WHERE id = $1", campaign_id)

    changed = await update(
        api,
        campaign_id,
        *("name", "account_ids", "settings.sending_window", "settings.leads_per_day"),
        name="Last year's",
        account_ids=before.account_ids,
        settings=before.settings,
    )

    assert changed.name == "Last year's"
    assert (changed.settings, changed.account_ids) == (before.settings, before.account_ids)


async def test_a_campaign_that_was_edited_is_still_the_one_its_request_made(api: Api) -> None:
    """Whoever asks again in doubt was told that the id was used for something else."""
    campaign_id = await api.create()
    await update(api, campaign_id, "name", name="Autumn")

    again = await api.create()
    with pytest.raises(ServiceError) as refused:
        await api.create(name="Winter")

    assert again == campaign_id
    assert refused.value.reason == "REQUEST_ID_REUSED"


async def limited(api: Api, *paths: str, campaign_id: str, **settings: Any) -> Any:
    return await update(
        api, campaign_id, *paths, settings=campaign_pb2.CampaignSettings(**settings)
    )


async def test_limits_of_time_are_set_and_taken_away(api: Api) -> None:
    """Of a campaign that runs: its leads are told, and its list is looked at again."""
    campaign_id = await api.running()
    ends, longest = ["settings.end_time", "settings.max_lead_duration"], {"seconds": 86_400}

    after = await limited(
        api, *ends, campaign_id=campaign_id, end_time=in_days(30), max_lead_duration=longest
    )
    without = await limited(api, *ends, campaign_id=campaign_id)

    assert after.settings.end_time == in_days(30)
    assert after.settings.max_lead_duration.seconds == longest["seconds"]
    assert not without.settings.HasField("end_time")
    assert not without.settings.HasField("max_lead_duration")
    assert (await api.told(campaign_id)).count("update") == 2


async def test_settings_of_the_next_release_stay(api: Api) -> None:
    """An edit by a replica that does not know them took them out of the campaign."""
    campaign_id = await api.running()
    await limited(api, "settings.end_time", campaign_id=campaign_id, end_time=in_days(30))
    await api.pool.execute(
        "UPDATE campaigns SET settings = settings || '{\"of_the_next\": 7}' WHERE id = $1",
        campaign_id,
    )

    await limited(api, "settings.end_time", campaign_id=campaign_id)

    stored = await api.pool.fetchval("SELECT settings FROM campaigns WHERE id = $1", campaign_id)
    assert stored["of_the_next"] == 7
    assert "end_at" not in stored


async def test_a_campaign_that_would_end_before_it_starts_is_refused(api: Api) -> None:
    """Whichever of the two was there before."""
    campaign_id = await api.create()
    await limited(api, "settings.start_time", campaign_id=campaign_id, start_time=in_days(9))

    with pytest.raises(InvalidArgument) as refused:
        await limited(api, "settings.end_time", campaign_id=campaign_id, end_time=in_days(8))

    assert [each.field for each in refused.value.violations] == ["campaign.settings.end_time"]


async def test_a_campaign_whose_end_has_come_is_not_started(api: Api) -> None:
    """Everybody of its list would be stopped at once."""
    campaign_id = await api.create()
    await api.import_leads(campaign_id, LEADS)
    await limited(api, "settings.end_time", campaign_id=campaign_id, end_time=in_days(-30_000))

    with pytest.raises(FailedPrecondition) as refused:
        await api.stubs.campaigns.StartCampaign(pb.StartCampaignRequest(campaign_id=campaign_id))

    assert refused.value.reason == "END_TIME_PASSED"


async def test_a_drawing_that_is_too_long_for_its_time_is_told(api: Api) -> None:
    """At its creation, as a warning: 90 minutes lie between its two steps."""
    settings = campaign_pb2.CampaignSettings(max_lead_duration={"seconds": 3600})

    made = await api.stubs.campaigns.CreateCampaign(new_campaign(settings=settings))
    longer = campaign_pb2.CampaignSettings(max_lead_duration={"seconds": 9000})
    other = await api.stubs.campaigns.CreateCampaign(new_campaign("other", settings=longer))

    assert [(each.field, each.reason) for each in made.warnings if "TIME" in each.reason] == [
        ("settings.max_lead_duration", "TIME_TOO_SHORT")
    ]
    assert "TIME_TOO_SHORT" not in {each.reason for each in other.warnings}


async def test_nobody_is_admitted_once_the_end_has_come(api: Api) -> None:
    """Those of the list are stopped by whoever looks at it then, and say why."""
    campaign_id = await api.running()
    await limited(api, "settings.end_time", campaign_id=campaign_id, end_time=in_days(1))
    before = await api.admissions.admit(campaign_id, now=NOON, limit=1)
    await api.admissions.confirm_started(campaign_id, [each.lead_id for each in before.leads])
    await api.leads.begin(before.leads[0].lead_id, now=NOON)

    again = await api.admissions.admit(campaign_id, now=NOON + timedelta(days=1), limit=9)

    assert (len(before.leads), again.leads, again.ready) == (1, (), 0)
    ended = await api.leads.page(campaign_id, state=LeadState.STOPPED, limit=9)
    assert [lead.reason for _, lead in ended] == ["CAMPAIGN_TIME_OVER"]


def in_days(days: int) -> Timestamp:
    moment = Timestamp()
    moment.FromDatetime(NOON + timedelta(days=days))
    return moment
