"""The repositories of the gateway's tables, on one pool."""

from __future__ import annotations

from servicekit.lists.removals import Removals
from servicekit.postgres.pool import Pool
from servicekit.sealing.seal import Seal

from linkedin_gateway.accounts.account_repository import AccountRepository
from linkedin_gateway.accounts.cool_down_repository import CoolDownRepository
from linkedin_gateway.accounts.health_repository import HealthRepository
from linkedin_gateway.accounts.member_repository import MemberRepository
from linkedin_gateway.actions.profile_repository import ProfileRepository
from linkedin_gateway.actions.suppressed_person_repository import SuppressedPersonRepository
from linkedin_gateway.controls.enrolment_repository import EnrolmentRepository
from linkedin_gateway.controls.hold_repository import HoldRepository
from linkedin_gateway.controls.reply_repository import ReplyRepository
from linkedin_gateway.controls.suppression_repository import SuppressionRepository
from linkedin_gateway.inbound.inbound_repository import InboundRepository
from linkedin_gateway.inbound.invitation_audit_repository import InvitationAuditRepository
from linkedin_gateway.inbound.message_poll_repository import MessagePollRepository
from linkedin_gateway.inbound.polling_repository import PollingRepository
from linkedin_gateway.inbound.webhook_registration_repository import WebhookRegistrationRepository
from linkedin_gateway.ledger.archive_repository import ArchiveRepository
from linkedin_gateway.ledger.queue_repository import QueueRepository
from linkedin_gateway.outbox.called_off_turn_repository import CalledOffTurnRepository
from linkedin_gateway.outbox.missed_turn_repository import MissedTurnRepository
from linkedin_gateway.outbox.outbox_repository import OutboxRepository
from linkedin_gateway.people.known_people_repository import KnownPeopleRepository
from linkedin_gateway.people.people_repository import PeopleRepository
from linkedin_gateway.replies.reply_transactions import ReplyTransactions
from linkedin_gateway.sign_in.sign_in_repository import SignInRepository
from linkedin_gateway.storage.sealed_ids import SealedIds


class Repositories:
    """One of each."""

    def __init__(self, pool: Pool, decisions: Pool, seal: Seal) -> None:
        self.seal = seal
        self.ids = ids = SealedIds(seal)
        self.accounts = AccountRepository(pool)
        self.archive = ArchiveRepository(pool)
        self.cool_downs = CoolDownRepository(pool)
        self.invitation_audits = InvitationAuditRepository(pool, ids)
        self.health = HealthRepository(pool)
        self.holds = HoldRepository(pool, decisions)
        self.inbound = InboundRepository(pool, seal)
        self.outbox = OutboxRepository(pool, seal)
        self.enrolments = EnrolmentRepository(pool)
        self.people = PeopleRepository(pool, ids)
        self.known_people = KnownPeopleRepository(pool, ids)
        self.members = MemberRepository(pool)
        self.message_polls = MessagePollRepository(pool)
        self.polling = PollingRepository(pool)
        self.profiles = ProfileRepository(pool, seal, ids)
        self.queue = QueueRepository(pool, ids)
        self.webhook_registrations = WebhookRegistrationRepository(pool)
        self.replies = ReplyRepository(pool, decisions)
        self.removals = Removals(pool)
        self.reply_transactions = ReplyTransactions(pool, seal)
        self.sign_ins = SignInRepository(pool)
        self.suppressed_people = SuppressedPersonRepository(pool, ids)
        self.suppressions = SuppressionRepository(pool, decisions, ids)
        self.called_off_turns = CalledOffTurnRepository(pool)
        self.missed_turns = MissedTurnRepository(pool)
