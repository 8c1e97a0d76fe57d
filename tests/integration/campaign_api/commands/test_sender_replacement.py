"""ReplaceSender: who moves, who ends, who stays, and when it is refused."""

from datetime import timedelta

import pytest
from campaigns.models import ConnectionState, StepExecution, StepState
from campaigns.sequences.sequence import StepKind
from campaigns.workflow.contracts import TASK_QUEUE, LeadContract, LeadInput
from outreach.campaign.v1 import campaign_pb2, lead_service_pb2
from outreach.campaign.v1 import campaign_service_pb2 as pb
from outreach.linkedin.v1 import account_pb2
from servicekit.errors import FailedPrecondition, InvalidArgument, ServiceError

from tests.fakes.campaign_workflows import StandInLead, Told
from tests.integration.campaign_api.conftest import ACCOUNT, NOON, Api

NEW = "acct_grace"
LEADS = b"""first_name,linkedin_url
Ada,linkedin.com/in/ada
Bo,linkedin.com/in/bo
Cy,linkedin.com/in/cy
"""
REMOVED = account_pb2.ACCOUNT_STATE_REMOVED
CONNECTED = account_pb2.ACCOUNT_STATE_CONNECTED
STAY, END, MOVE = (
    campaign_pb2.CONTACTED_LEADS_STAY,
    campaign_pb2.CONTACTED_LEADS_END,
    campaign_pb2.CONTACTED_LEADS_MOVE,
)


def request(campaign_id: str, **changes: object) -> pb.ReplaceSenderRequest:
    values = {"account_id": ACCOUNT, "replacement_account_id": NEW, **changes}
    return pb.ReplaceSenderRequest(campaign_id=campaign_id, **values)  # type: ignore[arg-type]


async def three_leads(api: Api) -> tuple[str, dict[str, str]]:
    """Of one account, which is gone: not contacted, visited, connected; their ids by name."""
    campaign_id = await api.create()
    await api.import_leads(campaign_id, LEADS)
    await api.stubs.campaigns.StartCampaign(pb.StartCampaignRequest(campaign_id=campaign_id))
    await api.admissions.admit(campaign_id, now=NOON, limit=3)
    lead_ids = {
        lead.person.public_identifier: lead.id
        for _, lead in await api.leads.page(campaign_id, limit=3)
    }
    for name in ("bo", "cy"):
        visited = StepExecution(step_id="visit", state=StepState.DONE, ended_at=NOON)
        await api.steps.record(campaign_id, lead_ids[name], StepKind.PROFILE_VISIT, visited)
    await api.leads.record_connection(lead_ids["cy"], ConnectionState.CONNECTED, at=NOON)
    api.linkedin.add_account(ACCOUNT, state=REMOVED)
    api.linkedin.add_account(NEW)
    return campaign_id, lead_ids


async def senders(api: Api, campaign_id: str) -> dict[str, str]:
    return {
        lead.person.public_identifier: lead.sender_id
        for _, lead in await api.leads.page(campaign_id, limit=3)
    }


async def test_by_default_only_who_was_not_contacted_moves(api: Api) -> None:
    """The others stay, and the campaign gives no lead to the old account any more."""
    campaign_id, _ = await three_leads(api)

    answer = await api.stubs.campaigns.ReplaceSender(request(campaign_id))

    assert (answer.moved, answer.stayed_contacted, answer.stayed_connected) == (1, 1, 1)
    assert (answer.moved_contacted, answer.ended) == (0, 0)
    assert list(answer.campaign.account_ids) == [NEW]
    assert await senders(api, campaign_id) == {"ada": NEW, "bo": ACCOUNT, "cy": ACCOUNT}


async def test_the_request_says_what_becomes_of_the_others(api: Api) -> None:
    """Contacted and connected leads each have a policy; repeating it changes nothing."""
    campaign_id, _ = await three_leads(api)
    asked = request(campaign_id, contacted_leads=MOVE, connected_leads=MOVE)

    answers = [await api.stubs.campaigns.ReplaceSender(asked) for _ in range(2)]

    assert [(each.moved, each.moved_contacted) for each in answers] == [(1, 2)] * 2
    assert await senders(api, campaign_id) == {"ada": NEW, "bo": NEW, "cy": NEW}


