"""What lies in Unipile's store of the chats between an account and a person.

The inbox of a product knows the person by an id of its own, which only that product shows. Where it
was shown, to send an InMail, chats are found by it; else whom a chat there is with goes by the
number of the member, which the store tells.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain

from servicekit.tables import total
from servicekit.ttl_cache import TtlCache

from linkedin_gateway.models import Account, Tier
from linkedin_gateway.people.aliases import urn_alias
from linkedin_gateway.people.people_repository import PeopleRepository
from linkedin_gateway.replies.message import of_product
from linkedin_gateway.unipile import MessageSeen, Unipile, UnipileError
from linkedin_gateway.unipile.error_table import ErrorClass

_KNOWN_FOR = timedelta(hours=6)
_HAS_INBOX = total(
    Tier,
    {
        Tier.FREE: False,
        Tier.PREMIUM: False,
        Tier.SALES_NAVIGATOR: True,
        Tier.RECRUITER: True,
    },
)
"""Whether an account of that plan has an inbox beside the classic one."""


@dataclass(frozen=True, kw_only=True)
class ChatsRead:
    """What was found, and in which chats."""

    messages: Sequence[MessageSeen]
    chats: frozenset[str]


class ChatReader:
    """Everything that it reads is the store's, and costs nothing of LinkedIn's budget."""

    def __init__(self, unipile: Unipile, people: PeopleRepository) -> None:
        self._unipile = unipile
        self._people = people
        # The number of the member whom a chat is with, which does not change.
        self._members: TtlCache[tuple[str, str], str] = TtlCache(_KNOWN_FOR, most=100_000)

    async def read(
        self,
        account: Account,
        person_id: str,
        *,
        ids: Collection[str],
        chats: Collection[str],
        since: datetime,
    ) -> ChatsRead:
        """The newest messages of every chat with the person alone, back to `since` at least.

        `ids` are what the provider calls them, `chats` those that are known, which are read
        while others are looked for. Raises `UnipileError` when the store does not tell, and
        `ValueUnreadable` where not all is known that the person is called by.
        """
        known = frozenset(chats)
        messages, found = await asyncio.gather(
            self._pages(account, known, since=since),
            self._others(account, person_id, ids, since=since),
        )
        others = frozenset(found) - known
        return ChatsRead(
            messages=[*messages, *await self._pages(account, others, since=since)],
            chats=known | others,
        )

    async def member_urn(self, account: Account, chat_id: str) -> str:
        """The number of the member whom a chat is with; empty if it is not told.

        Raises `UnipileError` when the store does not tell.
        """
        key = (account.unipile_account_id, chat_id)
        urn = self._members.get(key)
        if urn is None:
            urn = await self._told_urn(account, chat_id)
            if urn:
                # A store that lags tells it later.
                self._members.put(key, urn)
        return urn

    async def _told_urn(self, account: Account, chat_id: str) -> str:
        try:
            return await self._unipile.messages.member_urn(account.unipile_account_id, chat_id)
        except UnipileError as error:
            if error.error_class is ErrorClass.NOT_FOUND:
                # The chat is gone, and says nothing any more, or is not there yet.
                return ""
            raise

    async def _others(
        self, account: Account, person_id: str, ids: Collection[str], *, since: datetime
    ) -> Sequence[str]:
        chats_with = self._unipile.messages.chats_with
        shown = await self._people.provider_ids(
            account.organization_id, person_id, account.account_id
        )
        found = await asyncio.gather(
            self._in_products(account, person_id, since=since),
            *(chats_with(account.unipile_account_id, each) for each in sorted({*ids, *shown})),
        )
        return list(chain.from_iterable(found))

    async def _pages(
        self, account: Account, chats: Collection[str], *, since: datetime
    ) -> Sequence[MessageSeen]:
        pages = await asyncio.gather(
            *(self._page(account, each, since=since) for each in sorted(chats))
        )
        return list(chain.from_iterable(pages))

    async def _page(
        self, account: Account, chat_id: str, *, since: datetime
    ) -> Sequence[MessageSeen]:
        newest = self._unipile.messages.newest
        try:
            return await newest(account.unipile_account_id, chat_id, since=since)
        except UnipileError as error:
            if error.error_class is ErrorClass.NOT_FOUND:
                # The chat is gone, and with it all that was said there.
                return ()
            raise

    async def _in_products(
        self, account: Account, person_id: str, *, since: datetime
    ) -> Sequence[str]:
        """The chats in the inboxes of products in which something was written since."""
        if not _HAS_INBOX[account.tier]:
            return ()
        numbers = await self._people.member_numbers(account.organization_id, person_id)
        if not numbers:
            return ()
        lately = await self._unipile.messages.latest_chats(account.unipile_account_id, after=since)
        chats = [each.chat_id for each in lately if of_product(each.attendee_id)]
        urns = await asyncio.gather(*(self.member_urn(account, each) for each in chats))
        aliases = [urn_alias(urn, account.account_id) for urn in urns]
        return [
            chat_id
            for chat_id, alias in zip(chats, aliases, strict=True)
            if alias is not None and alias.value in numbers
        ]
