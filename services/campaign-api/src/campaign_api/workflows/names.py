"""Which campaign and lead a workflow is of, by its id, which is a path of ids. Pure."""

import re
from dataclasses import dataclass
from enum import StrEnum

from servicekit.ids import has_prefix


class WorkflowType(StrEnum):
    """The types of ours, by their names at Temporal."""

    CAMPAIGN = "Campaign"
    LEAD = "Lead"
    LATE_ANSWER = "LateAnswer"
    DELIVERY = "Delivery"


@dataclass(frozen=True, kw_only=True)
class WorkflowName:
    """What an id says; empty where it says nothing of the kind."""

    campaign_id: str = ""
    lead_id: str = ""


_RUN = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
_NAMELESS = WorkflowName()
_FURTHER = {"campaign": 0, "lead": 1, "answer": 2}
"""Ids behind that of the campaign, the first of which is the lead's."""


def name_of(workflow_id: str) -> WorkflowName:
    """What the id of a workflow says of whose it is."""
    kind, _, rest = workflow_id.partition("/")
    campaign_id, *others = rest.split("/")
    if not has_prefix(campaign_id, "camp") or len(others) != _FURTHER.get(kind):
        return _NAMELESS
    if others and not has_prefix(others[0], "lead"):
        return _NAMELESS
    return WorkflowName(campaign_id=campaign_id, lead_id=others[0] if others else "")


def is_run_id(run_id: str) -> bool:
    """Whether it can be the id of a run: Temporal knows no other."""
    return _RUN.fullmatch(run_id) is not None
