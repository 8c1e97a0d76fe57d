"""Texts as leads would get them, and how variants are compared."""

import json
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import httpx
import pytest
from automation.optimisation.experiments import read_experiment, read_hold_out
from automation.optimisation.looks import Experiment, planned_looks
from automation.outcomes.cohorts import by_variant, cohorts_by
from campaign_api.clients.linkedin_gateway import Gateway
from campaign_api.clients.temporal import TemporalConnection
from campaign_api.queries.message_previews import MessagePreview, MessagePreviews, TextSource
from campaigns.models import ConnectionState, StepExecution, StepState
from campaigns.repositories.experiment_repository import ExperimentRepository
from campaigns.repositories.outcomes.outcome_repository import OutcomeRepository
from campaigns.revision_cache import RevisionCache
from campaigns.sequences.experiment import ExperimentState
from campaigns.sequences.sequence import StepKind
from campaigns.sequences.variants import variant_of
from campaigns.writer import Writer
from outreach.campaign.v1 import (
    campaign_service_pb2,
    experiment_pb2,
    preview_pb2,
    sequence_service_pb2,
)
from outreach.linkedin.v1 import account_pb2
from servicekit.backoff import Backoff
from servicekit.errors import InvalidArgument, NotFound, Unavailable
from servicekit.grpc import client as grpc_client

from tests.integration.campaign_api.conftest import ACCOUNT, NOON, SCHEMA, Api, running_api

DAY = timedelta(days=1)
LEADS = b"""first_name,linkedin_url,company
Grace,linkedin.com/in/grace-example,Acme
,linkedin.com/in/alan-example,
"""


def drawn(*nodes: tuple[str, str, dict[str, Any]]) -> str:
    """Nodes in a row."""
    made = [
        {"id": name, "type": "action", "data": {"type": action, "label": name, "config": config}}
        for name, action, config in nodes
    ]
    edges = [
        {"id": f"e{i}", "source": first[0], "target": second[0]}
        for i, (first, second) in enumerate(pairwise(nodes))
    ]
    return json.dumps({"nodes": made, "edges": edges})


INVITE = ("invite", "send_connection_request", {"customMessage": "{Hi|Hello} {{first_name}}"})
MESSAGE = ("message", "send_followup", {"customMessage": "Best, {{sender.first_name}}\n\nPS: hi"})
COMMENT = ("comment", "comment_post", {"configureWithAI": True, "customComment": "Well said."})
WRITTEN = ("written", "send_followup", {"configureWithAI": True, "customMessage": "Thanks!"})


async def preview(api: Api, campaign_id: str, **asked: Any) -> list[preview_pb2.LeadPreview]:
    request = sequence_service_pb2.PreviewMessagesRequest(campaign_id=campaign_id, **asked)
    return list((await api.stubs.sequences.PreviewMessages(request)).leads)


async def drafted(api: Api, *nodes: tuple[str, str, dict[str, Any]]) -> str:
    campaign_id = await api.create(sequence_json=drawn(*nodes))
    await api.import_leads(campaign_id, LEADS)
    return campaign_id


async def test_every_text_for_every_lead(api: Api) -> None:
    """Rendered with its sender: length against the plan's limit, choices, what is missing."""
    api.linkedin.accounts[ACCOUNT].tier = account_pb2.ACCOUNT_TIER_FREE
    campaign_id = await drafted(api, INVITE, MESSAGE)

    grace, alan = await preview(api, campaign_id)

    note, message = grace.messages
    assert note.text in {"Hi Grace", "Hello Grace"}
    assert (note.length, note.longest) == (len(note.text), 200)
    assert [(taken.choice, taken.option) for taken in note.choices] == [
        (1, 1 if note.text.startswith("Hi") else 2)
    ]
    assert (message.text, message.source) == (
        "Best, Ada\n\nPS: hi",
        preview_pb2.TEXT_SOURCE_MANUAL,
    )
    assert (grace.account_name, grace.account_assigned) == ("Ada", False)
    assert list(alan.messages[0].missing_variables) == ["first_name"]
    assert alan.held_back_reason == "VARIABLE_MISSING"
    assert not api.linkedin.asked


