"""An event's organization, account, campaign and lead belong together, or nobody hears of it."""

from outreach.campaign.v1 import lead_service_pb2
from outreach.campaign.v1 import linkedin_event_service_pb2 as pb

from tests.fakes.campaign_ports import ORGANIZATION
from tests.integration.campaign_api.conftest import ACCOUNT, Api, event, reply, report

DISCONNECTED = pb.AccountDisconnected(reason="CREDENTIALS")


async def lead_of(api: Api, request_id: str = "first") -> tuple[str, str]:
    campaign_id = await api.running(request_id)
    listed = await api.stubs.leads.ListLeads(
        lead_service_pb2.ListLeadsRequest(campaign_id=campaign_id)
    )
    return campaign_id, listed.leads[0].lead.lead_id


def of(organization_id: str, made: pb.LinkedInEvent) -> pb.LinkedInEvent:
    made.organization_id = organization_id
    return made


def counted(api: Api, kind: str, outcome: str) -> float:
    labels = {"event": kind, "outcome": outcome}
    return api.registry.get_sample_value("linkedin_events_total", labels) or 0.0


async def test_a_reply_reaches_no_lead_of_another_organization(api: Api) -> None:
    """It once ended the lead, whichever organization the event named; its own is told."""
    lead = await lead_of(api)

    await report(api, of("org_other", reply("evt_1", lead)))
    refused = counted(api, "ReplyReceived", "not_theirs")
    await report(api, reply("evt_2", lead))

    assert refused == 1
    assert counted(api, "ReplyReceived", "not_theirs") == 1
    assert counted(api, "ReplyReceived", "too_late") == 1


async def test_a_lead_is_one_of_its_campaign(api: Api) -> None:
    """A campaign and the lead of another campaign of the same organization are no lead."""
    _, lead_id = await lead_of(api)
    other, _ = await lead_of(api, "second")

    await report(api, reply("evt_1", (other, lead_id), ("camp_0", lead_id)))

    assert counted(api, "ReplyReceived", "not_theirs") == 2


async def test_one_that_is_not_theirs_keeps_no_other_from_being_told(api: Api) -> None:
    """What belongs together in the same event is passed on."""
    lead = await lead_of(api)

    await report(api, reply("evt_1", ("camp_0", "lead_0"), lead))

    assert counted(api, "ReplyReceived", "not_theirs") == 1
    assert counted(api, "ReplyReceived", "too_late") == 1


async def test_an_account_is_told_of_to_its_organization_only(api: Api) -> None:
    """One that sends for campaigns of others only; one that sends for none is not known here."""
    await api.create("first")

    await report(api, of("org_other", event("evt_1", account_disconnected=DISCONNECTED)))
    before = len(api.neighbours.webhooks.events)
    await report(api, event("evt_2", account_disconnected=DISCONNECTED))
    unknown = of("org_other", event("evt_3", account_disconnected=DISCONNECTED))
    unknown.account_id = "acct_new"
    await report(api, unknown)

    heard = api.neighbours.webhooks.events.values()
    told = [(each.organization_id, each.account.id) for each in heard]
    assert before == 0
    assert told == [(ORGANIZATION, ACCOUNT), ("org_other", "acct_new")]
    assert counted(api, "AccountDisconnected", "not_theirs") == 1


async def test_a_reply_to_another_organizations_account_is_not_believed(api: Api) -> None:
    """Nor of a lead that is theirs: no account of others can have heard it."""
    lead = await lead_of(api)
    theirs = await api.create("theirs")
    await api.pool.execute("DELETE FROM revisions WHERE campaign_id = $1", theirs)
    await api.pool.execute(
        "UPDATE campaigns SET organization_id = 'org_other', account_ids = '{acct_theirs}'"
        " WHERE id = $1",
        theirs,
    )
    forged = reply("evt_1", lead)
    forged.account_id = "acct_theirs"

    await report(api, forged)

    assert counted(api, "ReplyReceived", "not_theirs") == 1
