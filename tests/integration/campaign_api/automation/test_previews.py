"""campaign_api.automation: what a program would do, and by what; nothing is done by looking."""

import asyncio
import json
import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from automation.decisions.decision import (
    DecidedLead,
    Decision,
    DecisionKind,
    DecisionState,
    LeadSource,
)
from automation.decisions.decision_repository import DecisionRepository
from automation.scoring.model import Model, RuleWeight, Sigmoid, model_json
from automation.selection.sender_readings import SenderReadings
from campaign_api.automation import previews
from campaigns.models import Person
from devstack.stack.keys import Keys
from google.protobuf.field_mask_pb2 import FieldMask
from outreach.automation.v1 import (
    decision_pb2,
    program_pb2,
    prospect_pb2,
    score_pb2,
    scoring_service_pb2,
    selection_pb2,
)
from outreach.automation.v1 import program_service_pb2 as pb
from outreach.campaign.v1 import campaign_pb2, campaign_service_pb2
from servicekit.errors import NotFound
from servicekit.ids import new_id
from servicekit.postgres.pool import connect_pool

from tests.fakes.campaign_ports import ORGANIZATION
from tests.integration.campaign_api.automation.test_programs import (
    RELEASED_ONLY,
    RULES,
    created,
)
from tests.integration.campaign_api.conftest import ACCOUNT, Api
from tests.integration.campaign_api.workflows.conftest import guarded

MODEL = Model(
    intercept=-1.0,
    weights={"seniority": {"vp": 1.5, "(other)": -0.2, "(unknown)": 0.0}},
    rule=RuleWeight(weight=0.3, mean=5.0, spread=10.0),
    calibration=Sigmoid(slope=0.9, intercept=0.1),
)


async def program_of(
    api: Api, *, rules: str = RULES, leads: int = 12
) -> tuple[program_pb2.Program, list[str]]:
    """A running campaign of whom every fourth is a VP, fed by a program of five a day."""
    campaign_id = await api.running(settings=RELEASED_ONLY)
    people = [
        Person(
            public_identifier=f"person-{number}",
            title="VP Sales" if number % 4 == 3 else "Account Manager",
            company=f"Company {number}",
        )
        for number in range(leads)
    ]
    await api.leads.add(campaign_id, people, now=datetime.now(UTC) - timedelta(days=1))
    program = await created(
        api, campaign_id, rules_json=rules, plan_per_day=5, exploration_share=0.0
    )
    rows = await api.pool.fetch("SELECT id FROM leads WHERE campaign_id = $1", campaign_id)
    return program, [row["id"] for row in rows]


async def preview(api: Api, program: program_pb2.Program) -> pb.PreviewSelectionResponse:
    request = pb.PreviewSelectionRequest(program_id=program.program_id)
    return await api.stubs.programs.PreviewSelection(request)


async def test_who_would_be_released_is_told_and_nobody_is(api: Api) -> None:
    """Per sender, with score terms and reasons of unused slots; no row and no reading is kept."""
    program, _ = await program_of(api)

    told = await preview(api, program)

    assert (told.selected, told.candidates, told.explored) == (5, 14, 0)
    assert [each.score for each in told.leads] == [20.0, 20.0, 20.0, 0.0, 0.0]
    assert [each.level for each in told.leads[0].terms] == ["vp"]
    assert {(each.title, each.sender_name) for each in told.leads[:3]} == {("VP Sales", "Ada")}
    (sender,) = told.senders
    assert (sender.account_id, sender.possible, sender.selected) == (ACCOUNT, 22, 5)
    assert [(each.slots, each.bound) for each in sender.unused] == [
        (17, selection_pb2.SLOT_BOUND_PLAN)
    ]
    assert sender.HasField("read_time")
    assert not told.HasField("closed")
    released = "SELECT count(*) FROM leads WHERE released_at IS NOT NULL"
    assert await api.pool.fetchval(released) == 0
    assert api.linkedin.asked == []
    async with connect_pool(api.url, "automation", max_size=1) as pool:
        for table in ("decisions", "sender_readings", "runs"):
            assert await pool.fetchval(f"SELECT count(*) FROM {table}") == 0


