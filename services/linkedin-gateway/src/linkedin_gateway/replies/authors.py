"""SQL that joins a message to whom the organization knows, by what is told of its author."""

from __future__ import annotations

from linkedin_gateway.models import Account, is_provider_id
from linkedin_gateway.people.aliases import Alias, address, provider_alias, urn_alias
from linkedin_gateway.people.people_repository import LOCK, called
from linkedin_gateway.replies.message import Author, Message
from linkedin_gateway.storage.connection import Connection
from linkedin_gateway.storage.locks import person_lock
from linkedin_gateway.storage.sealed_ids import SealedIds

# With whom the account writes in a chat: they wrote there, or something was sent to them there.
IN_CHAT = """
SELECT person_id FROM profiles WHERE account_id = $1 AND chat_id = $2 AND chat_id <> ''
 UNION ALL
SELECT person_id FROM every_action
 WHERE account_id = $1 AND outcome ->> 'chat_id' = $2 AND outcome ->> 'chat_id' <> ''
   AND person_id <> ''
 LIMIT 1
"""


async def person_of(
    connection: Connection, ids: SealedIds, account: Account, message: Message
) -> str | None:
    """Who wrote it, or to whom it is; nobody else decides about them until this is over.

    An id of the product is surest, then the chat, then the name in the address and the number of
    the member. A chat of several people says nothing about which of them it was.
    """
    organization_id = account.organization_id
    shown = [provider_alias(each, account.account_id) for each in message.author.provider_ids]
    person_id = await called(connection, ids, organization_id, shown)
    if person_id is None and not message.marked_group:
        person_id = await _in_chat(
            connection, account, ids.sealed(organization_id, message.chat_id)
        )
    if person_id is None:
        person_id = await called(connection, ids, organization_id, _names(message.author, account))
    return person_id


async def _in_chat(connection: Connection, account: Account, chat_id: str) -> str | None:
    """Whose chat with the account it is; the id is as it is kept."""
    person_id: str | None = await connection.fetchval(IN_CHAT, account.account_id, chat_id)
    if person_id is None:
        return None
    await connection.execute(LOCK, person_lock(account.organization_id, person_id))
    # They may have become somebody else while the lock was waited for.
    locked: str | None = await connection.fetchval(IN_CHAT, account.account_id, chat_id)
    return locked


def _names(author: Author, account: Account) -> list[Alias]:
    """What everybody calls them."""
    names = [] if is_provider_id(author.name_or_id) else [author.name_or_id]
    urn = urn_alias(author.member_urn, account.account_id)
    return [address(name) for name in names if name] + ([urn] if urn is not None else [])
