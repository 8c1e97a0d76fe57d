"""The parts of the gateway, put together. `main` gives it what is outside of it."""

from __future__ import annotations

import random
from datetime import timedelta

from prometheus_client import CollectorRegistry
from servicekit.credentials.secrets import Secret
from servicekit.postgres.pool import Pool
from servicekit.postgres.write_refusals import WriteRefusals
from servicekit.sealing.seal import Seal

from linkedin_gateway.accounts.cap_utilisation import CapUtilisation
from linkedin_gateway.accounts.capacity import AccountCapacity
from linkedin_gateway.accounts.connection_counter import ConnectionCounter
from linkedin_gateway.accounts.cool_downs import CoolDowns
from linkedin_gateway.accounts.health_monitor import HealthMonitor
from linkedin_gateway.accounts.intake import AccountIntake
from linkedin_gateway.accounts.lifecycle import AccountLifecycle
from linkedin_gateway.accounts.restarts import Restarts
from linkedin_gateway.actions.attempts import Attempts
from linkedin_gateway.actions.failures import FailureHandling
from linkedin_gateway.actions.perform import Actions
from linkedin_gateway.actions.person_reader import PersonReader
from linkedin_gateway.actions.profiles import Profiles
from linkedin_gateway.actions.reply_look import ReplyLook
from linkedin_gateway.actions.successes import SuccessHandling
from linkedin_gateway.actions.verification import Verifier
from linkedin_gateway.controls.enrolment_check import EnrolmentCheck
from linkedin_gateway.controls.holds import Holds
from linkedin_gateway.controls.suppressions import Suppressions
from linkedin_gateway.gauges import Gauges
from linkedin_gateway.inbound.handler import InboundHandler
from linkedin_gateway.inbound.http import inbound_app
from linkedin_gateway.inbound.invitation_audit import InvitationAudit
from linkedin_gateway.inbound.message_polling import MessagePoller
from linkedin_gateway.inbound.polling import AcceptancePoller
from linkedin_gateway.inbound.webhook_registration import WebhookDestination, WebhookRegistration
from linkedin_gateway.kinds.action_kind import Ports
from linkedin_gateway.ledger.archive import Archive
from linkedin_gateway.ledger.clock import DatabaseClock
from linkedin_gateway.ledger.metered_reads import MeteredReads
from linkedin_gateway.ledger.postgres import PostgresLedger
from linkedin_gateway.metrics import Metrics
from linkedin_gateway.outbox.called_off_turns import CalledOffTurns
from linkedin_gateway.outbox.linkedin_events import LeadOwner
from linkedin_gateway.outbox.missed_turns import MissedTurns
from linkedin_gateway.outbox.relay import EventPublisher, OutboxRelay
from linkedin_gateway.pace_settings import pace_rules
from linkedin_gateway.people.resolver import PersonResolver
from linkedin_gateway.replies.chat_reader import ChatReader
from linkedin_gateway.repositories import Repositories
from linkedin_gateway.settings import Settings
from linkedin_gateway.sign_in.account_registration import AccountRegistration
from linkedin_gateway.sign_in.connect_links import ConnectLinks
from linkedin_gateway.sign_in.credential_sign_in import CredentialSignIn
from linkedin_gateway.unipile import Client, Timeouts, Unipile, origin

_START_WITHIN = timedelta(seconds=20)


