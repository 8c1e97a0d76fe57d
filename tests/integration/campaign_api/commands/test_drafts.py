"""Webhooks and accounts that a sequence or a campaign names, looked up where they live."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from campaigns.campaign_edit import etag_of
from outreach.campaign.v1 import campaign_pb2, campaign_service_pb2
from outreach.campaign.v1 import sequence_service_pb2 as pb
from outreach.common.v1 import sending_window_pb2
from servicekit.errors import AlreadyExists, FailedPrecondition, InvalidArgument, Unavailable

from tests.fakes.campaign_ports import ORGANIZATION
from tests.integration.campaign_api.conftest import ACCOUNT, LEADS, Api, new_campaign

URL = "https://hooks.example.com/leads"


def sequence(**config: Any) -> str:
    """A visit, then a webhook."""
    kind = "notify_webhook" if "targetUrl" in config else "webhook"
    return json.dumps(
        {
            "nodes": [
                {"id": "visit", "type": "action", "data": {"type": "profile_visit", "config": {}}},
                {"id": "hook", "type": "action", "data": {"type": kind, "config": config}},
            ],
            "edges": [{"id": "e1", "source": "visit", "target": "hook", "data": {}}],
        }
    )


async def endpoint_of(api: Api, campaign_id: str) -> str:
    campaign = await api.campaigns.get(campaign_id)
    revision = await api.revisions.get(campaign.revision_id)
    return revision.sequence.step("hook").endpoint_id


@pytest.mark.parametrize("webhook_id", ["ep_7", "b1946ac9-example"])
async def test_a_webhook_is_known_by_either_id(api: Api, webhook_id: str) -> None:
    """The compiled step holds the endpoint, named by our id or by the builder's."""
    api.neighbours.webhooks.add_endpoint("ep_7", builder_webhook_id="b1946ac9-example")

    campaign_id = await api.create(sequence_json=sequence(webhookId=webhook_id))

    assert await endpoint_of(api, campaign_id) == "ep_7"


@pytest.mark.parametrize("webhook_id", ["ep_7", "somebody-elses"])
async def test_an_unknown_webhook_is_told_by_its_field(api: Api, webhook_id: str) -> None:
    """One that does not exist, or is another organization's, is a violation."""
    api.neighbours.webhooks.add_endpoint(
        "ep_7", builder_webhook_id="somebody-elses", organization_id="org_south"
    )

    with pytest.raises(InvalidArgument) as refused:
        await api.create(sequence_json=sequence(webhookId=webhook_id))

    assert [(wrong.field, wrong.reason) for wrong in refused.value.violations] == [
        ("sequence_json.nodes[1].data.config.webhookId", "WEBHOOK_UNKNOWN")
    ]


async def test_an_inline_address_becomes_an_endpoint_once(api: Api) -> None:
    """The older dialect brings its address along: it is registered, for sequences only."""
    flow = sequence(integrationId="crm", targetUrl=URL)

    created = await api.stubs.campaigns.CreateCampaign(new_campaign(sequence_json=flow))
    again = await api.stubs.campaigns.CreateCampaign(new_campaign(sequence_json=flow))

    [endpoint] = api.neighbours.webhooks.endpoints
    assert (endpoint.url, endpoint.builder_webhook_id) == (URL, "crm")
    assert list(endpoint.event_types) == ["sequence.webhook"]
    assert again.campaign == created.campaign
    assert "ENDPOINT_CREATED" in [warning.reason for warning in created.warnings]
    assert await endpoint_of(api, created.campaign.campaign_id) == endpoint.endpoint_id


async def test_an_address_alone_is_its_own_name(api: Api) -> None:
    """Without an id of the builder's, two campaigns that name one address share an endpoint."""
    first = await api.create("first", sequence_json=sequence(targetUrl=URL))
    second = await api.create("second", sequence_json=sequence(targetUrl=URL))

    assert len(api.neighbours.webhooks.endpoints) == 1
    assert await endpoint_of(api, first) == await endpoint_of(api, second)


