"""Where a campaign stands, to the unit, and why it is not further."""

import asyncio
from typing import Any

import pytest
from asyncpg.connection import Connection
from campaigns.models import ConnectionState, LeadState, StepExecution, StepState
from campaigns.sequences.sequence import StepKind
from outreach.campaign.v1 import campaign_pb2, campaign_service_pb2, lead_service_pb2
from outreach.common.v1 import error_reason_pb2
from outreach.linkedin.v1 import account_pb2, action_pb2, pace_pb2
from servicekit.auth import known_caller
from servicekit.errors import InvalidArgument

from tests.fakes.campaign_ports import ORGANIZATION
from tests.integration.campaign_api.conftest import ACCOUNT, NOON, Api


async def status_of(api: Api, campaign_id: str) -> campaign_pb2.CampaignStatus:
    answer = await api.stubs.campaigns.GetCampaignStatus(
        campaign_service_pb2.GetCampaignStatusRequest(campaign_id=campaign_id)
    )
    return answer.status


async def test_a_draft_says_that_it_has_not_started(api: Api) -> None:
    """And that nobody is in it yet; every step is listed with zeros."""
    status = await status_of(api, await api.create())

    assert list(status.explanations) == [
        "The campaign has not been started.",
        "It has no leads yet.",
    ]
    assert [(step.step_id, step.done) for step in status.steps] == [("visit", 0), ("invite", 0)]
    assert not status.HasField("estimated_end_time")


async def test_leads_and_steps_are_counted(api: Api) -> None:
    """Each lead in one state; each step by how it fared; the funnel by what was really done."""
    campaign_id = await api.running()
    listed = await api.stubs.leads.ListLeads(
        lead_service_pb2.ListLeadsRequest(campaign_id=campaign_id)
    )
    first, second = (each.lead.lead_id for each in listed.leads)
    done = StepExecution(step_id="visit", state=StepState.DONE, started_at=NOON, ended_at=NOON)
    waiting = StepExecution(step_id="invite", state=StepState.WAITING, started_at=NOON)
    for lead_id in (first, second):
        await api.steps.record(campaign_id, lead_id, StepKind.PROFILE_VISIT, done)
    await api.steps.record(campaign_id, first, StepKind.SEND_CONNECTION_REQUEST, waiting)
    await api.leads.record_connection(second, ConnectionState.CONNECTED, at=NOON)
    await api.leads.finish(second, state=LeadState.REPLIED, reason="", now=NOON)

    status = await status_of(api, campaign_id)

    assert (status.leads, status.ready, status.replied) == (2, 1, 1)
    assert [(step.done, step.waiting) for step in status.steps] == [(2, 0), (0, 1)]
    assert (status.funnel.visited, status.funnel.invited) == (2, 0)
    assert status.HasField("estimated_end_time")


async def test_a_lost_account_is_explained(api: Api) -> None:
    """People see which account is missing, in the provider's word."""
    campaign_id = await api.running()
    api.linkedin.add_account(
        ACCOUNT, state=account_pb2.ACCOUNT_STATE_DISCONNECTED, reason="CREDENTIALS"
    )

    status = await status_of(api, campaign_id)

    assert any(
        "Ada (acct_ada) is disconnected (CREDENTIALS)" in told for told in status.explanations
    )


async def test_a_gateway_that_is_away_does_not_hide_the_counts(api: Api) -> None:
    """The counts are told, and that the rest is not known."""
    campaign_id = await api.running()
    api.linkedin.go_away()

    status = await status_of(api, campaign_id)
    listed = await api.stubs.leads.ListLeads(
        lead_service_pb2.ListLeadsRequest(campaign_id=campaign_id)
    )
    lead_id = listed.leads[0].lead.lead_id
    await api.admissions.admit(campaign_id, now=NOON, limit=1)
    lead = await api.stubs.leads.GetLead(
        lead_service_pb2.GetLeadRequest(campaign_id=campaign_id, lead_id=lead_id)
    )

    assert status.leads == 2
    assert [told for told in status.explanations if told.startswith("linkedin-gateway")]
    assert lead.waiting_for[-1].reason == "SERVICE_UNAVAILABLE"


async def test_readers_ask_the_gateway_once_in_a_while(api: Api) -> None:
    """Many who read at once do not multiply the questions to the gateway for ever."""
    campaign_id = await api.running()
    await status_of(api, campaign_id)
    asked = api.linkedin.questions

    await asyncio.gather(*(status_of(api, campaign_id) for _ in range(20)))

    assert api.linkedin.questions == asked


async def test_many_senders_are_asked_for_at_once(api: Api) -> None:
    """Neither a start nor a look at a campaign asks the gateway more because more accounts send.

    A status of forty senders was forty calls every two seconds for as long as anybody watched.
    """
    senders = [f"acct_{number}" for number in range(40)]
    for sender in senders:
        api.linkedin.add_account(sender)
    questions = {}

    for name, account_ids in (("one", senders[:1]), ("all", senders)):
        before = api.linkedin.questions
        campaign_id = await api.running(name, account_ids=account_ids)
        await status_of(api, campaign_id)
        questions[name] = api.linkedin.questions - before

    assert questions["all"] == questions["one"]


async def test_what_waits_at_the_gateway_is_told(api: Api) -> None:
    """The status says it of all leads at once, as GetLead does of each."""
    campaign_id = await api.running()
    api.linkedin.waiting = [
        pace_pb2.WaitingActions(
            account_id=ACCOUNT,
            kind=action_pb2.ACTION_KIND_INVITATION,
            reason="WAITING_FOR_CAP",
            actions=2,
        )
    ]

    status = await status_of(api, campaign_id)

    assert any(
        told.startswith("2 leads wait for a cap on invitations") for told in status.explanations
    )