@pytest.mark.parametrize(
    ("state", "is_decided"),
    [
        (DecisionState.PROPOSED, True),
        (DecisionState.APPLIED, True),
        (DecisionState.REJECTED, True),
        (DecisionState.FAILED, False),
        (DecisionState.DRY, True),
    ],
)
async def test_of_a_day_that_is_decided_it_is_told_what_was(
    api: Api, state: DecisionState, *, is_decided: bool
) -> None:
    """By a run that was begun by hand: its own finds that, unless that has come to nothing."""
    program, lead_ids = await program_of(api)
    before = await preview(api, program)
    decision = Decision(
        id=new_id("dec"),
        organization_id=ORGANIZATION,
        program_id=program.program_id,
        campaign_id=program.campaign_id,
        key=f"release_leads/{before.day}",
        kind=DecisionKind.RELEASE_LEADS,
        state=state,
        rule="daily_selection",
        inputs={"candidates": 9, "explored": 1, "by_source": {"exploration": 1}},
        created_at=datetime.now(UTC),
    )
    lead = DecidedLead(
        lead_id=lead_ids[0], account_id=ACCOUNT, rank=1.0, source=LeadSource.EXPLORATION
    )
    async with connect_pool(api.url, "automation", max_size=1) as pool:
        await DecisionRepository(pool).record(decision, [lead])

    told = await preview(api, program)

    assert told.HasField("decision") is is_decided
    assert told.day == before.day
    if is_decided:
        assert (told.decision.decision_id, told.decision.sentence != "") == (decision.id, True)
        assert [each.lead_id for each in told.leads] == [lead.lead_id]
        assert (told.selected, told.candidates, told.explored) == (1, 9, 1)
        assert not told.senders
    else:
        assert [each.lead_id for each in told.leads] == [each.lead_id for each in before.leads]


async def test_a_sender_that_cannot_be_asked_is_told_with_its_reason(api: Api) -> None:
    """Nothing was ever known of it, so all its slots are empty, and it is said why."""
    program, _ = await program_of(api)
    api.linkedin.go_away()

    told = await preview(api, program)

    (sender,) = told.senders
    assert (told.selected, sender.selected) == (0, 0)
    assert sender.failure
    assert sender.bound == selection_pb2.SLOT_BOUND_NO_DATA
    assert [(each.slots, each.bound) for each in sender.unused] == [(0, sender.bound)]
    assert not sender.HasField("read_time")


async def test_who_must_not_be_contacted_is_counted_and_not_ranked(api: Api) -> None:
    """As the day's run leaves them out: neither selected nor among those who may be released."""
    program, _ = await program_of(api)
    api.linkedin.suppressed |= {"person-3", "person-7"}

    told = await preview(api, program)
    ranking = await api.stubs.scores.PreviewRanking(
        scoring_service_pb2.PreviewRankingRequest(program_id=program.program_id, limit=100)
    )

    assert (told.candidates, told.suppressed) == (12, 2)
    assert [each.score for each in told.leads] == [20.0, 0.0, 0.0, 0.0, 0.0]
    assert (ranking.candidates, len(ranking.leads)) == (12, 12)


