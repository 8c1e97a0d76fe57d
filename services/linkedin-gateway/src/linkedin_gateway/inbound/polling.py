"""What webhooks may have missed: relations and sent invitations, read a few times a day.

One poll per account, at random times, never one look per lead. Who is in neither list is
not known to have refused: nothing follows from an absence.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import timedelta

from servicekit.clock import Clock
from servicekit.telemetry.logs import get_logger

from linkedin_gateway.actions.profile_repository import ProfileRepository
from linkedin_gateway.inbound.acceptances import record_acceptance
from linkedin_gateway.inbound.inbound_repository import InboundRepository, PendingInvitation
from linkedin_gateway.inbound.invitation_audit import InvitationAudit
from linkedin_gateway.inbound.polling_repository import PollingRepository
from linkedin_gateway.models import Account, person_key
from linkedin_gateway.unipile import (
    InvitationSeen,
    ListUnfinished,
    RelationSeen,
    Unipile,
    UnipileError,
)

_AT_ONCE = 20
_SLACK = timedelta(days=1)
"""How much earlier than its invitation a relation may be dated."""

log = get_logger(__name__)


class AcceptancePoller:
    """`interval` is domain time."""

    def __init__(
        self,
        repository: PollingRepository,
        unipile: Unipile,
        inbound: InboundRepository,
        profiles: ProfileRepository,
        audit: InvitationAudit,
        clock: Clock,
        *,
        interval: timedelta,
        on_published: Callable[[], None],
        dice: random.Random,
    ) -> None:
        self._repository = repository
        self._unipile = unipile
        self._inbound = inbound
        self._profiles = profiles
        self._audit = audit
        self._clock = clock
        self._interval = interval
        self._on_published = on_published
        self._dice = dice

    async def poll_due(self) -> None:
        """Poll for the accounts whose time has come, each by one process."""
        now = self._clock.now()
        for account in await self._repository.due(now=now, limit=_AT_ONCE):
            next_at = now + self._interval * self._dice.uniform(0.5, 1.5)
            if not await self._repository.take(account.account_id, now=now, next_at=next_at):
                continue
            try:
                await self.poll(account)
            except UnipileError as error:
                log.warning("poll_failed", account_id=account.account_id, error=str(error))

    async def poll(self, account: Account) -> int:
        """Find acceptances that no webhook told of; returns how many.

        The list of pending invitations is read anyway, so the ledger is audited by it.
        """
        expected = await self._audit.expected(account)
        pending = await self._inbound.pending(account.account_id)
        by_provider_id = {each.provider_id: each for each in pending if each.provider_id}
        by_name = {name: each for each in pending for name in each.names}
        found = 0
        for relation in await self._new_relations(account, pending):
            match = by_provider_id.get(relation.provider_id) or by_name.get(
                person_key(relation.public_identifier)
            )
            if match is not None:
                await self._accepted(account, match, relation)
                found += 1
        sent = self._unipile.invitations.pending(account.unipile_account_id)
        listed = [invitation async for invitation in sent]
        await self._keep_invitation_ids(account, by_provider_id, listed)
        await self._audit.compare(account, expected, listed)
        log.info("account_polled", account_id=account.account_id, accepted=found)
        if found:
            self._on_published()
        return found

    async def _new_relations(
        self, account: Account, pending: Sequence[PendingInvitation]
    ) -> Sequence[RelationSeen]:
        """Relations that may answer an open invitation: lists are newest first."""
        if not pending:
            return []
        oldest = min(each.invited_at for each in pending) - _SLACK
        relations = []
        try:
            async for relation in self._unipile.people.relations(account.unipile_account_id):
                if relation.connected_at is not None and relation.connected_at < oldest:
                    break
                relations.append(relation)
        except ListUnfinished as error:
            # Who is in it is connected; nothing follows from who is not.
            log.warning("relations_not_ended", account_id=account.account_id, error=str(error))
        return relations

    async def _accepted(
        self, account: Account, match: PendingInvitation, relation: RelationSeen
    ) -> None:
        now = self._clock.now()
        async with self._inbound.transaction() as transaction:
            await record_acceptance(
                transaction,
                account,
                match.person_id,
                provider_id=relation.provider_id,
                at=relation.connected_at or now,
                now=now,
            )

    async def _keep_invitation_ids(
        self,
        account: Account,
        by_provider_id: dict[str, PendingInvitation],
        listed: Sequence[InvitationSeen],
    ) -> None:
        """Ids by which invitations are withdrawn, where the answer that had them was lost."""
        for invitation in listed:
            match = by_provider_id.get(invitation.provider_id)
            if match is not None:
                await self._profiles.keep_invitation(
                    account, match.person_id, invitation.invitation_id
                )