async def test_a_lead_of_the_list_tells_its_own_day(api: Api) -> None:
    """The first enters now, the second when the next day lets it; the campaign says the same."""
    settings = campaign_pb2.CampaignSettings(leads_per_day=1)
    campaign_id = await api.running(settings=settings)
    leads = [lead for _, lead in await api.leads.page(campaign_id, limit=2)]

    told = [
        await api.stubs.leads.GetLead(
            lead_service_pb2.GetLeadRequest(campaign_id=campaign_id, lead_id=lead.id)
        )
        for lead in leads
    ]
    status = await status_of(api, campaign_id)

    first, second = (answer.waiting_for[0] for answer in told)
    assert (first.reason, second.reason) == ("ADMISSION", "ADMISSION_LEADS_PER_DAY")
    tomorrow = second.until_time.ToDatetime()
    assert f"the next is admitted at {tomorrow:%Y-%m-%d} 00:00 UTC" in status.explanations[0]


async def statuses_of(api: Api, *campaign_ids: str, **asked: Any) -> list[Any]:
    answer = await api.stubs.campaigns.BatchGetCampaignStatus(
        campaign_service_pb2.BatchGetCampaignStatusRequest(
            organization_id=asked.get("organization_id", ORGANIZATION), campaign_ids=campaign_ids
        )
    )
    return list(answer.results)


async def test_several_are_told_as_each_is(api: Api) -> None:
    """In the order of the request, with what waits for each; only the moment is another."""
    draft, running = await api.create("draft"), await api.running()
    api.linkedin.waiting = [
        pace_pb2.WaitingActions(
            campaign_id=running,
            account_id=ACCOUNT,
            kind=action_pb2.ACTION_KIND_INVITATION,
            reason="WAITING_FOR_CAP",
            actions=2,
        )
    ]

    told = await statuses_of(api, running, draft)

    alone = [await status_of(api, campaign_id) for campaign_id in (running, draft)]
    assert "2 leads wait for a cap" in " ".join(told[0].status.explanations)
    for each in [*alone, *(result.status for result in told)]:
        each.ClearField("count_time")
    assert [result.campaign_id for result in told] == [running, draft]
    assert [result.status for result in told] == alone


async def test_all_accounts_are_asked_for_at_once(api: Api) -> None:
    """One question for the accounts of all campaigns: it was one for each of hundreds."""
    accounts = [f"acct_{number}" for number in range(30)]
    for account_id in accounts:
        api.linkedin.add_account(account_id)
    running = [
        await api.running(f"from {first}", account_ids=accounts[first : first + 20])
        for first in (0, 10)
    ]
    api.linkedin.add_account(
        accounts[-1], state=account_pb2.ACCOUNT_STATE_DISCONNECTED, reason="CREDENTIALS"
    )
    api.linkedin.listed.clear()

    first, second = await statuses_of(api, *running)

    assert api.linkedin.listed == [sorted(accounts)]
    lost = "29 (acct_29) is disconnected (CREDENTIALS)"
    assert lost in " ".join(second.status.explanations)
    assert lost not in " ".join(first.status.explanations)


async def test_what_is_not_there_hides_no_other(api: Api) -> None:
    """Unknown, deleted and no id at all: each is told as missing in its own place."""
    there, deleted = await api.create("there"), await api.create("deleted")
    await api.stubs.campaigns.DeleteCampaign(
        campaign_service_pb2.DeleteCampaignRequest(campaign_id=deleted, force=True)
    )

    told = await statuses_of(api, "camp_xyz", there, deleted, "lead_1")

    missing = error_reason_pb2.ERROR_REASON_CAMPAIGN_NOT_FOUND
    assert [result.error for result in told] == [missing, 0, missing, missing]
    assert told[1].status.campaign_id == there


async def test_anothers_campaign_is_missing(api: Api) -> None:
    """An id of another organization is told as one that was never given out."""
    campaign_id = await api.create()

    (told,) = await statuses_of(api, campaign_id, organization_id="org_south")

    assert told.error == error_reason_pb2.ERROR_REASON_CAMPAIGN_NOT_FOUND


async def test_many_are_counted_by_as_many_statements_as_one(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page of dashboards does not multiply the questions to PostgreSQL or the gateway."""
    campaigns = [await api.running(f"r{number}") for number in range(12)]
    statements: list[str] = []
    execute = Connection._execute

    async def counted(self: Any, query: str, *args: Any, **given: Any) -> Any:
        # Loops of the process go on meanwhile, and are nobody's call.
        if known_caller() is not None:
            statements.append(query)
        return await execute(self, query, *args, **given)

    monkeypatch.setattr(Connection, "_execute", counted)
    await statuses_of(api, campaigns[0])
    one, by_one = len(statements), api.linkedin.questions
    statements.clear()
    api.linkedin.questions = 0

    await statuses_of(api, *campaigns[1:])

    assert len(statements) == one > 0
    assert api.linkedin.questions <= by_one


@pytest.mark.parametrize(
    ("campaign_ids", "field"),
    [
        ([], "campaign_ids"),
        (["camp_1", "camp_1"], "campaign_ids[1]"),
        ([""], "campaign_ids[0]"),
        ([f"camp_{number}" for number in range(101)], "campaign_ids"),
    ],
    ids=["none", "twice", "empty", "too many"],
)
async def test_the_ids_that_are_wrong_are_named(
    api: Api, campaign_ids: list[str], field: str
) -> None:
    """At least one, at most a hundred, each once."""
    with pytest.raises(InvalidArgument) as refused:
        await statuses_of(api, *campaign_ids)

    assert [wrong.field for wrong in refused.value.violations] == [field]