async def test_of_a_campaign_that_admits_everybody_it_is_said(api: Api) -> None:
    """As the day's run would, once the program does more than look."""
    program, _ = await program_of(api)
    mode = pb.SetProgramModeRequest(
        program_id=program.program_id, mode=program_pb2.PROGRAM_MODE_REVIEW
    )
    await api.stubs.programs.SetProgramMode(mode)
    settings = campaign_pb2.CampaignSettings(admission=campaign_pb2.ADMISSION_AUTOMATIC)
    await api.stubs.campaigns.UpdateCampaign(
        campaign_service_pb2.UpdateCampaignRequest(
            campaign=campaign_pb2.Campaign(
                campaign_id=program.campaign_id, etag="*", settings=settings
            ),
            update_mask=FieldMask(paths=["settings.admission"]),
        )
    )

    told = await preview(api, program)

    bounds = [each.bound for sender in told.senders for each in sender.unused]
    assert told.selected == 0
    assert bounds == [selection_pb2.SLOT_BOUND_CAMPAIGN_ADMITS_ALL]


@pytest.mark.parametrize("state", ["draft", "paused"])
async def test_of_a_campaign_that_does_not_run_it_is_told_who_is_ready(
    api: Api, state: str
) -> None:
    """Before the start it was 0 of 0 leads, as if the list were empty."""
    program, _ = await program_of(api)
    await api.pool.execute("UPDATE campaigns SET state = $1", state)

    told = await preview(api, program)
    ranking = await api.stubs.scores.PreviewRanking(
        scoring_service_pb2.PreviewRankingRequest(program_id=program.program_id, limit=3)
    )

    assert (told.selected, told.candidates) == (0, 14)
    assert told.closed == selection_pb2.SLOT_BOUND_CAMPAIGN_NOT_RUNNING
    assert [each.score for each in ranking.leads] == [20.0, 20.0, 20.0]
    assert (ranking.candidates, ranking.closed) == (14, told.closed)


async def test_terms_of_rules_add_up_to_the_score(api: Api) -> None:
    """Of who comes first, and of anybody else of the campaign; without rules nobody has one."""
    program, lead_ids = await program_of(api)
    ranking = await api.stubs.scores.PreviewRanking(
        scoring_service_pb2.PreviewRankingRequest(program_id=program.program_id, limit=4)
    )

    assert (len(ranking.leads), ranking.candidates) == (4, 14)
    assert [each.place for each in ranking.leads] == [1, 2, 3, 4]
    assert [each.score for each in ranking.leads] == [20.0, 20.0, 20.0, 0.0]
    assert ranking.leads[0].title == "VP Sales"
    for lead_id in lead_ids:
        found = await explained(api, program, lead_id)
        assert found.score == sum(each.points for each in found.terms)
        assert found.source == score_pb2.LEAD_SOURCE_RULES
    first = await explained(api, program, ranking.leads[0].lead_id)
    assert first.sentence == "Ranked by the rules with 20 points: seniority vp +20."


async def explained(
    api: Api, program: program_pb2.Program, lead_id: str
) -> score_pb2.ScoreExplanation:
    request = scoring_service_pb2.ExplainScoreRequest(
        program_id=program.program_id, lead_id=lead_id
    )
    return (await api.stubs.scores.ExplainScore(request)).explanation


async def test_who_must_not_be_contacted_is_not_guessed(api: Api) -> None:
    """The gateway alone knows: while it is away nobody is told to go, and a score is still told."""
    program, _ = await program_of(api)
    (first, *_) = (await preview(api, program)).leads
    assert (await prospect(api, program, first.lead_id)).account_id == ACCOUNT
    api.linkedin.suppressed |= {f"person-{number}" for number in range(12)}
    told = await prospect(api, program, first.lead_id)
    assert told.left_out == decision_pb2.LEFT_OUT_REASON_SUPPRESSED

    api.linkedin.go_away()
    answer = await api.stubs.scores.ExplainScore(
        scoring_service_pb2.ExplainScoreRequest(
            program_id=program.program_id, lead_id=first.lead_id
        )
    )

    assert answer.explanation.score == 20.0
    assert not answer.HasField("prospect")


