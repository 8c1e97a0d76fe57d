"""What webhooks may have missed: relations and sent invitations, read a few times a day.

One sweep per account, at random times, never one look per lead. Who is in neither list is
not known to have refused: nothing follows from an absence.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import timedelta

from servicekit.clock import Clock
from servicekit.telemetry.logs import get_logger

from linkedin_gateway.accounts.account_repository import AccountRepository
from linkedin_gateway.actions.profile_repository import ProfileRepository
from linkedin_gateway.inbound import acceptances
from linkedin_gateway.inbound.inbound_repository import InboundRepository, Pending
from linkedin_gateway.inbound.reconciliation import Drift
from linkedin_gateway.models import Account, person_key
from linkedin_gateway.unipile import InvitationSeen, RelationSeen, Unipile, UnipileError

_AT_ONCE = 20
_SLACK = timedelta(days=1)
"""How much earlier than its invitation a relation may be dated."""

log = get_logger(__name__)


class Polling:
    """`interval` is domain time."""

    def __init__(
        self,
        unipile: Unipile,
        accounts: AccountRepository,
        inbound: InboundRepository,
        profiles: ProfileRepository,
        drift: Drift,
        clock: Clock,
        *,
        interval: timedelta,
        told: Callable[[], None],
        dice: random.Random,
    ) -> None:
        self._unipile = unipile
        self._accounts = accounts
        self._inbound = inbound
        self._profiles = profiles
        self._drift = drift
        self._clock = clock
        self._interval = interval
        self._told = told
        self._dice = dice

    async def poll_due(self) -> None:
        """Sweep the accounts whose time has come, each by one process."""
        now = self._clock.now()
        for account in await self._accounts.due_polls(now=now, limit=_AT_ONCE):
            next_at = now + self._interval * self._dice.uniform(0.5, 1.5)
            if not await self._accounts.take_poll(account.account_id, now=now, next_at=next_at):
                continue
            try:
                await self.poll(account)
            except UnipileError as error:
                log.warning("sweep_failed", account_id=account.account_id, error=str(error))

    async def poll(self, account: Account) -> int:
        """Find acceptances that were not heard of; returns how many.

        By the way the ledger is compared with the list of pending invitations.
        """
        believed = await self._drift.believed(account)
        pending = await self._inbound.pending(account.account_id)
        by_provider_id = {each.provider_id: each for each in pending if each.provider_id}
        by_person = {each.person: each for each in pending}
        found = 0
        for relation in await self._new_relations(account, pending):
            match = by_provider_id.get(relation.provider_id) or by_person.get(
                person_key(relation.public_identifier)
            )
            if match is not None:
                await self._accepted(account, match, relation)
                found += 1
        sent = self._unipile.invitations.pending(account.unipile_account_id)
        listed = [invitation async for invitation in sent]
        await self._keep_invitation_ids(account, by_provider_id, listed)
        await self._drift.compare(account, believed, listed)
        log.info("account_swept", account_id=account.account_id, accepted=found)
        if found:
            self._told()
        return found

    async def _new_relations(
        self, account: Account, pending: Sequence[Pending]
    ) -> Sequence[RelationSeen]:
        """Relations that may answer an open invitation: lists are newest first."""
        if not pending:
            return []
        oldest = min(each.invited_at for each in pending) - _SLACK
        relations = []
        async for relation in self._unipile.people.relations(account.unipile_account_id):
            if relation.connected_at is not None and relation.connected_at < oldest:
                break
            relations.append(relation)
        return relations

    async def _accepted(self, account: Account, match: Pending, relation: RelationSeen) -> None:
        now = self._clock.now()
        async with self._inbound.conversation() as conversation:
            await acceptances.accepted(
                conversation,
                account,
                match.person,
                provider_id=relation.provider_id,
                at=relation.connected_at or now,
                now=now,
            )

    async def _keep_invitation_ids(
        self,
        account: Account,
        by_provider_id: dict[str, Pending],
        listed: Sequence[InvitationSeen],
    ) -> None:
        """Ids by which invitations are withdrawn, where the answer that told them was lost."""
        for invitation in listed:
            match = by_provider_id.get(invitation.provider_id)
            if match is not None:
                await self._profiles.keep_invitation(
                    account.account_id, match.person, invitation.invitation_id
                )