async def test_a_long_address_has_a_short_name(api: Api) -> None:
    """An address longer than an id may be is known by its hash."""
    long = f"{URL}?token={'x' * 500}"

    campaign_id = await api.create(sequence_json=sequence(targetUrl=long))

    [endpoint] = api.neighbours.webhooks.endpoints
    assert (endpoint.url, len(endpoint.builder_webhook_id) <= 200) == (long, True)
    assert await endpoint_of(api, campaign_id) == endpoint.endpoint_id


async def test_a_forbidden_address_is_told_by_its_field(api: Api) -> None:
    """What the dispatcher refuses is a violation, and no campaign is made."""
    with pytest.raises(InvalidArgument) as refused:
        await api.create(sequence_json=sequence(targetUrl="http://10.0.0.1/"))

    [wrong] = refused.value.violations
    assert (wrong.field, wrong.reason) == (
        "sequence_json.nodes[1].data.config.targetUrl",
        "DESTINATION_FORBIDDEN",
    )


async def test_a_refused_request_leaves_nothing_behind(api: Api) -> None:
    """Lesson 23: no endpoint is registered for a campaign that is wrong elsewhere."""
    with pytest.raises(InvalidArgument):
        await api.create(name="", sequence_json=sequence(targetUrl=URL))

    assert api.neighbours.webhooks.endpoints == []


async def test_validation_registers_nothing(api: Api) -> None:
    """An inline address is announced as a warning only."""
    answer = await api.stubs.sequences.ValidateSequence(
        pb.ValidateSequenceRequest(
            organization_id=ORGANIZATION, sequence_json=sequence(targetUrl=URL)
        )
    )

    assert not answer.violations
    assert "ENDPOINT_CREATED" in [warning.reason for warning in answer.warnings]
    assert api.neighbours.webhooks.endpoints == []


async def test_an_account_of_others_does_not_exist(api: Api) -> None:
    """Accounts are looked up in the organization of the campaign."""
    api.linkedin.add_account("acct_theirs", organization_id="org_south")

    with pytest.raises(InvalidArgument) as refused:
        await api.create(account_ids=["acct_theirs"])

    assert [wrong.reason for wrong in refused.value.violations] == ["ACCOUNT_NOT_FOUND"]


async def test_a_gateway_that_is_away_is_named(api: Api) -> None:
    """A campaign whose accounts cannot be looked up is not created: UNAVAILABLE."""
    api.linkedin.go_away()

    with pytest.raises(Unavailable) as refused:
        await api.create()

    assert refused.value.reason == "SERVICE_UNAVAILABLE"
    assert refused.value.metadata["dependency"] == "linkedin-gateway"


@pytest.mark.parametrize("goes_on", [True, False])
async def test_a_warning_that_the_settings_make_untrue(api: Api, goes_on: bool) -> None:  # noqa: FBT001
    """A condition on replies is warned of, unless the campaign goes on after them."""
    ask = {"type": "condition", "config": {"condition": "replied"}}
    nodes = [
        {"id": "ask", "type": "action", "data": ask},
        {"id": "visit", "type": "action", "data": {"type": "profile_visit"}},
    ]
    flags = {"isConditionalPath": True, "isPositive": True}
    edges = [{"source": "ask", "target": "visit", "data": flags}]
    request = new_campaign(sequence_json=json.dumps({"nodes": nodes, "edges": edges}))
    request.settings.continue_after_reply = goes_on

    created = await api.stubs.campaigns.CreateCampaign(request)

    reasons = [warning.reason for warning in created.warnings]
    assert reasons == ([] if goes_on else ["REPLY_ENDS_SEQUENCE"])
    first = created.campaign.sequence.steps[0]
    assert [(way.name, way.next_step_id) for way in first.exits] == [("yes", "visit"), ("no", "")]


