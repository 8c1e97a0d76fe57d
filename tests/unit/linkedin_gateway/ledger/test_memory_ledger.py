"""The ledger in memory keeps the contract."""

from datetime import datetime

import pytest
from linkedin_gateway.models import Account, HoldScope, Kind, Profile
from linkedin_gateway.models.suppression_keys import Subject, key, spelling_of

from tests.contracts.ledger import LEASE, RULES, LedgerContract
from tests.fakes.memory_ledger import MemoryLedger


class MemoryStore:
    """A ledger in memory holds what other tables say by itself."""

    def __init__(self) -> None:
        self.ledger = MemoryLedger(rules=RULES, lease=LEASE)

    async def put_account(self, account: Account) -> None:
        self.ledger.tables.accounts[account.account_id] = account

    async def hold(self, scope: HoldScope, subject_id: str) -> None:
        self.ledger.tables.holds.add((scope, subject_id))

    async def suppress(self, organization_id: str, subject: Subject, label: str) -> None:
        self.ledger.tables.suppressed.add(
            key(organization_id, subject, spelling_of(subject, label))
        )

    async def forget(self, person_id: str) -> None:
        self.ledger.tables.unresolved.add(person_id)

    async def connect(self, account_id: str, person_id: str) -> None:
        self.ledger.tables.profiles[account_id, person_id] = Profile(
            person_id=person_id, connected=True
        )

    async def gone(self, account_id: str, person_id: str, at: datetime) -> None:
        self.ledger.tables.gone[account_id, person_id] = at

    async def reply(self, campaign_id: str, lead_id: str) -> None:
        self.ledger.tables.replied.add((campaign_id, lead_id))

    async def owner_wrote(self, campaign_id: str, lead_id: str, at: datetime) -> None:
        self.ledger.tables.owner_wrote[campaign_id, lead_id] = at

    async def cool(self, account_id: str, kind: Kind, until: datetime) -> None:
        self.ledger.tables.cool_downs[account_id, kind] = until


class TestMemoryLedger(LedgerContract):
    @pytest.fixture
    def store(self) -> MemoryStore:
        return MemoryStore()
