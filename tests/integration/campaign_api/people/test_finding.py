"""People found across campaigns: by any spelling, by e-mail, and by what else they are called."""

from typing import Any

import pytest
from campaigns.models import Person, StepExecution, StepState
from campaigns.sealing.people import PeopleSeal
from campaigns.sequences.sequence import StepKind
from outreach.campaign.v1 import campaign_service_pb2, lead_pb2
from outreach.campaign.v1 import lead_service_pb2 as pb
from servicekit.errors import InvalidArgument, ServiceError

from tests.fakes.campaign_ports import ORGANIZATION
from tests.fakes.sealing import SEAL
from tests.integration.campaign_api.conftest import NOON, Api, reply, report

ADA = b"""first_name,linkedin_url,email
Ada,https://www.linkedin.com/in/ada-example/,Ada.Example@Example.COM
"""
LOVELACE = b"""first_name,linkedin_url
Ada,https://www.linkedin.com/in/ada-lovelace-example/
"""
GRACE = b"""first_name,linkedin_url,email
Grace,https://www.linkedin.com/in/grace-example/,grace@example.com
"""


async def two_campaigns(api: Api) -> tuple[str, str]:
    """Ada and Grace are in one, and Ada by another name in the other."""
    first, second = await api.create("first"), await api.create("second", name="Autumn")
    await api.import_leads(first, ADA)
    await api.import_leads(first, GRACE)
    await api.import_leads(second, LOVELACE)
    return first, second


async def found(api: Api, **person: Any) -> list[pb.FoundLead]:
    request = pb.FindLeadsRequest(organization_id=ORGANIZATION, **person)
    return list((await api.stubs.leads.FindLeads(request)).leads)


async def campaigns_of(api: Api, **person: Any) -> list[str]:
    return [each.campaign_name for each in await found(api, **person)]


@pytest.mark.parametrize(
    "address",
    [
        "https://www.linkedin.com/in/Ada-Example/?utm=1",
        "in/ada-example",
        "@ada-example",
        "ada-example",
        " linkedin.com/in/ada-example ",
    ],
)
async def test_a_person_is_found_by_any_spelling(api: Api, address: str) -> None:
    """As lists take it; nobody else is told, and no other organization's."""
    await two_campaigns(api)

    (lead,) = await found(api, address=address)

    assert lead.campaign_name == "Spring"
    assert lead.lead.first_name == "Ada"
    assert lead.lead.state == lead_pb2.LEAD_STATE_READY


async def test_who_has_another_name_elsewhere_is_found_there_too(api: Api) -> None:
    """The newest first: what a profile has shown to be one person is one here."""
    await two_campaigns(api)
    api.linkedin.called.append({"ada-example", "ada-lovelace-example"})

    assert await campaigns_of(api, address="ada-example") == ["Autumn", "Spring"]
    assert await campaigns_of(api, address="in/ada-lovelace-example") == ["Autumn", "Spring"]
    assert await campaigns_of(api, email="ada.example@example.com") == ["Autumn", "Spring"]


async def test_a_lead_that_has_acted_on_the_person_is_theirs(api: Api) -> None:
    """Whatever its list calls them: the gateway knows on whom it acted."""
    _, second = await two_campaigns(api)
    ((_, lead),) = await api.leads.page(second, limit=5)
    api.linkedin.acting["ada-example"] = [(second, lead.id)]

    assert await campaigns_of(api, address="ada-example") == ["Autumn", "Spring"]


async def test_by_email_leads_of_an_earlier_release_are_found(api: Api) -> None:
    """They are made ready when somebody is looked for, and nobody who follows leads hears of it."""
    await two_campaigns(api)
    await api.pool.execute("ALTER TABLE leads DISABLE TRIGGER leads_updated")
    await api.pool.execute("UPDATE leads SET email_hash = NULL")
    await api.pool.execute("ALTER TABLE leads ENABLE TRIGGER leads_updated")
    before = await api.pool.fetch("SELECT id, updated_at, changed_in FROM leads ORDER BY id")

    assert await campaigns_of(api, email="GRACE@example.com") == ["Spring"]

    after = await api.pool.fetch("SELECT id, updated_at, changed_in FROM leads ORDER BY id")
    assert after == before


async def test_by_email_they_are_found_while_somebody_refers_to_one(api: Api) -> None:
    """Whoever writes what refers to a lead holds its key: no reader failed before, nor waited."""
    await two_campaigns(api)
    await api.pool.execute("ALTER TABLE leads DISABLE TRIGGER leads_updated")
    await api.pool.execute("UPDATE leads SET email_hash = NULL")
    await api.pool.execute("ALTER TABLE leads ENABLE TRIGGER leads_updated")

    async with api.pool.acquire() as connection, connection.transaction():
        await connection.execute("SELECT FROM leads FOR KEY SHARE")
        told = await campaigns_of(api, email="GRACE@example.com")

    assert told == ["Spring"]