async def test_chosen_leads(api: Api) -> None:
    """The leads that are named, in that order; one that is not the campaign's does not exist."""
    campaign_id = await drafted(api, INVITE)
    grace, alan = await preview(api, campaign_id)

    chosen = await preview(api, campaign_id, lead_ids=[alan.lead_id, grace.lead_id])

    assert [lead.lead_id for lead in chosen] == [alan.lead_id, grace.lead_id]
    with pytest.raises(NotFound):
        await preview(api, campaign_id, lead_ids=["lead_nobody"])
    with pytest.raises(InvalidArgument):
        await preview(api, campaign_id, leads=21)


async def test_what_is_confirmed_is_meant_as_it_stands(api: Api) -> None:
    """A column of that name fills nothing in and holds nobody back, in a variant neither."""
    variants = [{"name": "b", "text": "Hi [Demo] <a [Demo] b>"}]
    confirmed = ("say", "send_followup", {"customMessage": "Hi [Demo]", "variants": variants})
    campaign_id = await api.create(
        sequence_json=drawn(confirmed), allow_literal=["[Demo]", "<a [Demo] b>"]
    )
    rows = b"".join(b"/in/ada-%d,%s\n" % (n, b"x" * 5_000 if n == 3 else b"") for n in range(9))
    content = b"linkedin_url,Demo\n" + rows

    foreseen = await api.import_leads(campaign_id, content, validate_only=True)
    imported = await api.import_leads(campaign_id, content)
    previews = await preview(api, campaign_id, leads=9)

    assert (imported.imported, imported.held_back, foreseen.held_back) == (9, 0, 0)
    assert {lead.messages[0].text for lead in previews} == {"Hi [Demo]", "Hi [Demo] <a [Demo] b>"}


async def test_a_column_that_stands_in_a_fallback(api: Api) -> None:
    """Its leads are held back, as the worker would; an import of them was a bug of ours."""
    said = ("say", "send_followup", {"customMessage": "Hi {{company|see [pdf]}}"})
    campaign_id = await api.create(sequence_json=drawn(said))

    imported = await api.import_leads(campaign_id, b"linkedin_url,pdf\n/in/ada-example,x\n")

    ((message,),) = [lead.messages for lead in await preview(api, campaign_id)]
    assert (imported.imported, imported.held_back) == (1, 1)
    assert (message.text, message.source) == ("", preview_pb2.TEXT_SOURCE_NONE)
    assert "variable within a variable" in message.remark


async def test_without_the_gateway(api: Api) -> None:
    """Nobody could say who sends, so nothing is made up."""
    campaign_id = await drafted(api, INVITE)
    api.linkedin.go_away()

    with pytest.raises(Unavailable):
        await preview(api, campaign_id)


def completion(text: str) -> httpx.Response:
    return httpx.Response(200, json={"choices": [{"message": {"content": text}}]})


async def with_writer(api: Api, campaign_id: str, response: httpx.Response) -> list[MessagePreview]:
    """The first lead's messages as a service with such a writer previews them."""
    writing = Writer(
        "https://writer.example",
        model="small",
        timeout=timedelta(seconds=1),
        transport=httpx.MockTransport(lambda _: response),
        backoff=Backoff(timedelta(), timedelta()),
    )
    async with writing, grpc_client.channel(api.neighbours.gateway_address) as channel:
        previews = MessagePreviews(
            api.leads, api.texts, RevisionCache(api.revisions), Gateway(channel), writing
        )
        campaign = await api.campaigns.get(campaign_id)
        (lead,) = await previews.preview(campaign, lead_ids=[], leads=1)
        return list(lead.messages)


@pytest.fixture
async def ai_api(new_database: Callable[..., str]) -> AsyncIterator[Api]:
    """The service where workers can write and this service cannot."""
    async with running_api(
        new_database(SCHEMA), TemporalConnection(), writer_configured=True
    ) as api:
        yield api


async def test_ai_without_a_writer_for_previews(ai_api: Api) -> None:
    """The customer's text stands in, and it is said so."""
    campaign_id = await drafted(ai_api, WRITTEN)

    (lead, _) = await preview(ai_api, campaign_id)

    (message,) = lead.messages
    assert (message.text, message.source) == ("Thanks!", preview_pb2.TEXT_SOURCE_FALLBACK)
    assert "no writer for previews" in message.remark


