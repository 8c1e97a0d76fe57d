"""The repositories of the gateway's tables, on one pool."""

from __future__ import annotations

from servicekit.postgres import Pool

from linkedin_gateway.account_repository import AccountRepository
from linkedin_gateway.archive_repository import ArchiveRepository
from linkedin_gateway.cool_down_repository import CoolDownRepository
from linkedin_gateway.drift_repository import DriftRepository
from linkedin_gateway.health_repository import HealthRepository
from linkedin_gateway.hold_repository import HoldRepository
from linkedin_gateway.inbound_repository import InboundRepository
from linkedin_gateway.outbox_repository import OutboxRepository
from linkedin_gateway.profile_repository import ProfileRepository
from linkedin_gateway.queue_repository import QueueRepository
from linkedin_gateway.registration_repository import RegistrationRepository
from linkedin_gateway.reply_repository import ReplyRepository
from linkedin_gateway.sign_in_repository import SignInRepository
from linkedin_gateway.suppression_repository import SuppressionRepository
from linkedin_gateway.vacancy_repository import VacancyRepository


class Tables:
    """One of each."""

    def __init__(self, pool: Pool) -> None:
        self.accounts = AccountRepository(pool)
        self.archive = ArchiveRepository(pool)
        self.cool_downs = CoolDownRepository(pool)
        self.drift = DriftRepository(pool)
        self.health = HealthRepository(pool)
        self.holds = HoldRepository(pool)
        self.inbound = InboundRepository(pool)
        self.outbox = OutboxRepository(pool)
        self.profiles = ProfileRepository(pool)
        self.queue = QueueRepository(pool)
        self.registrations = RegistrationRepository(pool)
        self.replies = ReplyRepository(pool)
        self.sign_ins = SignInRepository(pool)
        self.suppressions = SuppressionRepository(pool)
        self.vacancies = VacancyRepository(pool)