async def test_whose_data_is_completed_is_found_by_the_new_email(api: Api) -> None:
    """A process of the release before changes what is known of a person, and knows no hash."""
    await two_campaigns(api)
    ((_, lead), *_) = await api.leads.page(await campaign_called(api, "Spring"), limit=1)
    people = PeopleSeal(SEAL, "leads")
    person = Person(public_identifier=lead.person.public_identifier, email="new@example.com")
    keys = await people.keys(api.pool, ORGANIZATION, [person])
    (written,) = people.written(ORGANIZATION, [(lead.id, person)], keys)

    await api.pool.execute("UPDATE leads SET person = $2 WHERE id = $1", lead.id, written["person"])

    assert await campaigns_of(api, email="new@example.com") == ["Spring"]
    assert await campaigns_of(api, email="ada.example@example.com") == []


async def test_what_was_said_and_heard_is_told_in_order(api: Api) -> None:
    """A step that is not done has said nothing yet; a reply comes with its time."""
    campaign_id = await api.running()
    ((_, lead), *_) = await api.leads.page(campaign_id, limit=1)
    await api.admissions.admit(campaign_id, now=NOON, limit=1)
    done = StepExecution(step_id="invite", state=StepState.DONE, started_at=NOON, ended_at=NOON)
    await api.texts.keep(lead.id, "visit", "Not said yet")
    await api.texts.keep(lead.id, "invite", "Hello Grace")
    await api.texts.keep(lead.id, "invite~1", "Hello again, Grace")
    await api.steps.record(campaign_id, lead.id, StepKind.SEND_CONNECTION_REQUEST, done)
    await report(api, reply("evt_1", (campaign_id, lead.id), text="Call me."))

    (told,) = await found(api, address="grace-example")

    assert [(each.author, each.text, each.step_id) for each in told.messages] == [
        (pb.LEAD_MESSAGE_AUTHOR_SEQUENCE, "Hello again, Grace", "invite"),
        (pb.LEAD_MESSAGE_AUTHOR_PERSON, "Call me.", ""),
    ]
    assert all(each.HasField("write_time") for each in told.messages)
    assert [step.step_id for step in told.steps] == ["invite"]


async def test_leads_come_page_by_page(api: Api) -> None:
    """And a token of one person is not another's."""
    await two_campaigns(api)
    api.linkedin.called.append({"ada-example", "ada-lovelace-example"})
    asked = {"organization_id": ORGANIZATION, "address": "ada-example", "page_size": 1}

    first = await api.stubs.leads.FindLeads(pb.FindLeadsRequest(**asked))
    token = first.next_page_token
    second = await api.stubs.leads.FindLeads(pb.FindLeadsRequest(**asked, page_token=token))

    assert [first.leads[0].campaign_name, second.leads[0].campaign_name] == ["Autumn", "Spring"]
    assert second.next_page_token == ""
    with pytest.raises(InvalidArgument):
        await found(api, address="grace-example", page_token=token)


async def test_deleted_campaigns_are_told_if_asked_for(api: Api) -> None:
    """What was said there was said."""
    first, _ = await two_campaigns(api)
    await api.stubs.campaigns.DeleteCampaign(
        campaign_service_pb2.DeleteCampaignRequest(campaign_id=first)
    )

    assert await campaigns_of(api, address="ada-example") == []
    assert await campaigns_of(api, address="ada-example", show_deleted=True) == ["Spring"]


@pytest.mark.parametrize(
    "person", [{"address": "https://example.com/ada"}, {"email": "ada at example"}, {}]
)
async def test_what_names_nobody_is_refused(api: Api, person: dict[str, str]) -> None:
    """Before anybody is asked."""
    with pytest.raises(InvalidArgument):
        await found(api, **person)


async def test_it_says_so_when_the_gateway_is_away(api: Api) -> None:
    """Half of the truth would pass for all of it."""
    await two_campaigns(api)
    api.linkedin.go_away()

    with pytest.raises(ServiceError) as refused:
        await found(api, address="ada-example")

    assert refused.value.reason == "SERVICE_UNAVAILABLE"


async def campaign_called(api: Api, name: str) -> str:
    return str(await api.pool.fetchval("SELECT id FROM campaigns WHERE name = $1", name))
