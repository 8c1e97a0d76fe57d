"""The record of a lead that receivers of an older system read. Pure.

    {"id": …, "firstName": …, "steps": [{"stepNodeId": …, "timestamp": …, …}], "campaign": {…}, …}

They put the steps of a lead together by (`stepNodeId`, `timestamp`), so an event that ends a step
has that one, and others have none: each step of a lead comes once, under one pair, however often
it is sent. What we do not know is null.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

_ENDS_STEPS: Final = frozenset({"step.completed", "step.failed"})
_DONE: Final = "done"
_FAILED: Final = "failed"
_HEADLINE, _CUSTOM_STATUS = "headline", "customstatus"

Json = Mapping[str, Any]


def lead_record(event: Json) -> Json:
    """What such a receiver reads of an event."""
    data = event["data"]
    lead, reply = data.get("lead") or {}, data.get("reply")
    columns = {_plain(name): value for name, value in (lead.get("variables") or {}).items()}
    return {
        "id": lead.get("id"),
        "firstName": lead.get("firstName"),
        "lastName": lead.get("lastName"),
        "linkedinUrl": lead.get("linkedinUrl"),
        "connectionStatus": lead.get("connectionStatus"),
        "customStatus": columns.get(_CUSTOM_STATUS),
        "location": lead.get("location"),
        "company": lead.get("company"),
        "headline": columns.get(_HEADLINE),
        "phone": lead.get("phone"),
        "jobtitle": lead.get("title"),
        "email": lead.get("email"),
        "createdAt": lead.get("createTime"),
        "steps": _steps(event),
        "campaign": _campaign(data.get("campaign") or {}, lead),
        "reply": None if reply is None else {"message": reply.get("message")},
    }


def _plain(name: str) -> str:
    """`Custom Status`, `custom_status` and `customStatus` are one column."""
    return "".join(filter(str.isalnum, name)).lower()


def _steps(event: Json) -> Sequence[Json]:
    step = event["data"].get("step")
    if step is None or event["type"] not in _ENDS_STEPS:
        return []
    done, failed = int(step["state"] == _DONE), int(step["state"] == _FAILED)
    return [
        {
            "stepNodeId": step["id"],
            "timestamp": event["timestamp"],
            "success": bool(done),
            "details": {"successCount": done, "failedCount": failed, "comments": []},
            "metadata": {
                "automationResults": {"total": 1, "successful": done, "failed": failed},
            },
        }
    ]


def _campaign(campaign: Json, lead: Json) -> Json:
    return {
        "id": campaign.get("id"),
        "name": campaign.get("name"),
        "description": None,
        "status": campaign.get("state"),
        "fromTime": None,
        "toTime": None,
        "seat": {
            "id": lead.get("accountId"),
            "providerId": None,
            "firstName": None,
            "lastName": None,
            "publicIdentifier": None,
            "accountType": None,
        },
        "leadList": {"id": lead.get("leadListId") or None, "name": None, "listType": None},
    }