async def test_while_suppressions_cannot_be_read_nobody_is_told_to_go(api: Api) -> None:
    """Senders answer: people were told to go as if nobody had to be left out."""
    program, _ = await program_of(api)
    before = await preview(api, program)
    (first, *_) = before.leads
    api.linkedin.suppressed |= {f"person-{number}" for number in range(12)}
    api.linkedin.suppressions_unread = True

    told = await preview(api, program)
    ranking = await api.stubs.scores.PreviewRanking(
        scoring_service_pb2.PreviewRankingRequest(program_id=program.program_id, limit=3)
    )
    found = await explanation(api, program, first.lead_id)

    assert (told.selected, told.closed) == (0, selection_pb2.SLOT_BOUND_NO_DATA)
    assert told.candidates == before.candidates
    assert ranking.closed == selection_pb2.SLOT_BOUND_NO_DATA
    assert found.explanation.score == 20.0
    assert not found.HasField("prospect")


async def explanation(
    api: Api, program: program_pb2.Program, lead_id: str
) -> scoring_service_pb2.ExplainScoreResponse:
    request = scoring_service_pb2.ExplainScoreRequest(
        program_id=program.program_id, lead_id=lead_id
    )
    return await api.stubs.scores.ExplainScore(request)


async def test_a_score_does_not_wait_for_a_days_look(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It failed with it, after half a minute, and needs none of it."""
    program, (lead_id, *_) = await program_of(api)
    monkeypatch.setattr(previews, "_PROSPECT_WITHIN", timedelta(milliseconds=50))

    async def never(*_: object, **__: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(SenderReadings, "hear", never)
    found = await explanation(api, program, lead_id)

    assert found.explanation.sentence
    assert not found.HasField("prospect")


async def decided(
    api: Api, program: program_pb2.Program, lead_id: str, **as_it_stands: Any
) -> Decision:
    """The decision of the program's next day, which names the lead."""
    day = (await preview(api, program)).day
    decision = Decision(
        id=new_id("dec"),
        organization_id=ORGANIZATION,
        program_id=program.program_id,
        campaign_id=program.campaign_id,
        key=f"release_leads/{day}",
        kind=DecisionKind.RELEASE_LEADS,
        rule="daily_selection",
        created_at=datetime.now(UTC),
        **as_it_stands,
    )
    named = DecidedLead(lead_id=lead_id, account_id=ACCOUNT, rank=1.0, source=LeadSource.RULES)
    async with connect_pool(api.url, "automation", max_size=1) as pool:
        await DecisionRepository(pool).record(decision, [named])
    return decision


APPROVED = {"answered_at": datetime.now(UTC), "answered_by": "mem_ann"}


RELEASED = "UPDATE leads SET released_at = now(), release_id = $2 WHERE id = $1"


@pytest.mark.parametrize(
    ("as_it_stands", "goes"),
    [
        ({}, True),
        (APPROVED, True),
        ({**APPROVED, "state": DecisionState.APPLIED, "applied_at": datetime.now(UTC)}, True),
        *(
            ({"state": state, "ended_at": datetime.now(UTC)}, False)
            for state in (
                DecisionState.DRY,
                DecisionState.REJECTED,
                DecisionState.EXPIRED,
                DecisionState.REVERTED,
            )
        ),
    ],
)
async def test_whom_a_decision_names_goes_by_it_as_it_stands(
    api: Api, as_it_stands: dict[str, Any], *, goes: bool
) -> None:
    """And as the lead does: who must not be contacted, and whom nobody can say so of, does not."""
    program, _ = await program_of(api)
    lead_id = (await preview(api, program)).leads[0].lead_id
    decision = await decided(api, program, lead_id, **as_it_stands)
    if as_it_stands.get("state") is DecisionState.APPLIED:
        await api.pool.execute(RELEASED, lead_id, decision.id)

    told = await prospect(api, program, lead_id)
    assert bool(told.account_id) is goes
    assert decision.id in told.sentence
    api.linkedin.suppressed |= {f"person-{number}" for number in range(12)}
    suppressed = await prospect(api, program, lead_id)
    assert not suppressed.account_id
    if goes:
        assert suppressed.left_out == decision_pb2.LEFT_OUT_REASON_SUPPRESSED
        api.linkedin.suppressions_unread = True
        assert not (await explanation(api, program, lead_id)).HasField("prospect")
        api.linkedin.suppressions_unread = False
        api.linkedin.suppressed.clear()
        await api.pool.execute("UPDATE campaigns SET state = 'paused'")
        closed = await prospect(api, program, lead_id)
        assert list(closed.bounds) == [selection_pb2.SLOT_BOUND_CAMPAIGN_NOT_RUNNING]
        assert not closed.account_id


async def test_whom_another_release_has_does_not_go_by_this_one(api: Api) -> None:
    """Nor is who has begun by this one said not to be ready."""
    program, _ = await program_of(api)
    lead_id = (await preview(api, program)).leads[0].lead_id
    decision = await decided(api, program, lead_id, **APPROVED)

    await api.pool.execute(RELEASED, lead_id, "dec_of_somebody_else")
    taken = await prospect(api, program, lead_id)
    await api.pool.execute(RELEASED, lead_id, f"{decision.id}/1")
    await api.pool.execute("UPDATE leads SET state = 'running' WHERE id = $1", lead_id)
    begun = await prospect(api, program, lead_id)

    assert not taken.account_id
    assert taken.left_out == decision_pb2.LEFT_OUT_REASON_ALREADY_RELEASED
    assert begun.account_id


async def prospect(api: Api, program: program_pb2.Program, lead_id: str) -> prospect_pb2.Prospect:
    request = scoring_service_pb2.ExplainScoreRequest(
        program_id=program.program_id, lead_id=lead_id
    )
    return (await api.stubs.scores.ExplainScore(request)).prospect


async def test_each_lead_is_told_whether_it_goes_next_or_why_not(api: Api) -> None:
    """As the preview has it: who goes to whom, who stands behind, and whom something keeps."""
    program, lead_ids = await program_of(api)
    told = await preview(api, program)
    chosen = {each.lead_id: each.account_id for each in told.leads}

    by_lead = {lead_id: await prospect(api, program, lead_id) for lead_id in lead_ids}

    assert {
        lead_id: each.account_id for lead_id, each in by_lead.items() if each.account_id
    } == chosen
    assert sorted(each.place for each in by_lead.values()) == [*range(1, 15)]
    for lead_id in set(lead_ids) - chosen.keys():
        assert by_lead[lead_id].place > len(chosen)
        assert selection_pb2.SLOT_BOUND_PLAN in by_lead[lead_id].bounds
        assert "no slot is left" in by_lead[lead_id].sentence
    first = min(chosen, key=lambda each: by_lead[each].place)
    assert by_lead[first].sentence == (
        f"On {told.day} they would go to {ACCOUNT}, at place 1 of 14 who may;"
        " the program only looks."
    )
    await api.pool.execute("UPDATE leads SET held_reason = 'CHECK' WHERE id = $1", first)
    held = await prospect(api, program, first)
    assert (held.left_out, held.place, held.account_id) == (
        decision_pb2.LEFT_OUT_REASON_HELD,
        0,
        "",
    )
    assert held.sentence == f"On {told.day} they do not go: held."
    await api.stubs.programs.PauseProgram(pb.PauseProgramRequest(program_id=program.program_id))
    paused = await prospect(api, program, lead_ids[-1])
    assert list(paused.bounds) == [selection_pb2.SLOT_BOUND_PROGRAM_NOT_ACTIVE]


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        (model_json(MODEL), ""),
        ('{"schema": 99}', "NEWER_SCHEMA"),
        (model_json(replace(MODEL, rules="of another day")), "OTHER_RULES"),
    ],
)
async def test_a_model_that_was_promoted_ranks_if_it_can_be_read(
    api: Api, body: str, refusal: str
) -> None:
    """Its terms and what everybody has are the log odds of the score.

    Else, and where it was learned by other rules, the rules rank.
    """
    program, lead_ids = await program_of(api)
    model_id = await promoted(api, program, body)

    found = await explained(api, program, lead_ids[-1])
    told = await preview(api, program)

    if not refusal:
        log_odds = found.baseline + sum(each.points for each in found.terms)
        assert found.source == score_pb2.LEAD_SOURCE_MODEL
        assert found.model_id == told.model_id == model_id
        assert math.isclose(found.score, 1 / (1 + math.exp(-log_odds)), abs_tol=1e-5)
        assert {each.source for each in told.leads} == {score_pb2.LEAD_SOURCE_MODEL}
    else:
        assert found.source == score_pb2.LEAD_SOURCE_RULES
        assert (found.model_id, told.model_refusal) == ("", refusal)