async def test_ai_writes_a_preview(ai_api: Api) -> None:
    """A real text where no post is needed; comments say why they have none; nothing is kept."""
    campaign_id = await drafted(ai_api, COMMENT, WRITTEN)

    comment, written = await with_writer(
        ai_api, campaign_id, completion("It was great to read about the plant.")
    )

    assert (comment.said.text, comment.source) == ("Well said.", TextSource.FALLBACK)
    assert "posts are not read" in comment.remark
    assert (written.said.text, written.source) == (
        "It was great to read about the plant.",
        TextSource.WRITTEN,
    )
    ((_, lead), *_) = await ai_api.leads.page(campaign_id, limit=1)
    assert await ai_api.texts.find(lead.id, "written") is None
    assert not ai_api.linkedin.asked


@pytest.mark.parametrize(
    ("response", "remark"),
    [(completion("See evil.com"), "LINK"), (httpx.Response(500), "cannot be reached")],
    ids=["refused", "away"],
)
async def test_ai_that_cannot_be_used(ai_api: Api, response: httpx.Response, remark: str) -> None:
    """A refused answer and a writer that is away are told apart, and the text stands in."""
    campaign_id = await drafted(ai_api, WRITTEN)

    (message,) = await with_writer(ai_api, campaign_id, response)

    assert (message.said.text, message.source) == ("Thanks!", TextSource.FALLBACK)
    assert remark in message.remark


async def test_what_was_kept_is_shown(api: Api) -> None:
    """A text that was said already is shown as it was said, the last one of a step taken back."""
    campaign_id = await drafted(api, INVITE)
    ((_, lead), *_) = await api.leads.page(campaign_id, limit=1)
    for key, text in (("invite", "Hi"), ("invite~2", "Hi Grace, as sent"), ("invite~1", "Hey")):
        await api.texts.keep(lead.id, key, text)

    (shown,) = await preview(api, campaign_id, lead_ids=[lead.id])

    (note,) = shown.messages
    assert (note.text, note.source) == ("Hi Grace, as sent", preview_pb2.TEXT_SOURCE_KEPT)


TRIED = {
    "customMessage": "Hi",
    "variants": [{"name": "b", "text": "Hello"}],
    "experiment": {"baseline": 20, "effect": 70, "power": 50, "withinDays": 3, "looks": 2},
}


