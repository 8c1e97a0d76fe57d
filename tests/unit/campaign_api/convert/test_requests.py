"""Requests, unpacked and refused by field."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from campaign_api.convert import requests
from campaign_api.errors import InvalidFields
from outreach.campaign.v1 import campaign_service_pb2 as pb
from outreach.campaign.v1 import linkedin_event_service_pb2 as events_pb


def request(**changes: Any) -> pb.CreateCampaignRequest:
    values: dict[str, Any] = {
        "request_id": "r",
        "organization_id": "org_north",
        "name": "Spring",
        "account_ids": ["acct_ada"],
        "sequence_json": "{}",
    }
    return pb.CreateCampaignRequest(**{**values, **changes})


def test_a_good_request_has_no_violation() -> None:
    """And a name loses the space around it."""
    draft = requests.draft_from_proto(request(name=" Spring "))

    assert not draft.violations
    assert draft.name == "Spring"


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"request_id": ""}, ("request_id", "FIELD_REQUIRED")),
        ({"request_id": "r" * 201}, ("request_id", "FIELD_INVALID")),
        ({"organization_id": " "}, ("organization_id", "FIELD_REQUIRED")),
        ({"name": "n" * 201}, ("name", "FIELD_INVALID")),
        ({"name": "a\x00b"}, ("name", "FIELD_INVALID")),
        ({"account_ids": []}, ("account_ids", "FIELD_REQUIRED")),
        ({"account_ids": [""]}, ("account_ids[0]", "FIELD_REQUIRED")),
        ({"account_ids": [f"acct_{n}" for n in range(101)]}, ("account_ids", "FIELD_INVALID")),
        ({"sequence_json": ""}, ("sequence_json", "FIELD_REQUIRED")),
        ({"sequence_json": "{\x00}"}, ("sequence_json", "SEQUENCE_UNREADABLE")),
        ({"sequence_json": " " * 9 + "x" * 5_300_000}, ("sequence_json", "SEQUENCE_UNREADABLE")),
    ],
)
def test_a_wrong_field_is_named(changes: dict[str, Any], told: tuple[str, str]) -> None:
    """One violation, with the reason."""
    draft = requests.draft_from_proto(request(**changes))

    assert [(wrong.field, wrong.reason) for wrong in draft.violations] == [told]


async def test_only_the_first_message_is_a_header() -> None:
    """A second header in the middle of a file is refused."""

    async def messages() -> AsyncIterator[pb.ImportLeadsRequest]:
        yield pb.ImportLeadsRequest(content=b"a")
        yield pb.ImportLeadsRequest(header=pb.ImportLeadsHeader(campaign_id="camp_1"))

    content = requests.import_content(messages())

    assert await anext(content) == b"a"
    with pytest.raises(InvalidFields):
        await anext(content)


def test_an_incomplete_event_is_nothing() -> None:
    """It would be reported for ever and block those behind it."""
    event = events_pb.LinkedInEvent(
        event_id="evt_1",
        account_id="acct_ada",
        account_reconnected=events_pb.AccountReconnected(),
    )

    assert requests.event_from_proto(event) is None


def test_an_event_of_a_later_kind_is_nothing() -> None:
    """This code does not know it, and must not fail on it."""
    assert requests.event_from_proto(events_pb.LinkedInEvent(event_id="evt_1")) is None
