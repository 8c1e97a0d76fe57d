"""campaign_api.clients.temporal_workflows: lists that Temporal refuses."""

from types import SimpleNamespace
from typing import Any

import pytest
from campaign_api.clients.temporal_workflows import TemporalWorkflows, TokenRefused
from campaign_api.errors import SearchAttributesMissing
from temporalio.service import RPCError, RPCStatusCode

UNKNOWN = "invalid query: invalid search attribute: OrganizationId"
OTHERWISE = "invalid query: column name 'OrganizationId' is not defined"
"""As other stores say it."""


def refusing(query: str, attributes: RPCStatusCode) -> TemporalWorkflows:
    """Where the query is refused with these words, and whoever asks for attributes as well."""

    async def list_runs(*_asked: Any, **_options: Any) -> None:
        raise RPCError(query, RPCStatusCode.INVALID_ARGUMENT, b"")

    async def list_attributes(*_asked: Any, **_options: Any) -> None:
        raise RPCError("Request unauthorized.", attributes, b"")

    client: Any = SimpleNamespace(
        namespace="outreach",
        workflow_service=SimpleNamespace(list_workflow_executions=list_runs),
        operator_service=SimpleNamespace(list_search_attributes=list_attributes),
    )
    connection: Any = SimpleNamespace(client=client)
    return TemporalWorkflows(connection)


NOT_TOLD = pytest.mark.parametrize(
    "status", [RPCStatusCode.PERMISSION_DENIED, RPCStatusCode.UNIMPLEMENTED]
)


@NOT_TOLD
async def test_a_token_that_has_aged_is_refused_also_where_attributes_are_not_told(
    status: RPCStatusCode,
) -> None:
    """A managed namespace lists its attributes to nobody; the page of a list was INTERNAL."""
    temporal = refusing("Invalid NextPageToken.", status)

    with pytest.raises(TokenRefused):
        await temporal.page("CampaignId = 'camp_1'", limit=10, token=b"aged")


@NOT_TOLD
@pytest.mark.parametrize("refusal", [UNKNOWN, OTHERWISE])
async def test_the_attribute_that_a_refusal_names_is_missing(
    refusal: str, status: RPCStatusCode
) -> None:
    """Whoever asked is told which to register, instead of INTERNAL."""
    temporal = refusing(refusal, status)

    with pytest.raises(SearchAttributesMissing) as refused:
        await temporal.page("OrganizationId = 'org_1'", limit=10, token=b"")

    assert refused.value.metadata["missing"] == "OrganizationId"


async def test_what_else_keeps_attributes_from_being_told_is_said() -> None:
    """Of a Temporal that is not itself nothing is concluded."""
    temporal = refusing(UNKNOWN, RPCStatusCode.DATA_LOSS)

    with pytest.raises(RPCError) as refused:
        await temporal.page("OrganizationId = 'org_1'", limit=10, token=b"")

    assert refused.value.status is RPCStatusCode.DATA_LOSS