async def test_an_experiment(api: Api) -> None:
    """Counted per variant; the first leads of each decide, once their time is over, not before.

    People whom a suppression has ended since count as opted out, where they are judged.
    """
    campaign_id = await api.create(sequence_json=drawn(("invite", "send_invite", TRIED)))
    rows = "".join(f"linkedin.com/in/person-{number}\n" for number in range(60))
    await api.import_leads(campaign_id, f"linkedin_url\n{rows}".encode())
    await api.stubs.campaigns.StartCampaign(
        campaign_service_pb2.StartCampaignRequest(campaign_id=campaign_id)
    )
    await api.pool.execute("UPDATE leads SET revision_id = (SELECT id FROM revisions)")
    campaign = await api.campaigns.get(campaign_id)
    (step,) = (await api.revisions.get(campaign.revision_id)).sequence.steps
    plan = step.experiment
    assert plan is not None
    for i, (_, lead) in enumerate(await api.leads.page(campaign_id, limit=100)):
        sent_at = NOON + timedelta(minutes=i)
        variant = variant_of(step, lead_id=lead.id)
        assert variant is not None
        await api.steps.record(
            campaign_id,
            lead.id,
            StepKind.SEND_CONNECTION_REQUEST,
            StepExecution(
                step_id="invite",
                state=StepState.DONE,
                started_at=sent_at,
                ended_at=sent_at,
                variant=variant.name,
            ),
        )
        await api.leads.record_connection(lead.id, ConnectionState.INVITED, at=sent_at)
        late = timedelta(days=1 if variant.name == "b" else 4)
        await api.leads.record_connection(lead.id, ConnectionState.CONNECTED, at=sent_at + late)

    # One was suppressed by the time of a later step, the other has asked for it.
    suppressed, asked = await api.pool.fetch(
        "SELECT lead_id FROM step_executions WHERE variant = 'control' ORDER BY ended_at LIMIT 2"
    )
    await api.pool.execute(
        "UPDATE leads SET state = 'stopped', reason = 'PERSON_SUPPRESSED' WHERE id = $1",
        suppressed["lead_id"],
    )
    await api.leads.record_answer(asked["lead_id"], at=NOON, suppression_id="supp_1")

    async def found(now: datetime) -> Experiment:
        return await read_experiment(ExperimentRepository(api.pool), campaign, step, plan, now=now)

    early, due = await found(NOON + 2 * DAY), await found(NOON + 4 * DAY)

    first, _ = planned_looks(plan, 2)
    assert [(tally.judged, tally.successes) for tally in early.tallies] == [(0, 0), (0, 0)]
    assert sum(tally.sent for tally in early.tallies) == 60
    assert sum(tally.accepted for tally in early.tallies) == 60
    assert early.verdict.state is ExperimentState.COLLECTING
    judged = [(tally.judged, tally.successes, tally.opted_out) for tally in due.tallies]
    assert judged == [(first.leads, 0, 2), (first.leads, first.leads, 0)]
    assert (due.verdict.winner, due.verdict.look) == ("b", 1)
    request = sequence_service_pb2.GetExperimentRequest(campaign_id=campaign_id, step_id="invite")
    answer = (await api.stubs.sequences.GetExperiment(request)).experiment
    assert (answer.winner, answer.decided_at_look) == ("b", 1)
    assert [each.opted_out for each in answer.variants] == [2, 0]
    outcomes = OutcomeRepository(api.pool)
    invited = await outcomes.invited(campaign_id, since=NOON)
    assert len(invited) == sum(tally.sent for tally in due.tallies)
    assert sum(each.opted_out for each in invited) == 2
    by = cohorts_by(by_variant, invited, now=NOON + 5 * DAY, within=plan.within)
    assert by["invite", "b"].accepted.rate == 1
    assert by["invite", "control"].accepted.rate == 0
    assert len(await outcomes.invited(campaign_id, since=NOON + timedelta(minutes=30))) == 30
    (errors,) = await outcomes.step_errors(campaign_id, since=NOON)
    assert (errors.step_id, errors.tried, errors.failed) == ("invite", 60, 0)
    assert await outcomes.begun(campaign_id, since=NOON - DAY, until=NOON + DAY) == 0
    assert await outcomes.opt_outs(campaign_id, since=NOON) == (2, 60)
    assert await outcomes.opt_outs(campaign_id, since=NOON + timedelta(minutes=30)) == (0, 30)
    everybody = await read_hold_out(
        ExperimentRepository(api.pool), campaign, step, plan, now=NOON + 6 * DAY
    )
    assert [tally.judged for tally in everybody] == [tally.sent for tally in due.tallies]


async def test_the_state_of_an_experiment(api: Api) -> None:
    """Asked for at the start it has its plan, its variants and no verdict."""
    campaign_id = await api.create(sequence_json=drawn(("invite", "send_invite", TRIED)))
    request = sequence_service_pb2.GetExperimentRequest(campaign_id=campaign_id, step_id="invite")

    found = (await api.stubs.sequences.GetExperiment(request)).experiment

    assert found.state == experiment_pb2.EXPERIMENT_STATE_COLLECTING
    assert found.within.ToTimedelta() == 3 * DAY
    assert [tally.variant for tally in found.variants] == ["control", "b"]
    assert [look.leads for look in found.looks][-1] == found.leads_per_variant
    assert sum(look.error_rate for look in found.looks) == pytest.approx(found.error_rate)
    assert not found.comparisons
    with pytest.raises(NotFound) as error:
        await api.stubs.sequences.GetExperiment(
            sequence_service_pb2.GetExperimentRequest(campaign_id=campaign_id, step_id="nope")
        )
    assert error.value.reason == "EXPERIMENT_NOT_FOUND"