WEEKEND = sending_window_pb2.SendingWindow(
    time_zone="UTC",
    weekdays=[sending_window_pb2.WEEKDAY_SATURDAY],
    opens="09:00",
    closes="18:00",
)
OFFICE = sending_window_pb2.SendingWindow(time_zone="UTC", opens="09:00", closes="18:00")
MINUTE = sending_window_pb2.SendingWindow(time_zone="UTC", opens="09:00", closes="09:01")


@pytest.mark.parametrize("window", [WEEKEND, MINUTE], ids=["weekend", "minute"])
async def test_a_window_in_which_nothing_ever_goes_is_refused(
    api: Api, window: sending_window_pb2.SendingWindow
) -> None:
    """It never meets the account's hours, or is over before a turn is taken."""
    api.linkedin.accounts[ACCOUNT].working_hours.CopyFrom(OFFICE)

    with pytest.raises(InvalidArgument) as refused:
        await api.create(settings=campaign_pb2.CampaignSettings(sending_window=window))

    assert [(each.field, each.reason) for each in refused.value.violations] == [
        ("settings.sending_window", "HOURS_NEVER_MEET")
    ]


async def test_hours_of_which_days_off_leave_nothing_are_refused(api: Api) -> None:
    """A year of them is never; weeks of them end, and are no reason to refuse anything."""
    account, today = api.linkedin.accounts[ACCOUNT], datetime.now(UTC).date()
    account.working_hours.CopyFrom(OFFICE)
    days = [(today + timedelta(days=day)).isoformat() for day in range(-1, 420)]
    account.holidays[:] = days[:40]
    await api.create()
    account.holidays[:] = days

    with pytest.raises(InvalidArgument, match="less its days off") as refused:
        await api.create("two")

    assert [each.reason for each in refused.value.violations] == ["HOURS_NEVER_MEET"]


async def test_hours_that_change_are_told(api: Api) -> None:
    """Before the start they refuse it, and later the status says that nothing ever goes."""
    window = campaign_pb2.CampaignSettings(sending_window=WEEKEND)
    campaign_id, held_up = [
        await api.running(settings=window),
        await api.create("two", settings=window),
    ]
    await api.import_leads(held_up, LEADS)
    api.linkedin.accounts[ACCOUNT].working_hours.CopyFrom(OFFICE)

    status = await api.stubs.campaigns.GetCampaignStatus(
        campaign_service_pb2.GetCampaignStatusRequest(campaign_id=campaign_id)
    )
    with pytest.raises(FailedPrecondition) as refused:
        await api.stubs.campaigns.StartCampaign(
            campaign_service_pb2.StartCampaignRequest(campaign_id=held_up)
        )

    assert any("never meet" in told for told in status.status.explanations)
    assert refused.value.reason == "HOURS_NEVER_MEET"
    assert refused.value.metadata == {"accounts": ACCOUNT}


async def test_a_duplicate_is_a_draft_of_what_a_campaign_is_now(api: Api) -> None:
    """Its sequence, settings and accounts, and none of its leads; the same request is one."""
    settings = campaign_pb2.CampaignSettings(leads_per_day=7)
    campaign_id = await api.running(settings=settings)
    request = campaign_service_pb2.DuplicateCampaignRequest(
        request_id="again", campaign_id=campaign_id
    )

    made, again = [
        (await api.stubs.campaigns.DuplicateCampaign(request)).campaign for _ in range(2)
    ]

    assert made == again
    of = await api.stubs.campaigns.GetCampaign(
        campaign_service_pb2.GetCampaignRequest(campaign_id=campaign_id)
    )
    assert made.campaign_id != campaign_id
    assert made.state == campaign_pb2.CAMPAIGN_STATE_DRAFT
    assert (made.name, made.settings) == (of.campaign.name, of.campaign.settings)
    assert made.account_ids == of.campaign.account_ids
    assert made.sequence.content_hash == of.campaign.sequence.content_hash
    assert made.sequence.number == 1
    assert not await api.leads.page(made.campaign_id, limit=1)