async def promoted(api: Api, program: program_pb2.Program, body: str) -> str:
    """As training and its decision leave it."""
    model_id = new_id("mod")
    async with connect_pool(api.url, "automation", max_size=1) as pool:
        columns = await pool.fetch(
            "SELECT column_name, data_type FROM information_schema.columns"
            " WHERE table_schema = 'automation' AND table_name = 'models'"
        )
        known = {
            "organization_id": ORGANIZATION,
            "model_id": model_id,
            "program_id": program.program_id,
            "body": body,
        }
        values = {"jsonb": "'{}'", "integer": "0", "bigint": "0", "double precision": "0"}
        values |= {"timestamp with time zone": "now()", "text": "''"}
        names = ", ".join(row["column_name"] for row in columns)
        given = ", ".join(
            f"'{known[row['column_name']]}'"
            if row["column_name"] in known
            else values[row["data_type"]]
            for row in columns
        )
        await pool.execute(f"INSERT INTO models ({names}) VALUES ({given})")
        await pool.execute(
            "INSERT INTO champions (organization_id, program_id, number, model_id, promoted_at,"
            " promoted_by) VALUES ($1, $2, 1, $3, now(), '')",
            ORGANIZATION,
            program.program_id,
            model_id,
        )
    return model_id


async def test_without_rules_the_list_ranks(api: Api) -> None:
    """Nobody has a score, and it is said."""
    program, lead_ids = await program_of(api, rules="", leads=2)

    found = await explained(api, program, lead_ids[0])

    assert not found.HasField("score")
    assert found.source == score_pb2.LEAD_SOURCE_LIST_ORDER
    assert list(found.terms) == []
    assert LeadSource.LIST_ORDER.name in score_pb2.LeadSource.Name(found.source)
    assert json.dumps(found.sentence)


async def test_of_strangers_nothing_is_told(api: Api, keys: Keys) -> None:
    """Another's program, and a lead of no campaign of it, do not exist; terms take leads.read."""
    program, lead_ids = await program_of(api, leads=4)
    looking = pb.PreviewSelectionRequest(program_id=program.program_id)
    asking = {"program_id": program.program_id}
    with pytest.raises(NotFound) as unknown:
        await explained(api, program, new_id("lead"))
    async with guarded(api, keys) as ask:
        stranger = await ask(
            keys.token(org="org_other", permissions=["programs.read", "leads.read"])
        )
        with pytest.raises(NotFound) as missing:
            await stranger.programs.PreviewSelection(looking)
        with pytest.raises(NotFound):
            await stranger.scores.ExplainScore(
                scoring_service_pb2.ExplainScoreRequest(lead_id=lead_ids[0], **asking)
            )
        plain = await ask(keys.token(org=ORGANIZATION, permissions=["programs.read"]))
        seen = await plain.programs.PreviewSelection(looking)

    assert unknown.value.reason == "LEAD_NOT_FOUND"
    assert missing.value.reason == "PROGRAM_NOT_FOUND"
    assert seen.selected > 0
    assert not any(each.terms or each.title or each.sender_name for each in seen.leads)
