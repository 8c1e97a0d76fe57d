"""Whose leads a reply ends, by the setting of the campaign that it was a reply to."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from campaigns.answers import ReplyScope
from campaigns.models import LeadState
from campaigns.repositories.edits.purge_repository import PurgeRepository
from campaigns.workflow.contracts import TASK_QUEUE, LeadInput, lead_workflow_id
from outreach.campaign.v1 import campaign_pb2
from outreach.webhook.v1 import event_pb2
from servicekit.errors import ServiceError
from webhook_dispatcher.convert.payload import payload

from tests.event_catalogue import differences
from tests.fakes.campaign_workflows import StandInLead, Told
from tests.integration.campaign_api.conftest import Api, reply, report

PEOPLE = b"""first_name,linkedin_url,company
Grace,https://www.linkedin.com/in/grace-example/,Example Works GmbH
Alan,linkedin.com/in/alan-example,EXAMPLE works
Edsger,linkedin.com/in/edsger-example,Another Ltd
"""


async def campaign(api: Api, name: str, scope: ReplyScope, **settings: Any) -> str:
    """A running campaign with the three people; nobody has been admitted."""
    number = campaign_pb2.ReplyScope.Value(f"REPLY_SCOPE_{scope.name}")
    campaign_id = await api.create(
        name, settings=campaign_pb2.CampaignSettings(reply_scope=number, **settings)
    )
    await api.import_leads(campaign_id, PEOPLE)
    await api.pool.execute("UPDATE campaigns SET state = 'running' WHERE id = $1", campaign_id)
    return campaign_id


async def lead(api: Api, campaign_id: str, first_name: str) -> Any:
    listed = await api.leads.page(campaign_id, limit=10)
    return next(each for _, each in listed if each.person.first_name == first_name)


async def ended(api: Api, campaign_id: str) -> dict[str, str]:
    """Who was ended, each with the reason."""
    return {
        each.person.first_name: each.reason
        for _, each in await api.leads.page(campaign_id, limit=10)
        if each.state is LeadState.STOPPED
    }


@pytest.mark.parametrize(
    ("scope", "elsewhere", "here"),
    [
        (ReplyScope.CAMPAIGN, {}, {}),
        (ReplyScope.ORGANIZATION, {"Grace": "REPLIED_ELSEWHERE"}, {}),
        (
            ReplyScope.COMPANY,
            {"Grace": "REPLIED_ELSEWHERE", "Alan": "COLLEAGUE_REPLIED"},
            {"Alan": "COLLEAGUE_REPLIED"},
        ),
    ],
)
async def test_a_reply_reaches_as_far_as_the_campaign_says(
    api: Api, scope: ReplyScope, elsewhere: dict[str, str], here: dict[str, str]
) -> None:
    """Companies are the same whatever their case and legal form; the gateway is told first."""
    one = await campaign(api, "one", scope)
    other = await campaign(api, "other", ReplyScope.CAMPAIGN)
    grace = await lead(api, one, "Grace")

    for _ in range(2):
        await report(api, reply("evt_1", (one, grace.id)))

    assert await ended(api, other) == elsewhere
    assert await ended(api, one) == here
    assert len(api.linkedin.replied) == len(elsewhere) + len(here)
    reasons = [*elsewhere.values(), *here.values()]
    assert len(api.linkedin.answered) == reasons.count("REPLIED_ELSEWHERE")


async def test_who_has_begun_is_told_at_once(api: Api) -> None:
    """A lead that walks its sequence ends by its workflow, which calls off what waits."""
    one = await campaign(api, "one", ReplyScope.ORGANIZATION)
    other = await campaign(api, "other", ReplyScope.CAMPAIGN)
    grace, same = await lead(api, one, "Grace"), await lead(api, other, "Grace")
    await api.pool.execute(
        "UPDATE leads SET state = 'running', started_at = created_at WHERE id = $1", same.id
    )
    assert api.temporal is not None
    handle = await api.temporal.start_workflow(
        StandInLead.run,
        LeadInput(campaign_id=other, lead_id=same.id),
        id=lead_workflow_id(other, same.id),
        task_queue=TASK_QUEUE,
    )

    await report(api, reply("evt_1", (one, grace.id)))

    assert await handle.query(StandInLead.told) == [Told("end", text="REPLIED_ELSEWHERE")]
    assert api.linkedin.replied == {(other, same.id)}


async def test_campaigns_that_go_on_after_replies_do_so(api: Api) -> None:
    """Whoever replied, and wherever."""
    one = await campaign(api, "one", ReplyScope.COMPANY)
    other = await campaign(api, "other", ReplyScope.CAMPAIGN, continue_after_reply=True)
    grace = await lead(api, one, "Grace")

    await report(api, reply("evt_1", (one, grace.id)))

    assert await ended(api, other) == {}


@pytest.mark.parametrize(
    ("scope", "elsewhere"),
    [
        (ReplyScope.CAMPAIGN, {}),
        (ReplyScope.ORGANIZATION, {"Grace": "REPLIED_ELSEWHERE"}),
        (
            ReplyScope.COMPANY,
            {"Grace": "REPLIED_ELSEWHERE", "Alan": "COLLEAGUE_REPLIED"},
        ),
    ],
)
async def test_a_reply_to_a_purged_campaign_reaches_as_far(
    api: Api, scope: ReplyScope, elsewhere: dict[str, str]
) -> None:
    """It was dropped as nobody's, and whoever it ends was contacted; a year later it is nobody's.

    Of whom the campaign had not contacted nothing is kept.
    """
    one = await campaign(api, "one", scope)
    other = await campaign(api, "other", ReplyScope.CAMPAIGN)
    grace = await lead(api, one, "Grace")
    await api.pool.execute(
        "UPDATE leads SET state = 'completed', started_at = created_at WHERE id = $1", grace.id
    )
    await api.pool.execute(
        "UPDATE campaigns SET state = 'stopped', deleted_at = now(), purge_at = now()"
        " WHERE id = $1",
        one,
    )
    now = datetime.now(UTC)
    purges = PurgeRepository(api.pool)

    purged = await purges.purge(now=now, keep=timedelta())
    kept = await api.pool.fetch("SELECT lead_id FROM purged_leads")
    await report(api, reply("evt_1", (one, grace.id)))
    await purges.purge(now=now + timedelta(days=366), keep=timedelta())

    assert purged == 1
    assert [row["lead_id"] for row in kept] == ([grace.id] if elsewhere else [])
    assert await ended(api, other) == elsewhere
    assert await api.pool.fetchval("SELECT count(*) FROM purged_leads") == 0


async def purged(api: Api, campaign_id: str) -> None:
    """Everything of it is forgotten."""
    await api.pool.execute(
        "UPDATE campaigns SET state = 'stopped', deleted_at = now(), purge_at = now()"
        " WHERE id = $1",
        campaign_id,
    )
    await PurgeRepository(api.pool).purge(now=datetime.now(UTC), keep=timedelta())


async def test_a_reply_to_a_purged_campaign_is_told_by_ids(api: Api) -> None:
    """Customers missed who answered; nothing that the person wrote, or is, is passed on or kept."""
    one = await campaign(api, "one", ReplyScope.CAMPAIGN)
    grace, alan = await lead(api, one, "Grace"), await lead(api, one, "Alan")
    await purged(api, one)
    note = reply("evt_2", (one, alan.id))
    note.reply_received.automatic = True

    for each in (reply("evt_1", (one, grace.id)), reply("evt_1", (one, grace.id)), note):
        await report(api, each)

    (event,) = api.neighbours.webhooks.events.values()
    said = reply("evt_1", (one, grace.id)).reply_received
    assert event.type == event_pb2.EVENT_TYPE_REPLY_RECEIVED
    assert differences(json.loads(payload(event))) == []
    assert event.campaign == event_pb2.CampaignSnapshot(id=one)
    assert event.lead == event_pb2.LeadSnapshot(
        id=grace.id, account_id=event.lead.account_id, connection_status="replied"
    )
    assert event.reply == event_pb2.ReplySnapshot(chat_id=said.chat_id, message_id=said.message_id)
    assert said.text


async def test_nobody_hears_of_a_purged_campaign_that_is_not_theirs(api: Api) -> None:
    """Nor of who was removed from one that is still there."""
    one, other = await campaign(api, "one", ReplyScope.CAMPAIGN), await api.create("other")
    grace = await lead(api, one, "Grace")
    await purged(api, one)
    foreign = reply("evt_1", (one, grace.id))
    foreign.organization_id = "org_another"

    await report(api, foreign)
    await report(api, reply("evt_2", (other, grace.id)))

    assert not api.neighbours.webhooks.events


async def test_an_automatic_reply_reaches_nobody(api: Api) -> None:
    """A machine's note says nothing about others."""
    one = await campaign(api, "one", ReplyScope.COMPANY)
    grace = await lead(api, one, "Grace")
    note = reply("evt_1", (one, grace.id))
    note.reply_received.automatic = True

    await report(api, note)

    assert await ended(api, one) == {}
    assert not api.linkedin.replied


async def test_nobody_is_ended_before_the_gateway_knows(api: Api) -> None:
    """While it is away the event is refused whole, and reported again."""
    one = await campaign(api, "one", ReplyScope.COMPANY)
    grace = await lead(api, one, "Grace")
    api.linkedin.go_away()

    with pytest.raises(ServiceError):
        await report(api, reply("evt_1", (one, grace.id)))
    assert await ended(api, one) == {}

    api.linkedin.come_back()
    await report(api, reply("evt_1", (one, grace.id)))
    assert await ended(api, one) == {"Alan": "COLLEAGUE_REPLIED"}
