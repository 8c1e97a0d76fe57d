"""The product: every RPC of a server x every kind of caller x own, foreign and unknown ids.

Who may not use a method is refused, whatever they name. For who may, what is not theirs does not
exist: they are told of it, to the letter, what they are told of ids that were never given out, and
that is NOT_FOUND where they name an organization or a thing; nothing of it is in the answer, and
nothing of it has changed. The owner gets further: else the question would prove nothing.

Requests are made from the descriptors, so a new RPC is asked by itself. One that cannot be made
of known ids alone needs an example; a test fails until there is one.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import grpc
from devstack.stack.keys import Keys
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.message import Message
from outreach.common.v1 import permission_pb2
from servicekit.postgres.pool import Pool

from tests.access.callers import STRANGER, Caller, Sees, callers
from tests.access.expectations import for_members, named, says
from tests.access.missing import ends, of_nothing
from tests.access.requests import Told, call, made, replaced, texts_in
from tests.fuzzing.calls import ENDING, LIMIT

_SEEING = (Sees.OWN, Sees.OWN_ACCOUNTS, Sees.EVERYTHING)
_READING = re.compile(
    "(Batch)?Get|List|Find|Check|Count|Explain|Forecast|Preview|Render|Validate|Watch|WhoAmI|Export|Verify"
)
"""Methods that change nothing, by the names that the contract has for them."""
_AT_ONCE = 16
_A_MOMENT = 0.3
"""Seconds; an answer that goes on without an end is watched for so long."""
_OURS = {grpc.StatusCode.INTERNAL, grpc.StatusCode.UNKNOWN}
_REFUSED = {grpc.StatusCode.PERMISSION_DENIED, grpc.StatusCode.UNAUTHENTICATED}
NOT_FOUND = grpc.StatusCode.NOT_FOUND


@dataclass(frozen=True, kw_only=True)
class Owned:
    """What an organization has at a server, and how the server is asked about it."""

    service: str
    address: str
    """Where it is asked, with authentication on."""
    keys: Keys
    """By which it knows who asks."""
    pool: Pool
    organization_id: str
    ids: Mapping[str, str]
    """By the name of the field that asks for one; the organization's own is added."""
    examples: Iterable[Message | list[Message]]
    """Requests of which the ids alone do not make one; a list for a stream."""
    nobodys: Iterable[str] = ()
    """Methods that answer everybody alike, because what they tell of belongs to nobody."""
    filters: Iterable[str] = ()
    """Methods whose ids only narrow what is told: of none that fits nothing is told."""
    journals: Iterable[str] = ()
    """Methods that tell of what the caller has asked before, so that no two answers are alike."""
    personal: Iterable[str] = ()
    """Methods that tell of what is one member's own, and not of their colleagues'."""
    account_ids: Iterable[str] = ()
    """The accounts that all of it is of, where it is of accounts at all."""
    found: list[str] = field(default_factory=list)

    async def check(self, methods: Iterable[MethodDescriptor], others: Path) -> None:
        """Fail with every deviation; `others` is a folder for keys that nobody knows."""
        every = sorted(methods, key=self._turn)
        kinds = callers(
            self.keys,
            others,
            server=self.service,
            organization_id=self.organization_id,
            account_ids=self.account_ids,
        )
        async with grpc.aio.insecure_channel(self.address) as channel:
            await _Asking(self, channel, every, kinds).ask()
        assert not self.found, "\n".join(self.found)

    def _turn(self, method: MethodDescriptor) -> tuple[bool, int]:
        """What ends things last, and parts, which more ids name, before the whole."""
        named = sum(each.name in self.ids for each in method.input_type.fields)
        ends = bool(ENDING.match(method.name))
        return ends, -named if ends else 0

    @property
    def all_ids(self) -> dict[str, str]:
        return {**self.ids, "organization_id": self.organization_id}

    def requests(self, method: MethodDescriptor) -> list[Message]:
        """What is asked with the ids that there are."""
        return made(method, self.all_ids, self.examples)

    def unknown(self, requests: list[Message], *, but: str = "") -> list[Message]:
        """The same about ids that are alike and were never given out, but for one that stays."""
        ids = {each: f"{each[:-3]}xyz" for each in self.all_ids.values() if each != but}
        return replaced(requests, ids)

    def add(self, caller: Caller, method: MethodDescriptor, what: str) -> None:
        self.found.append(f"{caller.name} at {method.full_name}: {what}")


