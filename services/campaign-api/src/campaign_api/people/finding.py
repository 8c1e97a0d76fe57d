"""Where a person is, and what has been said: all leads that somebody is, by whatever name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from campaigns.repositories.people.conversation_repository import (
    ConversationRepository,
    Message,
)
from campaigns.repositories.people.person_lead_repository import (
    PersonLead,
    PersonLeadRepository,
    Sought,
)
from campaigns.repositories.step_repository import StepRepository
from campaigns.revision_cache import RevisionCache
from campaigns.sealing.people import email_key, person_named
from servicekit.auth import visible_accounts
from servicekit.postgres.pool import Pool
from servicekit.sealing.seal import Seal

from campaign_api.clients.linkedin_gateway import Gateway
from campaign_api.errors import EmailsUnread, InvalidFields, invalid
from campaign_api.paging import Pages
from campaign_api.queries.leads import LeadView

_DEFAULT, _MOST = 25, 100
_MOST_NAMES = 100
"""Of whom the gateway is asked at once."""
_BATCHES = 20
"""Of leads whose e-mail addresses are made ready by one call."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Who is looked for: by one of the two."""

    address: str = ""
    email: str = ""
    show_deleted: bool = False


@dataclass(frozen=True, kw_only=True)
class Found:
    """A lead that somebody is, with what has happened."""

    view: LeadView
    campaign_name: str
    messages: Sequence[Message]


class PersonFinder:
    """Looks for people across campaigns."""

    def __init__(
        self,
        pool: Pool,
        seal: Seal,
        revisions: RevisionCache,
        gateway: Gateway,
        pages: Pages,
    ) -> None:
        self._leads = PersonLeadRepository(pool, seal)
        self._conversations = ConversationRepository(pool, seal)
        self._steps = StepRepository(pool, seal)
        self._revisions = revisions
        self._gateway = gateway
        self._pages = pages

    async def find(
        self, organization_id: str, asked: Asked, *, page_size: int, token: str
    ) -> tuple[Sequence[Found], str]:
        """The leads that the person is, the newest first, and the token of the next page.

        Raises `InvalidFields` for what nobody is called, `PageTokenInvalid`, `EmailsUnread` while
        leads are made ready to be found, and `ServiceUnavailable` where it cannot be told who else
        the person is.
        """
        kept = (str(asked.show_deleted), asked.address, asked.email)
        of = ("found leads", organization_id, *kept)
        before = await self._pages.position(token, of=of)
        limit = min(page_size or _DEFAULT, _MOST)
        found = await self._leads.page(
            organization_id,
            await self._sought(organization_id, asked),
            account_ids=visible_accounts(),
            show_deleted=asked.show_deleted,
            before=before,
            limit=limit + 1,
        )
        last = found[limit - 1].lead if len(found) > limit else None
        place = None if last is None else (last.created_at, last.id)
        after = await self._pages.after(place, of=of)
        return await self._told(found[:limit]), after

    async def _sought(self, organization_id: str, asked: Asked) -> Sought:
        """All that the person is called, and the leads that have acted on them."""
        names = await self._names(organization_id, asked)
        if not names:
            return Sought(email=asked.email)
        known = await self._gateway.known(organization_id, names)
        return Sought(names={*names, *known.names}, lead_ids=known.lead_ids, email=asked.email)

    async def _names(self, organization_id: str, asked: Asked) -> Sequence[str]:
        """By which names the person is asked for, or in lists."""
        if not asked.email:
            named = person_named(asked.address)
            if named is None:
                raise InvalidFields([invalid("address", "Nobody is called so.")])
            return [named]
        if not email_key(asked.email):
            raise InvalidFields([invalid("email", "This is no e-mail address.")])
        if not await self._leads.hash_emails(organization_id, batches=_BATCHES):
            raise EmailsUnread
        return await self._leads.called(
            organization_id, asked.email, account_ids=visible_accounts(), limit=_MOST_NAMES
        )

    async def _told(self, found: Sequence[PersonLead]) -> Sequence[Found]:
        lead_ids = [each.lead.id for each in found]
        history = await self._steps.history(lead_ids)
        messages = await self._conversations.of(lead_ids)
        return [
            Found(
                view=LeadView(
                    lead=each.lead,
                    history=history[each.lead.id],
                    sequence=(await self._revisions.get(each.revision_id)).sequence,
                ),
                campaign_name=each.campaign_name,
                messages=messages[each.lead.id],
            )
            for each in found
        ]
