"""An event in the form that its endpoint wants."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from campaigns.models import (
    Campaign,
    CampaignSettings,
    CampaignState,
    ConnectionState,
    Lead,
    LeadState,
    Person,
    StepExecution,
    StepState,
)
from devstack.event_catalogue.examples import example_of
from devstack.event_catalogue.types import CataloguedType, types
from hypothesis import given
from hypothesis import strategies as st
from outreach_worker.events import lead_events
from outreach_worker.events.contracts import CustomerEvent
from outreach_worker.events.snapshots import event_to_proto
from webhook_dispatcher.channels.payload_forms import as_text, in_form
from webhook_dispatcher.convert.payload import payload
from webhook_dispatcher.models import PayloadForm

from tests.event_catalogue import record_differences

TYPES = {each.name: each for each in types()}
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
CAMPAIGN = Campaign(
    id="camp_1",
    organization_id="org_1",
    name="Spring",
    state=CampaignState.RUNNING,
    account_ids=("acct_1",),
    settings=CampaignSettings(),
    revision_id="rev_1",
    created_at=NOON,
)
LEAD = Lead(
    id="lead_1",
    campaign_id="camp_1",
    person=Person(
        public_identifier="zoe-example",
        first_name="Zoë",
        title="Head of Examples",
        variables={"Custom Status": "warm", "headline": "I give examples"},
    ),
    state=LeadState.COMPLETED,
    connection=ConnectionState.CONNECTED,
    account_id="acct_1",
    lead_list_id="list_1",
    created_at=NOON,
    started_at=NOON,
    ended_at=NOON + timedelta(days=90),
)


@pytest.mark.parametrize("of", TYPES.values(), ids=TYPES)
def test_with_the_lead_it_is_as_published(of: CataloguedType) -> None:
    """Byte by byte: what endpoints had before there were forms they have still."""
    text = as_text(example_of(of))

    assert in_form(text, PayloadForm.WITH_LEAD) is text


@pytest.mark.parametrize("of", TYPES.values(), ids=TYPES)
def test_by_ids_nothing_of_a_person_is_said(of: CataloguedType) -> None:
    """The envelope stays, and of each part what names things."""
    example = example_of(of)

    told = json.loads(in_form(as_text(example), PayloadForm.IDS))

    assert {**told, "data": None} == {**example, "data": None}
    assert told["data"].keys() == example["data"].keys()
    ids = [told["data"]] if of.name == "endpoint.test" else told["data"].values()
    for part in ids:
        assert part
        assert all(name == "id" or name.endswith("Id") for name in part)


def test_the_record_of_a_lead() -> None:
    """What receivers of the older system read stands where they read it; what is unknown: null."""
    step = StepExecution(step_id="node-3", state=StepState.DONE, ended_at=NOON)
    (text,) = published([lead_events.step_ended("camp_1", "lead_1", step, at=NOON)])

    record = json.loads(in_form(text, PayloadForm.LEAD_RECORD))

    assert record_differences(record) == []
    assert record["jobtitle"] == "Head of Examples"
    assert record["customStatus"] == "warm"
    assert record["headline"] == "I give examples"
    assert record["connectionStatus"] == "accepted"
    assert record["createdAt"] == "2026-03-02T12:00:00Z"
    assert record["steps"] == [
        {
            "stepNodeId": "node-3",
            "timestamp": "2026-03-02T12:00:00Z",
            "success": True,
            "details": {"successCount": 1, "failedCount": 0, "comments": []},
            "metadata": {"automationResults": {"total": 1, "successful": 1, "failed": 0}},
        }
    ]
    assert record["campaign"]["seat"]["id"] == "acct_1"
    assert record["campaign"]["leadList"] == {"id": "list_1", "name": None, "listType": None}
    assert record["reply"] is None


def test_a_reply_is_in_the_record() -> None:
    """Where its receiver reads it, with no step."""
    text = as_text(example_of(TYPES["reply.received"]))

    record = json.loads(in_form(text, PayloadForm.LEAD_RECORD))

    assert record_differences(record) == []
    assert record["reply"] == {"message": "Tell me more."}
    assert record["connectionStatus"] == "replied"
    assert record["steps"] == []


histories = st.lists(
    st.tuples(
        st.sampled_from([StepState.DONE, StepState.SKIPPED, StepState.FAILED]),
        st.timedeltas(timedelta(0), timedelta(days=90)),
    ),
    max_size=12,
)


@given(histories, st.randoms(use_true_random=False))
def test_steps_are_told_by_stable_pairs(history: Any, dice: Any) -> None:
    """However often and in whatever order events come: put together they are the lead's steps.

    Told as they happen, or anew from the rows by whoever finds a lead without a workflow, the
    pairs by which receivers put steps together are the same.
    """
    executions = [
        StepExecution(step_id=f"node-{number}", state=state, ended_at=NOON + after)
        for number, (state, after) in enumerate(history)
    ]
    as_it_happened = [
        lead_events.step_ended("camp_1", "lead_1", each, at=each.ended_at or NOON)
        for each in executions
    ]
    anew = lead_events.of_rows(LEAD, executions, accepted_at=NOON + timedelta(days=1))
    came = [*published(as_it_happened), *published(anew), *published(as_it_happened)]
    dice.shuffle(came)

    merged = {
        (step["stepNodeId"], step["timestamp"]): step["success"]
        for text in came
        for step in json.loads(in_form(text, PayloadForm.LEAD_RECORD))["steps"]
    }

    assert len(merged) == len(executions)
    assert {node: success for (node, _), success in merged.items()} == {
        each.step_id: each.state is StepState.DONE for each in executions
    }


def published(events: Sequence[CustomerEvent]) -> list[str]:
    """What the dispatcher keeps of events, which is what a form is made of."""
    texts = []
    for event in events:
        made = event_to_proto(event, campaign=CAMPAIGN, lead=replace(LEAD), step=None)
        if event.step_id:
            made.step.id, made.step.state = event.step_id, event.state
        texts.append(payload(made))
    return texts
