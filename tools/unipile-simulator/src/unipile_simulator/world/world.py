"""The whole simulated world, put together."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from contextlib import suppress
from typing import Any

import httpx

from unipile_simulator.accounts.accounts import ESTABLISHED, Account, Accounts
from unipile_simulator.accounts.limits import Budgets
from unipile_simulator.accounts.sign_ins import Connections
from unipile_simulator.clock import HOUR, Clock, VirtualClock
from unipile_simulator.config import Config
from unipile_simulator.dice import Dice
from unipile_simulator.faults import Faults
from unipile_simulator.journal import WORLD, Entry, Journal
from unipile_simulator.network.chats import Chats
from unipile_simulator.network.engagement import Engagement
from unipile_simulator.network.posts import Posts
from unipile_simulator.network.relationships import Relationship, Relationships
from unipile_simulator.people.ids import looks_like_provider_id
from unipile_simulator.people.people import People, Person
from unipile_simulator.people.tastes import Tastes
from unipile_simulator.store import MemoryStore, Store
from unipile_simulator.webhooks.deliveries import Deliveries
from unipile_simulator.webhooks.webhooks import Webhooks
from unipile_simulator.world.behaviour import Behaviour
from unipile_simulator.world.choices import Choices
from unipile_simulator.world.publisher import Publisher
from unipile_simulator.world.scheduler import Scheduler


class World:
    """Accounts, people and everything between them; one per simulator."""

    def __init__(
        self,
        config: Config | None = None,
        *,
        clock: Clock | None = None,
        store: Store | None = None,
        webhook_transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.config = config or Config()
        self.clock: Clock = clock or VirtualClock.from_env()
        self.store: Store = store or MemoryStore()
        self._check_seed()
        self.dice = Dice(self.config.seed)
        self.journal = Journal(self.store)
        self.people = People(self.config, self.dice, self.store)
        self.tastes = Tastes(self.dice, self.config.tastes)
        self.accounts = Accounts(self.dice, self.people, self.store)
        self.relationships = Relationships(self.dice, self.people, self.store)
        self.posts = Posts(self.dice, self.people)
        self.engagement = Engagement(self.dice, self.posts, self.store)
        self.chats = Chats(self.dice, self.store)
        self.budgets = Budgets(self.config, self.journal)
        self.webhooks = Webhooks(self.dice, self.store)
        self.faults = Faults(self.dice, self.store)
        self.connections = Connections(self.dice, self.store)
        self.deliveries = Deliveries(
            clock=self.clock,
            dice=self.dice,
            knobs=self.config.knobs,
            journal=self.journal,
            webhooks=self.webhooks,
            faults=self.faults,
            store=self.store,
            transport=webhook_transport,
        )
        self.publisher = Publisher(self)
        self.choices = Choices(self.tastes, self.dice, self.accounts)
        self.behaviour = Behaviour(self)
        self.scheduler = Scheduler(self.clock, self.store, self.behaviour.perform)
        self.accounts.on_status = self.behaviour.status_changed
        self.accounts.on_return = self.publisher.publish_held
        self.relationships.on_first_look = self._met
        self.on_catch_up: Callable[[], bool] = lambda: False
        self._errands: set[asyncio.Task[None]] = set()
        self._runner: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Let time pass, on the running loop; starting twice is starting once."""
        if self._runner is None:
            self.deliveries.start()
            self._runner = asyncio.get_running_loop().create_task(self.scheduler.run())

    async def close(self) -> None:
        """Stop time and let go of everything."""
        for errand in list(self._errands):
            errand.cancel()
        await asyncio.gather(*self._errands, return_exceptions=True)
        if self._runner is not None:
            self._runner.cancel()
            with suppress(asyncio.CancelledError):
                await self._runner
            self._runner = None
            await self.deliveries.stop()
        self.store.close()

    def catch_up(self) -> None:
        """Carry out everything that has become due."""
        aged = self._age_registrations()
        if self.scheduler.catch_up() | self.on_catch_up() | aged:
            self.store.commit()

    async def until_idle(self) -> None:
        """Carry out everything that has become due, and let its webhooks arrive."""
        self.catch_up()
        await self.deliveries.until_idle()

    def errand(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something beside the calls, until the world is closed."""
        task = asyncio.get_running_loop().create_task(work)
        self._errands.add(task)
        task.add_done_callback(self._errands.discard)

    def note(
        self,
        at: float,
        event: str,
        *,
        account_id: str | None = None,
        person: Person | None = None,
        text: str | None = None,
        object_id: str | None = None,
    ) -> Entry:
        """Write into the journal what nobody called for."""
        entry = Entry(
            direction=WORLD,
            received_at=at,
            answered_at=at,
            applied_at=at,
            method="",
            path="",
            account_id=account_id,
            target=person.public_id if person else None,
            event=event,
            text=text,
            object_id=object_id,
        )
        self.journal.add(entry)
        return entry

    def add_account(
        self,
        account_id: str | None = None,
        *,
        name: str | None = None,
        tier: str = "premium",
        connections: int = 480,
    ) -> Account:
        """An account that has been there for long; one that is there stays as it is."""
        known = self.accounts.find(account_id) if account_id else None
        if known is not None:
            return known
        account = self.accounts.add(
            now=self.clock.now(),
            account_id=account_id,
            name=name,
            tier=tier,
            connections=connections,
            age=ESTABLISHED,
        )
        self.store.commit()
        return account

    def add_people(self, people: Iterable[tuple[str, dict[str, str]]]) -> int:
        """Add people from a lead list; somebody who is there already stays as they are.

        A row whose address is a provider id adds nobody: it means somebody of another row.
        """
        count = 0
        for public_id, facts in people:
            renamed_to = facts.pop("renamed_to", None)
            person = self.people.known(public_id)
            if person is None and not looks_like_provider_id(public_id):
                person = self.people.add(public_id, seen_in="list", **facts)
            if person is not None and renamed_to and person.public_identifier != renamed_to:
                self.people.rename(person, renamed_to)
            count += 1
        self.store.commit()
        return count

    def _age_registrations(self) -> bool:
        knobs, now = self.config.knobs, self.clock.now()
        aged = False
        for webhook in self.webhooks:
            age = (now - webhook.created_at) / HOUR
            if 0 < knobs.registrations_deleted_after_hours <= age:
                self.webhooks.delete(webhook.id)
                self.note(now, "webhook_deleted", object_id=webhook.id)
            elif webhook.enabled and 0 < knobs.registrations_disabled_after_hours <= age:
                self.webhooks.enable(webhook, enabled=False)
                self.note(now, "webhook_disabled", object_id=webhook.id)
            else:
                continue
            aged = True
        return aged

    def _met(self, tie: Relationship, person: Person) -> None:
        if tie.pending:
            self.behaviour.invited(tie, person, self.clock.now())

    def _check_seed(self) -> None:
        kept = next(self.store.documents("meta"), None)
        if kept is not None and kept["seed"] != self.config.seed:
            raise ValueError(f"the state was made with seed {kept['seed']}, not {self.config.seed}")
        if kept is None:
            self.store.put("meta", "meta", {"seed": self.config.seed})
