"""How many connections the accounts have, read from their owners' own profiles.

LinkedIn looks harder at accounts with few: these ramp up by their number, see `health_score`.
"""

from __future__ import annotations

from datetime import timedelta

from servicekit.clock import Clock
from servicekit.telemetry.logs import get_logger

from linkedin_gateway.accounts.health_repository import HealthRepository
from linkedin_gateway.errors import ActionMustWait
from linkedin_gateway.ledger.metered_reads import MeteredReads
from linkedin_gateway.models import Account, Kind, Person
from linkedin_gateway.pace.health_score import FEW_CONNECTIONS
from linkedin_gateway.unipile import Unipile, UnipileError

_WHILE_FEW = timedelta(days=1)
_ONCE_ENOUGH = timedelta(days=14)
_AFTER_A_FAILURE = timedelta(hours=6)
_AT_ONCE = 20
_ENOUGH = FEW_CONNECTIONS[-1][0]

log = get_logger(__name__)


class ConnectionCounter:
    def __init__(
        self, repository: HealthRepository, unipile: Unipile, reads: MeteredReads, clock: Clock
    ) -> None:
        self._repository = repository
        self._unipile = unipile
        self._reads = reads
        self._clock = clock

    async def count_due(self) -> None:
        """Count those of accounts whose time has come, each by one process."""
        now = self._clock.now()
        due = await self._repository.take_connections(
            now=now, next_at=now + _AFTER_A_FAILURE, limit=_AT_ONCE
        )
        for account in due:
            try:
                await self.count(account)
            except ActionMustWait:
                # Leads need the budget of reads; it is not urgent.
                continue
            except UnipileError as error:
                log.warning(
                    "connections_not_counted", account_id=account.account_id, error=str(error)
                )

    async def count(self, account: Account) -> None:
        """Read how many an account has, out of its budget of profiles."""
        async with self._reads.reserved(account, Kind.LOOKUP, _owner(account)):
            found = await self._unipile.people.connections(
                account.unipile_account_id, account.provider_id
            )
        again = _WHILE_FEW if found is not None and found < _ENOUGH else _ONCE_ENOUGH
        await self._repository.keep_connections(
            account.account_id, found, next_at=self._clock.now() + again
        )


def _owner(account: Account) -> Person:
    """Its owner, who is nobody's lead by that."""
    return Person(person_id="", identifier=account.provider_id)
