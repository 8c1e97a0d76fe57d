"""Who the leads of a release or a ranking are, for callers who may know."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from campaigns.models import Person
from campaigns.repositories.outcomes.invited_people_repository import InvitedPeopleRepository
from servicekit.errors import ServiceError
from servicekit.telemetry import logs

from campaign_api.clients.linkedin_gateway import Gateway

log = logs.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Who:
    """People by their leads, and senders' names by their accounts, as far as they are known."""

    people: Mapping[str, Person] = field(default_factory=dict)
    senders: Mapping[str, str] = field(default_factory=dict)


class WhoIsWho:
    """Who was erased, and whose details do not open, is nobody; nor is a sender nobody tells of."""

    def __init__(self, people: InvitedPeopleRepository, gateway: Gateway) -> None:
        self._people = people
        self._gateway = gateway

    async def of(
        self,
        organization_id: str,
        campaign_id: str,
        lead_ids: Collection[str],
        account_ids: Collection[str] = (),
    ) -> Who:
        """Whoever these leads of a campaign and these accounts are."""
        found = await self._people.among(campaign_id, list(lead_ids))
        return Who(
            people={each.lead_id: each.person for each in found},
            senders=await self._names(organization_id, account_ids) if account_ids else {},
        )

    async def _names(self, organization_id: str, account_ids: Collection[str]) -> Mapping[str, str]:
        try:
            found = await self._gateway.glance_at_accounts(organization_id, account_ids)
        except ServiceError as error:
            # It only explains: without names the leads are told all the same.
            log.info("sender_names_unread", reason=error.reason)
            return {}
        return {account_id: each.name for account_id, each in found.items()}
