"""The parts of the gateway, put together. `main` gives it what is outside of it."""

from __future__ import annotations

import random
from collections.abc import Coroutine, Iterator
from datetime import timedelta
from typing import Any

from prometheus_client import CollectorRegistry
from servicekit.backoff import Backoff
from servicekit.clock import Clock
from servicekit.postgres.pool import Pool

from linkedin_gateway.accounts.accounts import Accounts
from linkedin_gateway.accounts.connections import Connections
from linkedin_gateway.accounts.cool_downs import CoolDowns
from linkedin_gateway.accounts.health import AccountHealth
from linkedin_gateway.accounts.restarts import Restarts
from linkedin_gateway.actions.attempts import Attempts
from linkedin_gateway.actions.failures import FailureHandling
from linkedin_gateway.actions.people import People
from linkedin_gateway.actions.perform import Actions
from linkedin_gateway.actions.profiles import Profiles
from linkedin_gateway.actions.successes import SuccessHandling
from linkedin_gateway.actions.verification import Verifier
from linkedin_gateway.background import every
from linkedin_gateway.controls.holds import Holds
from linkedin_gateway.controls.suppressions import Suppressions
from linkedin_gateway.gauges import Gauges
from linkedin_gateway.inbound.handler import Inbound
from linkedin_gateway.inbound.http import inbound_app
from linkedin_gateway.inbound.polling import Polling
from linkedin_gateway.inbound.reconciliation import Drift
from linkedin_gateway.inbound.webhook_registration import Destination, WebhookRegistration
from linkedin_gateway.kinds.action_kind import Ports
from linkedin_gateway.ledger.archive import Archive
from linkedin_gateway.ledger.in_flight import InFlightTracker
from linkedin_gateway.ledger.metered_reads import MeteredReads
from linkedin_gateway.ledger.postgres import PostgresLedger
from linkedin_gateway.metrics import Metrics
from linkedin_gateway.outbox.freed_slots import FreedSlots
from linkedin_gateway.outbox.relay import OutboxRelay, Reporter
from linkedin_gateway.rules import pace_rules
from linkedin_gateway.servicers.service import LinkedInServicer
from linkedin_gateway.settings import Settings
from linkedin_gateway.sign_in.credentials import SignIns
from linkedin_gateway.sign_in.hosted_links import ConnectLinks
from linkedin_gateway.sign_in.registration import AccountRegistration
from linkedin_gateway.tables import Tables
from linkedin_gateway.unipile import Client, Timeouts, Unipile, origin

START_WITHIN = timedelta(seconds=20)
"""How soon after its decision an action must be on the wire, real time."""
_CHORE = timedelta(seconds=1)
_SLOW_CHORE = timedelta(seconds=10)
_RARE_CHORE = timedelta(minutes=1)


