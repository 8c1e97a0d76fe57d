"""Whose a workflow is, by its id."""

import pytest
from campaign_api.workflows.names import WorkflowName, name_of
from campaigns.workflow.contracts import campaign_workflow_id, lead_workflow_id

NOBODYS = WorkflowName()


def test_ids_that_are_given_out_are_read() -> None:
    """What the contracts make is understood."""
    assert name_of(campaign_workflow_id("camp_1")) == WorkflowName(campaign_id="camp_1")
    found = WorkflowName(campaign_id="camp_1", lead_id="lead_2")
    assert name_of(lead_workflow_id("camp_1", "lead_2")) == found
    assert name_of("answer/camp_1/lead_2/in_3") == found


@pytest.mark.parametrize(
    "workflow_id",
    [
        "delivery/evt_1/ep_1",
        "campaign/camp_1/lead_1",
        "lead/camp_1",
        "lead/lead_1/camp_1",
        "campaign/",
        "campaign",
        "camp_1",
        "",
    ],
)
def test_other_ids_are_of_no_campaign(workflow_id: str) -> None:
    """They are our staff's alone to see."""
    assert name_of(workflow_id) == NOBODYS
