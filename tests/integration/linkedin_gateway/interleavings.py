"""Lives of a campaign in which everything that can happen at once does, drawn from a seed."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from servicekit.errors import FailedPrecondition, NotYet, Unavailable
from unipile_simulator.config import Knobs
from unipile_simulator.journal import WORLD, CallKind
from unipile_simulator.people.ids import Product

from tests.integration.linkedin_gateway.conftest import UNIPILE_ACCOUNT
from tests.integration.linkedin_gateway.unsteady import Fault, UnsteadyDatabase

LEADS = ("ada", "bob", "cyd", "dot", "eve")
MARGIN = 1.0
"""How long before our request left an answer has lain in the store that must be heeded, seconds."""
_WRITTEN = frozenset({CallKind.MESSAGE, CallKind.INMAIL})
_PATIENCE = 0.05
"""How long a step is waited for while the database fails, real seconds."""
_LONG = 2.0
"""And while it does not; longer than anything lasts then."""
_AT_A_TOUCH = 0.1
"""The most that passes at a touch of the world, seconds: far less than `MARGIN` in all."""


def knobs_of(dice: random.Random) -> Knobs:
    """What Unipile is like in one life."""
    often = lambda: dice.choice([0.0, 0.3, 0.7])  # noqa: E731 - drawn anew for each
    return Knobs(
        webhook_retry_floor=0.01,
        new_relation_delay_hours=dice.choice([0.0, 8.0]),
        lost_webhooks=dice.choice([0.0, 0.5, 1.0]),
        late_webhooks=often(),
        duplicate_webhooks=often(),
        reordered_webhooks=often(),
        null_chat_id=often(),
        store_lag_seconds=dice.choice([0.0, 0.0, 5.0, 600.0]),
        store_lag_clock="virtual",
    )


@dataclass
class Life:
    """One life, and what may happen in it at any touch of the world."""

    dice: random.Random
    house: Any = None
    replica: Any = None
    """Another gateway on the same database."""
    database: UnsteadyDatabase = field(init=False)
    over: bool = False
    """Nobody does anything any more."""
    answers: int = 0
    asked: dict[str, Any] = field(default_factory=dict)
    """What is asked for at present, by lead."""
    due: dict[str, float] = field(default_factory=dict)
    """When each is to come again."""
    numbers: Iterator[int] = field(default_factory=lambda: iter(range(1_000_000)))

    def __post_init__(self) -> None:
        self.database = UnsteadyDatabase(self.touch)

    async def touch(self) -> None:
        """Others go on, time passes, and somebody may write at this very moment."""
        if self.house is None or self.over:
            return
        for _ in range(self.dice.choice([0, 0, 0, 1, 3])):
            await asyncio.sleep(0)
        if self.dice.random() < 0.2:
            self.house.clock.advance(self.dice.random() * _AT_A_TOUCH)
        if self.dice.random() < 0.004:
            self.somebody_writes()

    def somebody_writes(self) -> None:
        """A person who is connected answers."""
        world, now = self.house.world, self.house.clock.now()
        account = world.accounts.get(UNIPILE_ACCOUNT)
        person = world.people.find(self.dice.choice(LEADS))
        if person is None or not world.relationships.between(account, person, now).connected:
            return
        self.answers += 1
        world.behaviour.reply(
            account,
            person,
            f"No, {self.answers}",
            now,
            feature=self.dice.choice([Product.CLASSIC, Product.CLASSIC, Product.SALES_NAVIGATOR]),
            publish=self.dice.random() < 0.8,
        )

    async def live(self, steps: int) -> None:
        """So many things happen, some of them at once.

        What waits for the database is not waited for: it goes on beside what comes next.
        """
        doing: set[asyncio.Task[None]] = set()
        for _ in range(steps):
            for _ in range(self.dice.choice([1, 1, 2, 4])):
                doing.add(asyncio.create_task(self._something()))
            well = self.database.fault is Fault.NONE
            done, doing = await asyncio.wait(doing, timeout=_LONG if well else _PATIENCE)
            for task in done:
                task.result()
            if self.dice.random() < 0.8:
                self._time_passes()
        self.database.fault = Fault.NONE
        await asyncio.gather(*doing)

    async def settle(self) -> None:
        """Everything is mended; what is overdue is made up for."""
        self.over, self.database.fault = True, Fault.NONE
        self.house.world.faults.cancel(None)
        await self.house.gateway.webhook_registration.register()
        for _ in range(4):
            self.house.clock.advance(3600)
            await self.house.settle()
            for job in self._jobs():
                await job()
        await self.house.relay()

    def _time_passes(self) -> None:
        clock = self.house.clock
        ahead = [at - clock.now() for at in self.due.values() if at > clock.now()]
        clock.advance(self.dice.choice([0.5, 1, 30, 600, *ahead, *ahead]))

    async def _something(self) -> None:
        deeds = {
            self._ask: 8,
            self._accept: 3,
            self._job: 2,
            self._mend: 2,
            self._break: 1,
            self._write: 0.5,
            self._disable: 1,
            self._delete: 1,
            self._refuse: 1,
        }
        (deed,) = self.dice.choices(list(deeds), list(deeds.values()))
        await deed()

    async def _write(self) -> None:
        self.somebody_writes()

    async def _accept(self) -> None:
        world, now = self.house.world, self.house.clock.now()
        person = world.people.find(self.dice.choice(LEADS))
        if person is not None:
            world.behaviour.accept(world.accounts.get(UNIPILE_ACCOUNT), person, now)

    async def _disable(self) -> None:
        for webhook in list(self.house.world.webhooks):
            self.house.world.webhooks.enable(webhook, enabled=self.dice.random() < 0.5)

    async def _delete(self) -> None:
        for webhook in list(self.house.world.webhooks):
            self.house.world.webhooks.delete(webhook.id)

    async def _break(self) -> None:
        self.database.fault = self.dice.choice(list(Fault))

    async def _mend(self) -> None:
        self.database.fault = Fault.NONE

    async def _refuse(self) -> None:
        """The provider fails, at one call."""
        order = self.dice.choice(
            [
                {"method": "GET", "route": "/chat*", "fault": "503"},
                {"method": "GET", "route": "/messages", "fault": "504"},
                {"method": "POST", "route": "/chats*", "fault": "504_after"},
                {"method": "POST", "route": "/chats*", "fault": "drop"},
                {
                    "method": "POST",
                    "route": "/chats*",
                    "fault": "drop_late",
                    "seconds": self.dice.choice([2.0, 40.0]),
                    "clock": "virtual",
                },
                {"method": "*", "route": "/webhooks", "fault": "500"},
            ]
        )
        if order["method"] == "*":
            order["method"] = self.dice.choice(["GET", "POST"])
        self.house.world.faults.order(times=1, **order)

    def _jobs(self) -> list[Callable[[], Awaitable[object]]]:
        gateway = self.house.gateway
        return [
            gateway.verifier.verify_due,
            gateway.polling.poll_due,
            gateway.message_polling.poll_due,
            gateway.inbound.retry_due,
            gateway.relay.relay_batch,
            gateway.webhook_registration.register,
        ]

    async def _job(self) -> None:
        """One of the background jobs; that it fails is logged, and it comes again."""
        try:
            await self.dice.choice(self._jobs())()
        except Exception:  # noqa: BLE001 - as `every` does, which runs them
            return

    async def _ask(self) -> None:
        """Ask for what comes next, of either gateway."""
        lead = self.dice.choice(LEADS)
        request = self.asked.get(lead)
        if request is None:
            kind, fields = self._next(lead)
            request = self.asked[lead] = self.house.request(
                kind, lead, action_id=f"camp_1/{lead}/{next(self.numbers)}", **fields
            )
        try:
            if self.dice.random() < 0.5:
                await self.house.stubs.actions.PerformAction(request)
            else:
                await self.replica.actions.perform(self.house.asked(request))
        except NotYet as wait:
            told = wait.retry_after.total_seconds() if wait.retry_after else 0.0
            self.due[lead] = self.house.clock.now() + told
        except Unavailable:
            return
        except FailedPrecondition:
            self.asked.pop(lead, None)
        else:
            self.asked.pop(lead, None)

    def _next(self, lead: str) -> tuple[str, dict[str, str]]:
        world, now = self.house.world, self.house.clock.now()
        person = world.people.find(lead)
        account = world.accounts.get(UNIPILE_ACCOUNT)
        tie = person and world.relationships.between(account, person, now)
        if tie and tie.connected:
            return "send_message", {"text": f"Hello {next(self.numbers)}"}
        return "send_invitation", {"note": self.dice.choice(["", "Hello"])}


def written_after_an_answer(house: Any) -> list[str]:
    """By the provider's journal and clock: what left though an answer lay in the store."""
    lag = house.world.config.knobs.store_lag_seconds
    answered: dict[str, float] = {}
    for entry in house.world.journal.entries:
        if entry.direction == WORLD and entry.event == "replied" and entry.target:
            answered.setdefault(entry.target, entry.received_at + lag)
    return [
        f"{entry.target}: answered at {answered[entry.target]}, written to at {entry.received_at}"
        for entry in house.world.journal.entries
        if entry.kind in _WRITTEN and entry.changed and entry.target in answered
        # Of what landed late, that is when it left.
        if answered[entry.target] <= entry.received_at - MARGIN
    ]


def answered_by(house: Any) -> set[str]:
    """The leads that have answered, by the provider's journal."""
    return {
        f"lead_{entry.target}"
        for entry in house.world.journal.entries
        if entry.direction == WORLD and entry.event == "replied"
    }


def heard_by(house: Any) -> set[str]:
    """The leads of whose answer campaign-api was told."""
    return {lead.lead_id for each in house.reported.of("reply_received") for lead in each.leads}
