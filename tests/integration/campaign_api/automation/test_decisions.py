"""campaign_api.automation: decisions as people read and answer them; PostgreSQL, Temporal."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from automation.decisions.contracts import apply_decision_workflow_id
from automation.decisions.decision import (
    ANSWERED_WITHIN,
    REVERTED_WITHIN,
    Change,
    DecidedLead,
    Decision,
    DecisionKind,
    LeadSource,
    Term,
)
from automation.decisions.decision_repository import DecisionRepository
from campaigns.models import Person
from devstack.stack.keys import Keys
from outreach.audit.v1 import audit_service_pb2
from outreach.audit.v1.audit_service_pb2_grpc import AuditServiceStub
from outreach.automation.v1 import decision_pb2, program_pb2, program_service_pb2
from outreach.automation.v1 import decision_service_pb2 as pb
from servicekit.errors import FailedPrecondition, NotFound, PermissionDenied
from servicekit.ids import new_id
from servicekit.postgres.pool import connect_pool

from tests.fakes.campaign_ports import ORGANIZATION
from tests.integration.campaign_api.automation.test_programs import created
from tests.integration.campaign_api.conftest import ACCOUNT, Api
from tests.integration.campaign_api.workflows.conftest import guarded

READS = ["programs.read", "leads.read"]
MANAGES = [*READS, "programs.control"]


class World:
    """A program, and what it has decided."""

    def __init__(self, api: Api, program: program_pb2.Program, rows: DecisionRepository) -> None:
        self.api, self.program, self.rows = api, program, rows
        self.now = datetime.now(UTC)

    async def proposed(
        self, key: str = "one", *, ago: timedelta = timedelta(), lead_id: str = "lead_1"
    ) -> Decision:
        """A release of two that waits for an answer."""
        made = self.now - ago
        decision = Decision(
            id=new_id("dec"),
            organization_id=ORGANIZATION,
            program_id=self.program.program_id,
            campaign_id=self.program.campaign_id,
            run_id="run_1",
            key=f"release_leads/{key}",
            kind=DecisionKind.RELEASE_LEADS,
            rule="daily_selection",
            inputs={"candidates": 3, "unused": 2},
            change=Change(before={"released": 0}, after={"released": 2, "day": "2026-11-30"}),
            created_at=made,
            expires_at=made + ANSWERED_WITHIN,
        )
        term = Term(feature="seniority", level="vp", points=20.0)
        lead = DecidedLead(
            lead_id=lead_id,
            account_id=ACCOUNT,
            rank=1.0,
            score=20.0,
            source=LeadSource.RULES,
            terms=(term,),
        )
        chance = replace(
            lead, lead_id="lead_2", rank=0.5, source=LeadSource.EXPLORATION, terms=(), score=None
        )
        return await self.rows.record(decision, [lead, chance])

    async def applied(self, key: str, *, ago: timedelta) -> Decision:
        """One whose effect is there for so long."""
        decision = await self.proposed(key, ago=ago)
        at = decision.created_at
        await self.rows.approve(decision.id, by="mem_ann", now=at)
        return await self.rows.applied(decision.id, decision.change, now=at)

    async def applies(self, decision_id: str) -> bool:
        """Whether a workflow was asked to look at its row."""
        assert self.api.temporal is not None
        workflow_id = apply_decision_workflow_id(decision_id)
        described = await self.api.temporal.get_workflow_handle(workflow_id).describe()
        return described.workflow_type == "ApplyDecision"


@pytest.fixture
async def world(api: Api) -> AsyncIterator[World]:
    program = await created(api, await api.create())
    async with connect_pool(api.url, "automation", max_size=2) as pool:
        yield World(api, program, DecisionRepository(pool))


async def listed(world: World, filter_: str) -> list[str]:
    request = pb.ListDecisionsRequest(organization_id=ORGANIZATION, filter=filter_)
    answer = await world.api.stubs.decisions.ListDecisions(request)
    return [each.decision_id for each in answer.decisions]


async def test_what_is_proposed_is_told_whole_and_approved_once(world: World) -> None:
    """By what, from what, whom it is of; then its effect is asked for, however often."""
    decision = await world.proposed()
    naming = {"decision_id": decision.id}
    stub = world.api.stubs.decisions

    shown = await stub.GetDecision(pb.GetDecisionRequest(**naming))
    first = (await stub.ApproveDecision(pb.ApproveDecisionRequest(**naming))).decision
    again = (await stub.ApproveDecision(pb.ApproveDecisionRequest(**naming))).decision
    with pytest.raises(FailedPrecondition) as refused:
        await stub.RejectDecision(pb.RejectDecisionRequest(**naming))

    told = shown.decision
    assert told.sentence.startswith("Proposed to release 2 of 3 ready leads for 2026-11-30")
    assert (told.rule, told.rule_version) == ("daily_selection", 1)
    assert json.loads(told.inputs_json) == decision.inputs
    assert json.loads(told.before_json) == {"released": 0}
    assert json.loads(told.after_json) == decision.change.after
    assert told.expire_time.ToDatetime(UTC) == decision.expires_at
    assert [each.lead_id for each in shown.leads] == ["lead_1", "lead_2"]
    assert [each.level for each in shown.leads[0].terms] == ["vp"]
    assert first.HasField("answer_time")
    assert first == again
    assert refused.value.reason == "DECISION_NOT_PROPOSED"
    assert await world.applies(decision.id)
    assert await listed(world, "state = PROPOSED AND kind = RELEASE_LEADS") == [decision.id]
    assert await listed(world, "state = REJECTED") == []


@pytest.mark.parametrize(("ago", "in_time"), [(47, True), (49, False)])
async def test_after_48_hours_nobody_is_heard(world: World, ago: int, *, in_time: bool) -> None:
    """An hour before its end it is answered; an hour later it is told that it has expired."""
    decision = await world.proposed(ago=timedelta(hours=ago))
    asked = pb.ApproveDecisionRequest(decision_id=decision.id)

    if in_time:
        await world.api.stubs.decisions.ApproveDecision(asked)
    else:
        with pytest.raises(FailedPrecondition) as refused:
            await world.api.stubs.decisions.ApproveDecision(asked)
        assert refused.value.metadata["state"] == "EXPIRED"

    assert (await world.rows.get(decision.id)).is_approved is in_time


async def test_of_a_deleted_program_nothing_is_approved_any_more(world: World) -> None:
    """It can still be rejected, and says why it is not done."""
    decision = await world.proposed()
    naming = {"program_id": world.program.program_id}
    await world.api.stubs.programs.DeleteProgram(program_service_pb2.DeleteProgramRequest(**naming))

    with pytest.raises(FailedPrecondition) as refused:
        await world.api.stubs.decisions.ApproveDecision(
            pb.ApproveDecisionRequest(decision_id=decision.id)
        )
    rejected = await world.api.stubs.decisions.RejectDecision(
        pb.RejectDecisionRequest(decision_id=decision.id)
    )

    assert refused.value.reason == "PROGRAM_DELETED"
    assert rejected.decision.state == decision_pb2.DECISION_STATE_REJECTED


async def test_two_who_answer_at_once_are_one_answer(world: World) -> None:
    """Ten approve and ten reject: one kind of them is told what the row says."""
    decision = await world.proposed()
    stub, naming = world.api.stubs.decisions, {"decision_id": decision.id}
    calls: list[Any] = [
        call
        for _ in range(10)
        for call in (
            stub.ApproveDecision(pb.ApproveDecisionRequest(**naming)),
            stub.RejectDecision(pb.RejectDecisionRequest(**naming)),
        )
    ]

    answers = await asyncio.gather(*calls, return_exceptions=True)

    row = await world.rows.get(decision.id)
    refused = [each for each in answers if isinstance(each, FailedPrecondition)]
    assert len(refused) == 10
    assert row.is_approved is (row.ended_at is None)


async def test_what_took_effect_is_taken_back_for_thirty_days(world: World) -> None:
    """A day before their end it is; a day later, and of a proposal, it is refused."""
    late = await world.applied("late", ago=REVERTED_WITHIN + timedelta(days=1))
    soon = await world.applied("soon", ago=REVERTED_WITHIN - timedelta(days=1))
    waiting = await world.proposed("waiting")
    stub = world.api.stubs.decisions

    asked = await stub.RevertDecision(pb.RevertDecisionRequest(decision_id=soon.id))
    for each in (late, waiting):
        with pytest.raises(FailedPrecondition) as refused:
            await stub.RevertDecision(pb.RevertDecisionRequest(decision_id=each.id))
        assert refused.value.reason == "DECISION_NOT_REVERTIBLE"

    assert asked.decision.HasField("revert_ask_time")
    assert await world.applies(soon.id)


async def test_several_are_answered_each_by_itself(world: World) -> None:
    """One that is over stops none of the others; one that does not exist stops all."""
    fresh, old = await world.proposed("a"), await world.proposed("b", ago=timedelta(hours=50))
    stub, unknown = world.api.stubs.decisions, new_id("dec")
    rejecting = {
        "program_id": world.program.program_id,
        "answer": pb.DECISION_ANSWER_REJECT,
    }

    with pytest.raises(NotFound):
        await stub.BatchDecide(pb.BatchDecideRequest(decision_ids=[fresh.id, unknown], **rejecting))
    waits = await world.rows.get(fresh.id)
    answer = await stub.BatchDecide(
        pb.BatchDecideRequest(decision_ids=[old.id, fresh.id], **rejecting)
    )

    assert waits.ended_at is None
    assert [each.reason for each in answer.results] == ["DECISION_NOT_PROPOSED", ""]
    assert [each.decision.decision_id for each in answer.results] == [old.id, fresh.id]
    assert answer.results[1].decision.state == decision_pb2.DECISION_STATE_REJECTED


async def test_who_answers_takes_the_permission_and_is_recorded(world: World, keys: Keys) -> None:
    """A reader reads, people only with leads.read; others' decisions do not exist for strangers."""
    ada = Person(
        public_identifier="ada",
        first_name="Ada",
        last_name="Example",
        title="VP Sales",
        company="Acme",
    )
    campaign_id = world.program.campaign_id
    await world.api.leads.add(campaign_id, [ada], now=world.now)
    lead_id = await world.api.pool.fetchval("SELECT max(id) FROM leads")
    decision = await world.proposed(lead_id=lead_id)
    reading = pb.GetDecisionRequest(decision_id=decision.id)
    approving = pb.ApproveDecisionRequest(decision_id=decision.id)
    async with guarded(world.api, keys) as ask:

        async def as_(permissions: list[str], **who: Any) -> Any:
            whose = {"org": ORGANIZATION, "sub": "mem_ann", **who}
            return (await ask(keys.token(permissions=permissions, **whose))).decisions

        programs_only = await (await as_(READS[:1])).GetDecision(reading)
        viewer = await as_(READS)
        seen = await viewer.GetDecision(reading)
        with pytest.raises(PermissionDenied):
            await viewer.ApproveDecision(approving)
        for stranger in (
            await as_(MANAGES, org="org_other"),
            await as_(MANAGES, accounts=["acct_bob"]),
        ):
            with pytest.raises(NotFound) as missing:
                await stranger.ApproveDecision(approving)
            assert missing.value.reason == "DECISION_NOT_FOUND"
        approved = await (await as_(MANAGES)).ApproveDecision(approving)

    assert [(each.name, each.company) for each in programs_only.leads] == [("", "")] * 2
    assert not any(each.sender_name for each in programs_only.leads)
    assert [(each.name, each.title, each.company) for each in seen.leads] == [
        ("Ada Example", "VP Sales", "Acme"),
        # Erased since.
        ("", "", ""),
    ]
    assert [each.sender_name for each in seen.leads] == ["Ada", "Ada"]
    assert [len(each.terms) for each in programs_only.leads] == [0, 0]
    assert [len(each.terms) for each in seen.leads] == [1, 0]
    assert approved.decision.answered_by == "mem_ann"
    records = await AuditServiceStub(world.api.channel).ListRecords(
        audit_service_pb2.ListRecordsRequest(
            filter=audit_service_pb2.RecordFilter(rpc="ApproveDecision")
        )
    )
    assert ("mem_ann", decision.id) in {
        (each.subject, each.resource_id) for each in records.records
    }