async def test_a_lead_that_is_to_end_is_told_why(api: Api) -> None:
    """Its workflow hears SENDER_GONE."""
    campaign_id, lead_ids = await three_leads(api)
    assert api.temporal is not None
    handle = await api.temporal.start_workflow(
        LeadContract.run,
        LeadInput(campaign_id=campaign_id, lead_id=lead_ids["cy"]),
        id=f"lead/{campaign_id}/{lead_ids['cy']}",
        task_queue=TASK_QUEUE,
        run_timeout=timedelta(minutes=1),
    )

    answer = await api.stubs.campaigns.ReplaceSender(request(campaign_id, connected_leads=END))

    assert (answer.moved, answer.ended, answer.stayed_contacted) == (1, 1, 1)
    assert await handle.query(StandInLead.told) == [Told("end", text="SENDER_GONE")]


async def test_who_stays_is_told_that_it_is_final(api: Api) -> None:
    """Not that it waits until the account is back: what is to be done, and first of all."""
    campaign_id, lead_ids = await three_leads(api)

    got = await api.stubs.leads.GetLead(
        lead_service_pb2.GetLeadRequest(campaign_id=campaign_id, lead_id=lead_ids["bo"])
    )
    status = await api.stubs.campaigns.GetCampaignStatus(
        pb.GetCampaignStatusRequest(campaign_id=campaign_id)
    )

    first, *_ = got.waiting_for
    assert first.reason == "ACCOUNT_REMOVED"
    assert "does not come back by itself" in first.description
    (told,) = [each for each in status.status.explanations if ACCOUNT in each]
    assert "does not come back by itself" in told
    assert "connected again" not in told


@pytest.mark.parametrize(
    ("old", "new", "changes", "refusal", "reason"),
    [
        (CONNECTED, CONNECTED, {}, FailedPrecondition, "SENDER_CONNECTED"),
        (REMOVED, REMOVED, {}, FailedPrecondition, "ACCOUNT_NOT_CONNECTED"),
        (REMOVED, CONNECTED, {"account_id": "acct_other"}, InvalidArgument, "ACCOUNT_NOT_FOUND"),
        (
            REMOVED,
            CONNECTED,
            {"replacement_account_id": "acct_none"},
            InvalidArgument,
            "INVALID_FIELDS",
        ),
        (
            REMOVED,
            CONNECTED,
            {"replacement_account_id": ACCOUNT},
            InvalidArgument,
            "INVALID_FIELDS",
        ),
        (REMOVED, CONNECTED, {"contacted_leads": 9}, InvalidArgument, "INVALID_FIELDS"),
        (REMOVED, CONNECTED, {"account_id": ""}, InvalidArgument, "INVALID_FIELDS"),
    ],
)
async def test_a_replacement_that_makes_no_sense_is_refused(
    api: Api,
    old: account_pb2.AccountState.ValueType,
    new: account_pb2.AccountState.ValueType,
    changes: dict[str, object],
    refusal: type[ServiceError],
    reason: str,
) -> None:
    """And nothing is changed."""
    campaign_id, _ = await three_leads(api)
    api.linkedin.add_account(ACCOUNT, state=old)
    api.linkedin.add_account(NEW, state=new)

    with pytest.raises(refusal) as refused:
        await api.stubs.campaigns.ReplaceSender(request(campaign_id, **changes))

    assert refused.value.reason == reason
    assert await senders(api, campaign_id) == dict.fromkeys(("ada", "bo", "cy"), ACCOUNT)


async def test_a_campaign_that_is_over_keeps_its_senders(api: Api) -> None:
    """CAMPAIGN_ENDED."""
    campaign_id, _ = await three_leads(api)
    await api.pool.execute("UPDATE campaigns SET state = 'completed' WHERE id = $1", campaign_id)

    with pytest.raises(FailedPrecondition) as refused:
        await api.stubs.campaigns.ReplaceSender(request(campaign_id))

    assert refused.value.reason == "CAMPAIGN_ENDED"
