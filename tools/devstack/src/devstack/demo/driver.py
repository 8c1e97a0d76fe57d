"""A customer of one stack: does through the services' RPCs what a customer would do."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from pathlib import Path

from outreach.campaign.v1 import (
    campaign_pb2,
    campaign_service_pb2,
    lead_pb2,
    lead_service_pb2,
    sequence_service_pb2,
)
from outreach.common.v1 import on_the_wire_pb2, sending_window_pb2
from outreach.linkedin.v1 import account_pb2

from devstack.demo.consistency import LeadWithSteps
from devstack.demo.flow import Flow
from devstack.demo.journal import Cap, caps_of
from devstack.stack.stack import Stack

ALWAYS = sending_window_pb2.SendingWindow(
    time_zone="UTC",
    weekdays=sending_window_pb2.Weekday.values()[1:],
    opens="00:00",
    closes="00:00",
)
"""Every day and all day, for those who cannot wait for Monday."""

_PAGE = 500
ORGANIZATION = "org_demo"
"""Whose things are made unless another is named."""
_EVENTS = "events"

_ENDED = {
    campaign_pb2.CAMPAIGN_STATE_COMPLETED,
    campaign_pb2.CAMPAIGN_STATE_STOPPED,
}


class Driver:
    """One organization with its accounts, endpoints and campaigns."""

    def __init__(self, stack: Stack, *, organization_id: str = ORGANIZATION) -> None:
        self.stack = stack
        self._client = stack.client
        self.organization_id = organization_id
        self.accounts: list[account_pb2.Account] = []

    async def register_accounts(
        self, *, working_hours: sending_window_pb2.SendingWindow | None = None
    ) -> list[account_pb2.Account]:
        """Take every account of the simulated Unipile under the gateway's care."""
        for account in self.stack.options.accounts:
            answer = await self._client.accounts.register(
                organization_id=self.organization_id,
                unipile_account_id=account.id,
                working_hours=working_hours,
            )
            self.accounts.append(answer.account)
        return self.accounts

    async def create_endpoints(self, flow: Flow) -> list[str]:
        """Listen to every event, and to each webhook that the flow names; their ids."""
        names = {_EVENTS: ""} | {
            f"webhook-{number}": builder_id for number, builder_id in enumerate(flow.webhooks, 1)
        }
        return [await self._create_endpoint(name, builder_id) for name, builder_id in names.items()]

    async def _create_endpoint(self, name: str, builder_id: str) -> str:
        own = f"{self.organization_id}-{name}"
        answer = await self._client.webhooks.create_endpoint(
            request_id=own,
            organization_id=self.organization_id,
            url=self.stack.receiver.url(own),
            event_types=["sequence.webhook"] if builder_id else [],
            builder_webhook_id=builder_id,
            description=f"The demo's receiver: {builder_id or 'every event'}",
        )
        self.stack.receiver.trust(own, answer.secret)
        return answer.endpoint.endpoint_id

    async def validate(self, flow: Flow) -> sequence_service_pb2.ValidateSequenceResponse:
        """What the campaign-api thinks of the sequence."""
        return await self._client.sequences.validate(
            organization_id=self.organization_id, sequence_json=flow.source
        )

    async def create_campaign(
        self,
        flow: Flow,
        *,
        name: str,
        settings: campaign_pb2.CampaignSettings | None = None,
    ) -> campaign_service_pb2.CreateCampaignResponse:
        """A draft that all accounts send for."""
        return await self._client.campaigns.create(
            request_id=secrets.token_hex(8),
            organization_id=self.organization_id,
            name=name,
            account_ids=[account.account_id for account in self.accounts],
            sequence_json=flow.source,
            settings=settings,
        )

    async def import_leads(
        self, campaign_id: str, file: Path
    ) -> lead_service_pb2.ImportLeadsResponse:
        """Stream a lead list."""
        return await self._client.import_leads(campaign_id, file)

    async def held_back(self, campaign_id: str, *, most: int) -> list[lead_pb2.Lead]:
        """The first leads to whom a text of the sequence cannot be said."""
        answer = await self._client.leads.list(
            campaign_id=campaign_id,
            state=lead_pb2.LEAD_STATE_HELD_BACK,
            page_size=most,
        )
        return [each.lead for each in answer.leads]

    async def start(self, campaign_id: str) -> None:
        """Start a campaign."""
        await self._client.campaigns.start(campaign_id=campaign_id)

    async def pause(self, campaign_id: str) -> on_the_wire_pb2.OnTheWire:
        """Pause a campaign; returns what had begun by then."""
        answer = await self._client.campaigns.pause(
            campaign_id=campaign_id, reason="a look at the texts"
        )
        return answer.on_the_wire

    async def resume(self, campaign_id: str) -> None:
        """Resume a campaign."""
        await self._client.campaigns.resume(campaign_id=campaign_id)

    async def stop(
        self, campaign_id: str, *, complete_current_executions: bool = False
    ) -> on_the_wire_pb2.OnTheWire:
        """Stop a campaign; returns what had begun by then."""
        answer = await self._client.campaigns.stop(
            campaign_id=campaign_id, complete_current_executions=complete_current_executions
        )
        return answer.on_the_wire

    async def delete(self, campaign_id: str) -> on_the_wire_pb2.OnTheWire:
        """Delete a campaign; returns what had begun by then."""
        answer = await self._client.campaigns.delete(campaign_id=campaign_id, force=True)
        return answer.on_the_wire

    async def status(self, campaign_id: str) -> campaign_pb2.CampaignStatus:
        """Where a campaign stands."""
        answer = await self._client.campaigns.get_status(campaign_id=campaign_id)
        return answer.status

    async def watch(self, campaign_id: str) -> AsyncIterator[campaign_pb2.CampaignStatus]:
        """Its status after every change, until it has ended."""
        async for answer in self._client.campaigns.watch(campaign_id=campaign_id):
            yield answer.status
            if answer.status.state in _ENDED:
                return

    async def leads(self, campaign_id: str) -> list[LeadWithSteps]:
        """Every lead with its history."""
        leads = self._client.leads.list(
            campaign_id=campaign_id, page_size=_PAGE, include_steps=True
        )
        return [lead async for lead in leads]

    async def waiting(
        self, campaign_id: str, *, most: int
    ) -> list[lead_service_pb2.GetLeadResponse]:
        """What leads that have not ended wait for."""
        open_leads = [
            lead.lead.lead_id
            for lead in await self.leads(campaign_id)
            if not lead.lead.HasField("end_time")
        ]
        return [
            await self._client.leads.get(campaign_id=campaign_id, lead_id=lead_id)
            for lead_id in open_leads[:most]
        ]

    async def caps(self) -> list[Cap]:
        """The caps of every account, as the gateway has them."""
        found = []
        for account in self.accounts:
            usage = await self._client.pace.get_account_usage(account_id=account.account_id)
            found += caps_of(account.unipile_account_id, usage.usages)
        return found