class _Asking:
    """One round of all questions, in an order in which none spoils the next."""

    def __init__(
        self,
        owned: Owned,
        channel: grpc.aio.Channel,
        methods: list[MethodDescriptor],
        kinds: list[Caller],
    ) -> None:
        self._owned = owned
        self._channel = channel
        anyone = [each for each in methods if says(each, permission_pb2.anyone)]
        self._methods = [each for each in methods if each not in anyone]
        self._anyone = anyone
        self._reads = [each for each in self._methods if _READING.match(each.name)]
        self._kinds = kinds
        (self._owner,) = (each for each in kinds if each.name == "owner")
        (self._stranger,) = (each for each in kinds if each.name == "stranger")

    async def ask(self) -> None:
        # First, so that there is something to see when others look.
        by_owner = {each.name: await self._as_owner(each) for each in self._reads}
        before = await self._rows()
        await self._at_once(self._is_refused, lambda caller, method: not caller.opens(method))
        by_stranger = {each.name: await self._as_stranger(each) for each in self._methods}
        await self._at_once(self._as_another_stranger, _lets_in(Sees.ANOTHERS))
        if self._owned.account_ids:
            await self._at_once(self._as_limited, _lets_in(Sees.OTHER_ACCOUNTS))
        self._changes(before, await self._rows())

        async def reads_alike(caller: Caller, method: MethodDescriptor) -> None:
            if method in self._reads:
                await self._reads_as_owner(caller, method, by_owner[method.name])

        await self._at_once(reads_alike, _lets_in(*_SEEING))
        for method in filter(ends, self._methods):
            await self._is_missing(method)
        for method in self._methods:
            if method not in self._reads:
                by_owner[method.name] = await self._as_owner(method)
        for method in self._methods:
            self._differ(method, by_owner[method.name], by_stranger[method.name])
        await self._at_once(self._is_let_in, _lets_in(*_SEEING))
        for method in self._anyone:
            await self._is_anyones(method)

    async def _at_once(
        self,
        question: Callable[[Caller, MethodDescriptor], Awaitable[None]],
        concerns: Callable[[Caller, MethodDescriptor], bool],
    ) -> None:
        """Ask a question of everybody whom it concerns, about every method."""
        pairs = iter(
            [(c, method) for c in self._kinds for method in self._methods if concerns(c, method)]
        )

        async def some() -> None:
            for caller, method in pairs:
                await question(caller, method)

        async with asyncio.TaskGroup() as group:
            for _ in range(_AT_ONCE):
                group.create_task(some())

    async def _call(self, caller: Caller, method: MethodDescriptor, asked: list[Message]) -> Told:
        endless = method.name.startswith("Watch") and caller.sees in _SEEING
        # Who is refused is told so, and waited for until then.
        watched = _A_MOMENT if endless and caller.opens(method) else LIMIT
        told = await call(self._channel, method, asked, caller.token(method), watched=watched)
        if told.code in _OURS:
            self._owned.add(caller, method, f"ends in a bug of ours: {told.outline}")
        return told

    async def _is_missing(self, method: MethodDescriptor) -> None:
        """What the owner is told who ends what never was."""
        asked = of_nothing(method, self._owned.requests(method))
        told = await self._call(self._owner, method, asked)
        if told.code is not NOT_FOUND and self._owner.opens(method):
            self._owned.add(self._owner, method, f"ends what is not there: {told.outline}")

    async def _is_refused(self, caller: Caller, method: MethodDescriptor) -> None:
        """Each method and each caller by one kind of ids; `tests/test_refusals.py` by all three."""
        own = self._owned.requests(method)
        foreign = replaced(own, {self._owned.organization_id: STRANGER})
        turn = self._kinds.index(caller) + self._methods.index(method)
        asked = (own, foreign, self._owned.unknown(own))[turn % 3]
        told = await self._call(caller, method, asked)
        if told.code is not caller.refused:
            self._owned.add(caller, method, f"{told.outline}, not {caller.refused}")

    async def _as_stranger(self, method: MethodDescriptor) -> Told:
        """What a stranger is told who names the owner's organization; or their own, alike."""
        if not for_members(method):
            return await self._call(self._stranger, method, self._owned.requests(method))
        requests, own = self._owned.requests(method), self._owned.organization_id
        told = await self._in_vain(self._stranger, method, requests)
        theirs = replaced(requests, {own: STRANGER})
        if theirs != requests:
            await self._in_vain(self._stranger, method, theirs)
        return told

    async def _in_vain(
        self, caller: Caller, method: MethodDescriptor, asked: list[Message]
    ) -> Told:
        """Ask for what is not theirs: told as what does not exist, and of nothing of it."""
        told = await self._call(caller, method, asked)
        self._leaks(caller, method, asked, told)
        of_nothing = await self._call(caller, method, self._owned.unknown(asked, but=STRANGER))
        if told.outline != of_nothing.outline and method.name not in self._owned.journals:
            self._owned.add(
                caller,
                method,
                f"of what is not theirs {told.outline}, of what does not exist"
                f" {of_nothing.outline}",
            )
        names = {text for each in asked for text in texts_in(each)}
        things = names & {*self._owned.ids.values()}
        narrows = method.name in self._owned.filters or STRANGER in names
        must = self._owned.organization_id in names or (things and not narrows)
        if must and told.code is not NOT_FOUND:
            self._owned.add(caller, method, f"names what is another's: {told.outline}")
        return told

    async def _as_another_stranger(self, caller: Caller, method: MethodDescriptor) -> None:
        if caller is self._stranger:
            return
        asked = self._owned.requests(method)
        told = await self._call(caller, method, asked)
        self._leaks(caller, method, asked, told)
        names = {text for each in asked for text in texts_in(each)}
        if self._owned.organization_id in names and told.code is not NOT_FOUND:
            self._owned.add(caller, method, f"names another's organization: {told.outline}")

    async def _as_limited(self, caller: Caller, method: MethodDescriptor) -> None:
        """What somebody is told who is limited to another account: of nothing."""
        asked = self._owned.requests(method)
        told = await self._call(caller, method, asked)
        unknown = self._owned.unknown(asked, but=self._owned.organization_id)
        of_nothing = await self._call(caller, method, unknown)
        if told.outline != of_nothing.outline:
            self._owned.add(
                caller,
                method,
                f"of another account {told.outline}, of what does not exist {of_nothing.outline}",
            )
        self._leaks(caller, method, asked, told)

    async def _as_owner(self, method: MethodDescriptor) -> Told:
        """The owner, or a service where no organization may ask."""
        by = self._owner
        if not for_members(method):
            (by, *_) = (each for each in self._kinds if each.name in named(method))
        told = await self._call(by, method, self._owned.requests(method))
        if told.code in _REFUSED:
            self._owned.add(by, method, f"is refused their own: {told.outline}")
        if (
            told.code is grpc.StatusCode.OK
            and method.output_type.fields
            and not any(told.outline[2])
        ):
            self._owned.add(by, method, "is told nothing; have something that would be told")
        return told

    async def _reads_as_owner(
        self, caller: Caller, method: MethodDescriptor, by_owner: Told
    ) -> None:
        """Who sees the same is told the same; who sees everything may be told more."""
        told = await self._call(caller, method, self._owned.requests(method))
        if method.name in self._owned.personal and told.code is NOT_FOUND:
            return
        # What is watched comes when it comes.
        varies = method.server_streaming or method.name in (
            *self._owned.nobodys,
            *self._owned.journals,
        )
        differs = told.outline != by_owner.outline and caller.sees is not Sees.EVERYTHING
        if told.code is not by_owner.code or (differs and not varies):
            self._owned.add(caller, method, f"{told.outline}, the owner {by_owner.outline}")

    async def _is_let_in(self, caller: Caller, method: MethodDescriptor) -> None:
        """Asks to change what there is not: that changes nothing, and is not refused."""
        if method in self._reads:
            return
        told = await self._call(
            caller, method, self._owned.unknown(self._owned.requests(method), but=STRANGER)
        )
        # Of what is not of accounts alone who is limited is told that it is not theirs; and who may
        # do one thing alone gives nobody a role, in an organization that another has just made.
        limited = caller.sees is Sees.OWN_ACCOUNTS and told.reason == "ACCOUNT_FORBIDDEN"
        if told.code in _REFUSED and not limited and told.reason != "GRANT_EXCEEDS_OWN":
            self._owned.add(caller, method, f"is refused: {told.outline}")

    async def _is_anyones(self, method: MethodDescriptor) -> None:
        """Everybody is told the same."""
        asked = self._owned.requests(method)
        told = {(await self._call(each, method, asked)).outline for each in self._kinds}
        if len(told) != 1:
            self._owned.add(self._owner, method, f"is not told what others are: {told}")

    def _differ(self, method: MethodDescriptor, by_owner: Told, by_stranger: Told) -> None:
        if method.name in self._owned.journals:
            return
        alike = by_owner.outline == by_stranger.outline
        if alike != (method.name in self._owned.nobodys):
            self._owned.add(
                self._owner,
                method,
                f"{'the same' if alike else 'not the same'} as a stranger; give an example, or"
                f" say whose it is: {by_owner.outline}",
            )

    def _leaks(
        self, caller: Caller, method: MethodDescriptor, asked: list[Message], told: Told
    ) -> None:
        sent = {text for each in asked for text in texts_in(each)}
        own = {*self._owned.ids.values()}
        if caller.sees is Sees.ANOTHERS:
            own.add(self._owned.organization_id)
        leaked = told.texts & own - sent
        if leaked and method.name not in self._owned.journals:
            self._owned.add(caller, method, f"is told of {sorted(leaked)}")

    async def _rows(self) -> dict[str, list[str]]:
        tables = await self._owned.pool.fetch(
            "SELECT table_name FROM information_schema.tables"
            # What was refused to a stranger is recorded.
            " WHERE table_schema = current_schema() AND table_type = 'BASE TABLE'"
            " AND table_name NOT LIKE 'audit%'"
        )
        names = sorted({each["table_name"] for each in tables})
        assert names
        return {
            name: [
                each["shown"]
                for each in await self._owned.pool.fetch(
                    f'SELECT t::text AS shown FROM "{name}" t'
                    " WHERE coalesce(to_jsonb(t) ->> 'organization_id', '') <> $1 ORDER BY 1",
                    STRANGER,
                )
            ]
            for name in names
        }

    def _changes(self, before: dict[str, list[str]], after: dict[str, list[str]]) -> None:
        for name, rows in before.items():
            # A row that does not say whose it is may be a new one of the stranger's own.
            changed = {*rows} - {*after[name]}
            changed |= {
                row for row in {*after[name]} - {*rows} if self._owned.organization_id in row
            }
            if changed:
                self._owned.found.append(f"somebody changed {name}: {sorted(changed)[:4]}")


def _lets_in(*sees: Sees) -> Callable[[Caller, MethodDescriptor], bool]:
    return lambda caller, method: caller.sees in sees and caller.opens(method)
