"""Requests, unpacked and refused by field."""

from collections.abc import AsyncIterator
from contextvars import copy_context
from typing import Any

import pytest
from campaign_api.commands.drafts import Draft
from campaign_api.convert import requests
from campaign_api.errors import InvalidFields
from outreach.campaign.v1 import campaign_service_pb2, lead_service_pb2
from servicekit.grpc.requests.checks import checked
from servicekit.grpc.requests.rules import ContractRules


def request(**changes: Any) -> campaign_service_pb2.CreateCampaignRequest:
    values: dict[str, Any] = {
        "request_id": "r",
        "organization_id": "org_north",
        "name": "Spring",
        "account_ids": ["acct_ada"],
        "sequence_json": "{}",
    }
    return campaign_service_pb2.CreateCampaignRequest(**{**values, **changes})


def drafted(asked: campaign_service_pb2.CreateCampaignRequest) -> Draft:
    """The draft of a request that came by the interceptor."""

    def draft() -> Draft:
        checked(asked, ContractRules(), handed=True)
        return requests.draft_from_proto(asked)

    return copy_context().run(draft)


def test_a_good_request_has_no_violation() -> None:
    """And a name loses the space around it."""
    draft = drafted(request(name=" Spring "))

    assert not draft.violations
    assert draft.name == "Spring"


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"request_id": ""}, ("request_id", "FIELD_REQUIRED")),
        ({"request_id": "r" * 201}, ("request_id", "FIELD_INVALID")),
        ({"organization_id": " "}, ("organization_id", "FIELD_REQUIRED")),
        ({"name": "n" * 201}, ("name", "FIELD_INVALID")),
        ({"name": "a\nb"}, ("name", "FIELD_INVALID")),
        ({"account_ids": []}, ("account_ids", "FIELD_REQUIRED")),
        ({"account_ids": [""]}, ("account_ids[0]", "FIELD_REQUIRED")),
        ({"account_ids": [f"acct_{n}" for n in range(101)]}, ("account_ids", "FIELD_INVALID")),
        ({"sequence_json": ""}, ("sequence_json", "FIELD_REQUIRED")),
        ({"sequence_json": " " * 9 + "x" * 5_300_000}, ("sequence_json", "FIELD_INVALID")),
    ],
)
def test_a_wrong_field_is_named(changes: dict[str, Any], told: tuple[str, str]) -> None:
    """One violation, with the reason."""
    draft = drafted(request(**changes))

    assert [(wrong.field, wrong.reason) for wrong in draft.violations] == [told]


async def test_only_the_first_message_is_a_header() -> None:
    """A second header in the middle of a file is refused."""

    async def messages() -> AsyncIterator[lead_service_pb2.ImportLeadsRequest]:
        yield lead_service_pb2.ImportLeadsRequest(content=b"a")
        yield lead_service_pb2.ImportLeadsRequest(
            header=lead_service_pb2.ImportLeadsHeader(campaign_id="camp_1")
        )

    content = requests.import_content(messages())

    assert await anext(content) == b"a"
    with pytest.raises(InvalidFields):
        await anext(content)
