"""Lists of people that an organization keeps, but for the people."""

from campaigns.lead_list_import import LeadList, LeadListEdit
from campaigns.repositories.lead_lists.lead_list_repository import LeadListRepository
from servicekit.auth import current_principal
from servicekit.clock import Clock
from servicekit.ids import new_id
from servicekit.postgres.companions import note_created
from servicekit.telemetry import logs

log = logs.get_logger(__name__)


class LeadLists:
    """Makes lists, edits what they are called, and deletes them."""

    def __init__(self, repository: LeadListRepository, clock: Clock) -> None:
        self._repository = repository
        self._clock = clock

    async def create(
        self,
        organization_id: str,
        *,
        name: str,
        description: str,
        account_ids: tuple[str, ...] = (),
        request_id: str,
    ) -> LeadList:
        """A list with nobody in it, of accounts or of the organization; the same request is one.

        Raises `RequestIdReused` if the request made another one before, or it was deleted.
        """
        new = LeadList(
            id=new_id("list"),
            organization_id=organization_id,
            name=name,
            description=description,
            account_ids=account_ids,
            created_at=self._clock.now(),
            created_by=current_principal(),
        )
        note_created("lead_list_id", new.id)
        created = await self._repository.create(new, request_id=request_id)
        if created.id == new.id:
            log.info("lead_list_created", lead_list_id=new.id)
        return created

    async def update(self, lead_list_id: str, edit: LeadListEdit) -> LeadList:
        """The list as it is after the edit; raises what `LeadListRepository.edit` does."""
        return await self._repository.edit(lead_list_id, edit, by=current_principal())

    async def delete(self, lead_list_id: str, *, force: bool, etag: str) -> None:
        """Forget it with its people; raises what `LeadListRepository.delete` does."""
        await self._repository.delete(lead_list_id, force=force, etag=etag, now=self._clock.now())
        log.info("lead_list_deleted", lead_list_id=lead_list_id)
