"""How a sequence's webhooks are asked for."""

from __future__ import annotations

import pytest
from campaign_api.commands.sequence_webhooks import SequenceWebhooks
from campaigns.builder.compiler import WebhookReference
from outreach.webhook.v1 import webhook_service_pb2
from servicekit.grpc.requests.checks import checked
from servicekit.grpc.requests.rules import ContractRules


class _Dispatcher:
    """Looks at what it is asked as the real one does."""

    async def endpoint_id(self, organization_id: str, webhook_id: str) -> str | None:
        request = webhook_service_pb2.GetEndpointRequest(
            organization_id=organization_id, builder_webhook_id=webhook_id
        )
        checked(request, ContractRules())
        return f"ep/{webhook_id}"


@pytest.mark.parametrize("letter", ["a", "ж", "步", "🚀"])
@pytest.mark.parametrize("length", [1, 100, 134, 200])
async def test_the_dispatcher_takes_every_id(letter: str, length: int) -> None:
    """Whatever letters somebody names a webhook with, it can be asked for."""
    reference = WebhookReference(
        field="nodes[0]", step_id="hook", builder_webhook_id=letter * length, url=""
    )
    webhooks = SequenceWebhooks(_Dispatcher())  # type: ignore[arg-type]

    found = await webhooks.resolve("org_north", [reference])

    assert found.endpoint_by_step.keys() == {"hook"}