class Gateway:
    """The service itself, given a database and Unipile."""

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        *,
        pool: Pool,
        client: Client,
        report: Reporter,
        registry: CollectorRegistry,
        dice: random.Random,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._metrics = Metrics(registry)
        self._rules = pace_rules(settings, clock)
        self._lease = settings.unipile_timeout + START_WITHIN
        timeouts = Timeouts(linkedin=settings.unipile_timeout, store=settings.unipile_store_timeout)
        self._unipile = Unipile(client, timeouts=timeouts, metrics=self._metrics)
        self._tables = Tables(pool)
        self.ledger = PostgresLedger(pool, rules=self._rules, lease=clock.virtual(self._lease))
        self.relay = OutboxRelay(self._tables.outbox, report, self._metrics, clock)
        self._tracker = InFlightTracker(
            lambda: Backoff(timedelta(milliseconds=10), timedelta(milliseconds=200))
        )
        self._compose_care()
        self._compose_actions()
        self._compose_sign_ins()
        self._compose_hearing(dice)
        self.servicer = self._servicer()
        self._gauges = Gauges(
            self.ledger,
            self._tables.outbox,
            self._tables.accounts,
            self._tables.holds,
            self._tables.drift,
            self.archive,
            self.registration,
            self._metrics,
            clock,
        )

    def _compose_care(self) -> None:
        """What keeps accounts, and the ledger itself, in order."""
        clock, settings, told = self._clock, self._settings, self.relay.wake
        self.accounts = Accounts(
            self._tables.accounts, self._unipile, self._metrics, clock, told=told
        )
        self._restarts = Restarts(self._tables.accounts, self.accounts, self._metrics, clock)
        self.cool_downs = CoolDowns(self._tables.cool_downs, self._metrics, clock, told=told)
        self.health = AccountHealth(self._tables.health, self._tables.accounts, clock)
        self.freed_slots = FreedSlots(self._tables.freed_slots, clock)
        self.archive = Archive(
            self._tables.archive,
            self._metrics,
            clock,
            after=settings.archive_after,
            kept=settings.archive_kept,
        )

    def _compose_actions(self) -> None:
        clock, settings, cool_downs = self._clock, self._settings, self.cool_downs
        reads = MeteredReads(self.ledger, clock)
        self.connections = Connections(self._tables.health, self._unipile, reads, clock)
        profiles = Profiles(self._tables.profiles, self._unipile, reads, cool_downs, clock)
        ports = Ports(unipile=self._unipile, reads=profiles, used_posts=self.ledger.used_posts)
        failure_handling = FailureHandling(
            self.accounts,
            cool_downs,
            profiles,
            self._tables.profiles,
            self._metrics,
            clock,
            self._rules,
            verify_pause=settings.verify_pause,
        )
        self.drift = Drift(self._tables.drift, profiles, failure_handling, clock)
        self.verifier = Verifier(
            self.ledger,
            self._tables.accounts,
            ports,
            self._metrics,
            clock,
            pause=settings.verify_pause,
            lease=self._lease,
        )
        self.attempts = Attempts(
            self.ledger,
            self._unipile,
            SuccessHandling(cool_downs, self._tables.profiles),
            failure_handling,
            self.verifier,
            self._tracker,
            self._metrics,
            clock,
            lease=self._lease,
            start_within=START_WITHIN,
        )
        self.actions = Actions(
            self.ledger,
            ports,
            self.attempts,
            failure_handling,
            self.verifier,
            self._metrics,
            clock,
            self._rules,
        )
        self._people = People(profiles, failure_handling, clock)

    def _compose_sign_ins(self) -> None:
        self.account_registration = AccountRegistration(
            self._tables.sign_ins,
            self._tables.accounts,
            self.accounts,
            self._unipile,
            self._metrics,
            self._clock,
        )
        self._links = ConnectLinks(
            self._tables.sign_ins,
            self.account_registration,
            self._unipile,
            self._clock,
            destination=self._destination,
            api_url=origin(self._settings.unipile_dsn),
        )
        self.sign_ins = SignIns(
            self._tables.sign_ins,
            self._tables.accounts,
            self.account_registration,
            self._unipile,
            self._metrics,
            self._clock,
        )

    @property
    def _destination(self) -> Destination:
        settings = self._settings
        return Destination(
            public_url=settings.webhook_public_url,
            token=settings.webhook_token.get_secret_value(),
            secret=settings.webhook_secret.get_secret_value(),
        )

    def _compose_hearing(self, dice: random.Random) -> None:
        settings, destination = self._settings, self._destination
        self.inbound = Inbound(
            self._tables.inbound,
            self._tables.accounts,
            self.accounts,
            self._tables.outbox,
            self._metrics,
            self._clock,
            kept=settings.inbound_kept,
            told=self.relay.wake,
            unknown=self.account_registration.heard,
        )
        self.webhooks = inbound_app(
            self.inbound,
            connected=self._links.called_back,
            token=destination.token,
            secret=destination.secret,
            metrics=self._metrics,
        )
        self.registration = WebhookRegistration(
            self._unipile, self._tables.registrations, destination
        )
        self.poll = Polling(
            self._unipile,
            self._tables.accounts,
            self._tables.inbound,
            self._tables.profiles,
            self.drift,
            self._clock,
            interval=settings.sweep_interval,
            told=self.relay.wake,
            dice=dice,
        )

    def _servicer(self) -> LinkedInServicer:
        return LinkedInServicer(
            actions=self.actions,
            ledger=self.ledger,
            people=self._people,
            accounts=self.accounts,
            account_repository=self._tables.accounts,
            links=self._links,
            sign_ins=self.sign_ins,
            holds=Holds(
                self._tables.holds,
                self.ledger,
                self._tracker,
                self._clock,
                told=self.relay.wake,
            ),
            suppressions=Suppressions(self._tables.suppressions, self._tracker, self._clock),
            replies=self._tables.replies,
            inbound=self.inbound,
            health=self.health,
            cool_downs=self.cool_downs,
            queue=self._tables.queue,
            rules=self._rules,
            clock=self._clock,
        )

    def background_jobs(self) -> Iterator[tuple[str, Coroutine[Any, Any, None]]]:
        """What runs beside the servers, by name."""
        yield "forwarder", self.relay.run()
        yield "webhook registration", self.registration.run()
        yield "verification", every(_CHORE, "verification", self.verifier.verify_due)
        yield "sweep", every(_CHORE, "sweep", self.poll.poll_due)
        yield "restart", every(_CHORE, "restart", self._restarts.restart_due)
        yield "sign-ins", every(_SLOW_CHORE, "sign-ins", self.account_registration.finish_due)
        yield "probe", every(_SLOW_CHORE, "probe", self._probe)
        yield "hearing again", every(_SLOW_CHORE, "hearing again", self.inbound.hear_again)
        yield "cool-downs", every(_CHORE, "cool-downs", self.cool_downs.tell_over)
        yield "vacancies", every(_SLOW_CHORE, "vacancies", self.freed_slots.publish_due)
        yield "health", every(_SLOW_CHORE, "health", self.health.assess_due)
        yield "connections", every(_SLOW_CHORE, "connections", self.connections.count_due)
        yield "archive", every(_RARE_CHORE, "archive", self.archive.archive_due)
        yield "gauges", every(_SLOW_CHORE, "gauges", self._gauges.read)

    async def check_unipile(self) -> None:
        """Raise if Unipile was not to be reached lately."""
        await self._unipile.check()

    async def _probe(self) -> None:
        every_so_often = self._clock.virtual(self._settings.probe_interval)
        await self.accounts.probe_due(every=every_so_often)