class Gateway:
    """The service itself, given a database and Unipile."""

    def __init__(
        self,
        settings: Settings,
        clock: DatabaseClock,
        *,
        pool: Pool,
        decisions: Pool | None = None,
        seal: Seal,
        client: Client,
        publish: EventPublisher,
        owner: LeadOwner,
        registry: CollectorRegistry,
        dice: random.Random,
    ) -> None:
        self.settings, self.clock, self.pool = settings, clock, pool
        self.write_refusals = WriteRefusals(pool, decisions)
        self._metrics = metrics = Metrics(registry)
        self.rules = pace_rules(settings, clock)
        self._start_within = min(_START_WITHIN, settings.unipile_timeout)
        """How soon after its decision an action must be on its way to Unipile, real time."""
        self._lease = settings.unipile_timeout + self._start_within
        decisions = decisions or pool.across("who asks at once is decided together")
        self.repositories = Repositories(pool, decisions, seal)
        timeouts = Timeouts(linkedin=settings.unipile_timeout, store=settings.unipile_store_timeout)
        self.unipile = Unipile(client, timeouts=timeouts, metrics=metrics)
        self._destination = WebhookDestination(
            public_url=settings.webhook_public_url,
            token=settings.webhook_token.get_secret_value(),
            secret=Secret.of_setting(settings, "webhook_secret", shortest=16),
        )
        self.relay = OutboxRelay(self.repositories.outbox, publish, self._metrics, clock)
        self._compose_ledger(decisions, owner)
        self._compose_accounts()
        self._compose_people()
        self._compose_outcomes()
        self._compose_actions()
        self._compose_sign_in()
        self._compose_controls(owner)
        self._compose_inbound()
        self._compose_polling(dice)
        self.gauges = Gauges(
            self.repositories, self.ledger, self.archive, self.webhook_registration, metrics, clock
        )

    def _compose_ledger(self, decisions: Pool, owner: LeadOwner) -> None:
        lease, clock, rules = self.clock.virtual(self._lease), self.clock, self.rules
        pool, seal = self.pool, self.repositories.seal
        self.ledger = PostgresLedger(pool, decisions, seal, rules=rules, lease=lease, clock=clock)
        self._reads, repositories = MeteredReads(self.ledger), self.repositories
        after, kept = self.settings.archive_after, self.settings.archive_kept
        self.archive = Archive(repositories.archive, self._metrics, clock, after=after, kept=kept)
        self.called_off_turns = CalledOffTurns(repositories.called_off_turns, clock)
        self.missed_turns = MissedTurns(
            repositories.missed_turns, self.ledger, owner, clock, grace=rules.grace
        )

    def _compose_accounts(self) -> None:
        repositories, wake, clock = self.repositories, self.relay.wake, self.clock
        accounts, members, health = repositories.accounts, repositories.members, repositories.health
        self.lifecycle = AccountLifecycle(
            accounts, members, self.unipile, self._metrics, clock, on_published=wake
        )
        self.intake = AccountIntake(accounts, members, self.lifecycle, self.unipile, clock)
        self.restarts = Restarts(accounts, self.lifecycle, self._metrics, clock)
        self.cool_downs = CoolDowns(
            repositories.cool_downs, self._metrics, clock, on_published=wake
        )
        self.capacity = AccountCapacity(self.ledger, repositories.queue, self.rules, clock)
        self.cap_utilisation = CapUtilisation(accounts, self.capacity, self._metrics, clock)
        self.health = HealthMonitor(health, accounts, clock)
        self.connection_counter = ConnectionCounter(health, self.unipile, self._reads, clock)

    def _compose_people(self) -> None:
        repositories, clock = self.repositories, self.clock
        self._resolver = PersonResolver(repositories.people, clock)
        self.profiles = Profiles(
            repositories.profiles,
            repositories.suppressed_people,
            self.unipile,
            self._reads,
            self._resolver,
            self.cool_downs,
            clock,
        )
        self._chats = ChatReader(self.unipile, repositories.people)

    def _compose_outcomes(self) -> None:
        """What becomes of an action whose answer is a refusal, or lost."""
        repositories, clock, ledger = self.repositories, self.clock, self.ledger
        reads, used_posts, twins = self.profiles, ledger.used_posts, ledger.twins
        self._ports = Ports(unipile=self.unipile, reads=reads, used_posts=used_posts, twins=twins)
        self._failure_handling = FailureHandling(
            self.lifecycle,
            self.cool_downs,
            self.profiles,
            repositories.profiles,
            self._metrics,
            clock,
            self.rules,
            verify_pause=self.settings.verify_pause,
        )
        self.verifier = Verifier(
            ledger,
            repositories.accounts,
            self._ports,
            self._metrics,
            clock,
            pause=self.settings.verify_pause,
            lease=self._lease,
            margin=self._lease + self.settings.unipile_store_lag,
        )

    def _compose_actions(self) -> None:
        repositories, clock = self.repositories, self.clock
        transactions, wake = repositories.reply_transactions, self.relay.wake
        self.attempts = Attempts(
            self.ledger,
            self.unipile,
            SuccessHandling(self.cool_downs, repositories.profiles, self._resolver, clock),
            self._failure_handling,
            self.verifier,
            self._resolver,
            ReplyLook(self._chats, self.ledger, transactions, clock, self.rules, on_published=wake),
            self._metrics,
            clock,
            lease=self._lease,
            start_within=self._start_within,
        )
        self.actions = Actions(
            self.ledger,
            self._ports,
            self.attempts,
            self._failure_handling,
            self.verifier,
            self._resolver,
            self._metrics,
            clock,
            self.rules,
        )
        self.person_reader = PersonReader(
            self.profiles, self._failure_handling, self._resolver, clock
        )

    def _compose_sign_in(self) -> None:
        sign_ins, accounts = self.repositories.sign_ins, self.repositories.accounts
        self.account_registration = AccountRegistration(
            sign_ins, accounts, self.intake, self.unipile, self._metrics, self.clock
        )
        self.connect_links = ConnectLinks(
            sign_ins,
            self.account_registration,
            self.unipile,
            self.clock,
            destination=self._destination,
            api_url=origin(self.settings.unipile_dsn, self.settings.sandbox_unipile_host),
        )
        self.credential_sign_in = CredentialSignIn(
            sign_ins, accounts, self.account_registration, self.unipile, self._metrics, self.clock
        )

    def _compose_controls(self, owner: LeadOwner) -> None:
        repositories, wake = self.repositories, self.relay.wake
        self.enrolment_check = EnrolmentCheck(
            repositories.enrolments, owner, self._metrics, self.clock, on_published=wake
        )
        self.holds = Holds(repositories.holds, self.ledger, self.clock, on_published=wake)
        self.suppressions = Suppressions(repositories.suppressions, self.clock)

    def _compose_inbound(self) -> None:
        """What Unipile tells by itself."""
        repositories, destination = self.repositories, self._destination
        self.inbound = InboundHandler(
            repositories.inbound,
            repositories.accounts,
            self.lifecycle,
            repositories.outbox,
            self._chats,
            self._metrics,
            self.clock,
            kept=self.settings.inbound_kept,
            on_published=self.relay.wake,
            on_unregistered=self.account_registration.on_status,
        )
        self.webhooks = inbound_app(
            self.inbound,
            on_connected=self.connect_links.on_connected,
            token=destination.token,
            secret=destination.secret,
            metrics=self._metrics,
        )
        self.webhook_registration = WebhookRegistration(
            self.unipile,
            repositories.webhook_registrations,
            destination,
            self._metrics,
            interval=self.settings.webhook_check_interval,
        )

    def _compose_polling(self, dice: random.Random) -> None:
        """What it is asked for, where it tells nothing or may have kept silent."""
        repositories = self.repositories
        self.invitation_audit = InvitationAudit(
            repositories.invitation_audits, self.profiles, self._failure_handling, self.clock
        )
        self.message_polling = MessagePoller(
            repositories.message_polls,
            self.unipile,
            self._chats,
            self.inbound,
            self.clock,
            interval=self.settings.message_poll_interval,
            overlap=self.settings.message_poll_overlap,
        )
        self.polling = AcceptancePoller(
            repositories.polling,
            self.unipile,
            repositories.inbound,
            repositories.profiles,
            self.invitation_audit,
            self.clock,
            interval=self.settings.poll_interval,
            on_published=self.relay.wake,
            dice=dice,
        )

    async def read_clock(self) -> None:
        """Read the database's clock anew."""
        self._metrics.clock_stepped(await self.clock.read(self.pool))
        self._metrics.clock_held_back_seconds.set(self.clock.held_back.total_seconds())

    async def drain(self) -> None:
        """Wait until nothing is on its way to Unipile that has still to be written down."""
        await self.attempts.drain()
        await self.credential_sign_in.drain()
