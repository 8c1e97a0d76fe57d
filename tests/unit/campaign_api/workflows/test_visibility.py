"""Filters as queries of visibility, with nothing of the caller's in them but ids."""

import pytest
from campaign_api.workflows.listing import WORKFLOWS
from campaign_api.workflows.visibility import EVERY, equals, query_of
from hypothesis import given
from hypothesis import strategies as st
from servicekit.lists.expressions import Not, Operator, Restriction


@pytest.mark.parametrize(
    ("filter_", "query"),
    [
        ("", EVERY),
        ("type = LEAD", "WorkflowType = 'Lead'"),
        ("status != WORKFLOW_STATUS_TIMED_OUT", "ExecutionStatus != 'TimedOut'"),
        ("NOT status = RUNNING", "ExecutionStatus != 'Running'"),
        ("campaign_id = camp_1", "CampaignId = 'camp_1'"),
        ("campaign_id != camp_1", "(CampaignId != 'camp_1' OR CampaignId IS NULL)"),
        ("-campaign_id = camp_1", "(CampaignId != 'camp_1' OR CampaignId IS NULL)"),
        ("-campaign_id != camp_1", "CampaignId = 'camp_1'"),
        ("NOT lead_id:*", "LeadId IS NULL"),
        ("close_time:*", "CloseTime IS NOT NULL"),
        (
            "start_time >= 2026-03-02T12:00:00Z",
            "StartTime >= '2026-03-02T12:00:00+00:00'",
        ),
        (
            "NOT close_time < 2026-03-02T12:00:00Z",
            "(CloseTime >= '2026-03-02T12:00:00+00:00' OR CloseTime IS NULL)",
        ),
        (
            "NOT (type = LEAD OR type = CAMPAIGN)",
            "(WorkflowType != 'Lead' AND WorkflowType != 'Campaign')",
        ),
        (
            "NOT (type = LEAD status = FAILED)",
            "(WorkflowType != 'Lead' OR ExecutionStatus != 'Failed')",
        ),
    ],
)
def test_a_filter_becomes_a_query(filter_: str, query: str) -> None:
    """What is unset equals nothing and differs from everything, also where it is turned around."""
    assert query_of(WORKFLOWS.filter(filter_), WORKFLOWS) == query


@given(st.text().filter(lambda text: not text.replace("_", "").isalnum()))
def test_what_is_no_id_is_not_in_a_query(text: str) -> None:
    """A quotation mark ends nothing: there is no such id, so it equals nothing."""
    asked = Restriction("campaign_id", Operator.EQUALS, text, True, 0)

    for query in (
        query_of(asked, WORKFLOWS),
        query_of(Not(asked), WORKFLOWS),
        equals("OrganizationId", text),
    ):
        assert "'" not in query.partition("'")[2].rpartition("'")[0]
