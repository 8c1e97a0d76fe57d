"""Is the ledger true? Compared with the provider's own list of pending invitations.

Two things may be found. An invitation that the ledger does not know was sent by somebody
else, or twice: that must never be ours. One that the ledger believes in and nobody has was
declined or taken back by hand: the ledger learns it, so that it counts once.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from enum import StrEnum

from servicekit.clock import Clock
from servicekit.logs import get_logger

from linkedin_gateway.drift_repository import DriftRepository, Invitee
from linkedin_gateway.models import Account, person_key
from linkedin_gateway.obstacles import LAPSES_AFTER
from linkedin_gateway.unipile import InvitationSeen

_SETTLED = timedelta(hours=1)
"""How old an invitation is before its absence from the list means anything."""
_DATED_BY_DAY = timedelta(days=1)
"""The provider tells the age of an invitation in days at best."""

log = get_logger(__name__)


class DriftKind(StrEnum):
    """In which way the two are apart."""

    UNKNOWN_INVITATION = "unknown_invitation"
    """Pending at the provider; the ledger has no such action."""
    MISSING_INVITATION = "missing_invitation"
    """Pending by the ledger; at the provider neither pending nor a connection."""


class Drift:
    def __init__(self, repository: DriftRepository, clock: Clock) -> None:
        self._repository = repository
        self._clock = clock

    async def believed(self, account: Account) -> Sequence[Invitee]:
        """Whose invitations should be listed. To be asked before the list is read."""
        now = self._clock.now()
        return await self._repository.believed(
            account.account_id, sent_before=now - _SETTLED, at_most=LAPSES_AFTER
        )

    async def compare(
        self, account: Account, believed: Sequence[Invitee], listed: Sequence[InvitationSeen]
    ) -> dict[str, int]:
        """How far the ledger is from the whole list; kept until the next comparison."""
        now = self._clock.now()
        ids = {each.provider_id for each in listed}
        people = {person_key(each.public_identifier) for each in listed}
        # Who has accepted since is believed in no more.
        still = {each.person for each in await self.believed(account)}
        missing = [
            each.person
            for each in believed
            if each.person in still and each.provider_id not in ids and each.person not in people
        ]
        unknown = self._unknown(account, listed, await self._repository.invited(account.account_id))
        if missing:
            await self._repository.gone(account.account_id, missing, at=now)
        drift = {
            DriftKind.UNKNOWN_INVITATION.value: len(unknown),
            DriftKind.MISSING_INVITATION.value: len(missing),
        }
        await self._repository.keep(account.account_id, drift, at=now)
        if missing or unknown:
            log.warning(
                "ledger_drifted",
                account_id=account.account_id,
                unknown=len(unknown),
                missing=len(missing),
            )
        return drift

    @staticmethod
    def _unknown(
        account: Account, listed: Sequence[InvitationSeen], invited: Sequence[Invitee]
    ) -> list[InvitationSeen]:
        """What is listed and not ours; what was sent before we knew the account is not counted."""
        ids = {each.provider_id for each in invited} - {""}
        people = {each.person for each in invited}
        since = account.created_at + _DATED_BY_DAY
        return [
            each
            for each in listed
            if each.provider_id not in ids
            and person_key(each.public_identifier) not in people
            and each.sent_at is not None
            and each.sent_at > since
        ]
