"""Who must not be contacted, as a look at what would be done asks it."""

from collections.abc import Collection, Sequence

from campaigns.models import Person
from servicekit.errors import ServiceError
from servicekit.telemetry import logs

from campaign_api.clients.linkedin_gateway import Gateway

log = logs.get_logger(__name__)


class SuppressedPeople:
    """Of a gateway that does not answer nobody is: a look goes on, and tells no sender's slots."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    async def suppressed(self, organization_id: str, people: Sequence[Person]) -> Collection[int]:
        """The places, among at most a thousand people, of those who must not be contacted."""
        try:
            return await self._gateway.suppressed(organization_id, people)
        except ServiceError as error:
            log.info("suppressions_unread", reason=error.reason)
            return frozenset()