async def test_a_duplicate_may_have_a_name_of_its_own(api: Api) -> None:
    """Without the space around it, as of one that is created; it is refused if it is none."""
    campaign_id = await api.create(name="  Spring ")
    asked = campaign_service_pb2.DuplicateCampaignRequest(
        request_id="again", campaign_id=campaign_id, name="  Autumn "
    )

    made = await api.stubs.campaigns.DuplicateCampaign(asked)
    asked.name = "Autumn"
    again = await api.stubs.campaigns.DuplicateCampaign(asked)
    asked.name = " "
    with pytest.raises(InvalidArgument):
        await api.stubs.campaigns.DuplicateCampaign(asked)

    assert made.campaign.name == "Autumn"
    assert again.campaign == made.campaign
    assert (await api.campaigns.get(campaign_id)).name == "Spring"


async def test_a_request_makes_a_campaign_or_a_copy_of_one(api: Api) -> None:
    """By the id that made a campaign it was answered as its own copy, and so was its twin's."""
    made = await api.create("first")
    twin = await api.create("second")

    for campaign_id in (made, twin):
        with pytest.raises(AlreadyExists) as refused:
            await duplicated(api, "first", campaign_id)
        assert refused.value.reason == "REQUEST_ID_REUSED"


async def test_a_copy_is_of_one_campaign(api: Api) -> None:
    """By the request that copied one neither another one is copied nor a new one is made."""
    one, other = await api.create("first"), await api.create("second")
    copy = await duplicated(api, "copy", one)

    with pytest.raises(AlreadyExists):
        await duplicated(api, "copy", other)
    with pytest.raises(AlreadyExists):
        await api.create("copy")
    assert await duplicated(api, "copy", one) == copy


async def test_what_was_made_before_is_no_copy_of_itself(api: Api) -> None:
    """The release before did not keep what a request was for; what it made is found as ever."""
    made = await api.create("first")
    await api.pool.execute("UPDATE campaigns SET request_hash = left(request_hash, 32)")

    assert await api.create("first") == made
    with pytest.raises(AlreadyExists):
        await duplicated(api, "first", made)


async def duplicated(api: Api, request_id: str, campaign_id: str) -> str:
    asked = campaign_service_pb2.DuplicateCampaignRequest(
        request_id=request_id, campaign_id=campaign_id
    )
    answer = await api.stubs.campaigns.DuplicateCampaign(asked)
    return answer.campaign.campaign_id


async def test_what_was_made_is_found_whatever_became_of_the_world(api: Api) -> None:
    """Whose answer was lost was told that the account is not there, or that the gateway is away."""
    made = await api.create("first")
    api.linkedin.accounts.clear()

    assert await api.create("first") == made
    with pytest.raises(InvalidArgument):
        await api.create("second")

    api.linkedin.go_away()
    assert await api.create("first") == made
    with pytest.raises(AlreadyExists):
        await duplicated(api, "first", made)


async def test_what_was_said_is_kept_beside_what_the_release_before_compares(api: Api) -> None:
    """That compares the whole hash: a retry that came to it was refused as another request."""
    made = await api.create("first")

    kept = await api.pool.fetchval("SELECT request_hash FROM campaigns WHERE id = $1", made)

    assert kept == f"{etag_of(await api.campaigns.get(made))}/"


async def test_what_was_said_is_found_where_it_was_kept_behind_the_hash(api: Api) -> None:
    """As it was for a while: what was made is found though nobody knows its account any more."""
    made = await api.create("first")
    await api.pool.execute(
        "UPDATE campaigns SET request_hash = request_hash || '/' || said, said = ''"
    )
    api.linkedin.accounts.clear()

    assert await api.create("first") == made
