"""The law of every RPC: what belongs to another organization does not exist.

Nor does what is of another account, for a colleague who is limited to accounts: each method that
is open to them tells the same of it as of what was never there, and the others are closed.

A stranger asks everything that the contract has, with the ids of what an owner has. Whatever
they are told, they are told the same of ids that were never given out; nothing of the owner's
is in it, and nothing of the owner's has changed by it. The owner, who asks the same, gets
further and is told something else: else the question would prove nothing.

Requests are made from the descriptors, so a new RPC is asked by itself. One that cannot be made
of known ids alone needs an example; a test fails until there is one.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import grpc
from devstack.stack.keys import Keys, every_permission
from google.protobuf.descriptor import FieldDescriptor, MethodDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from google.rpc import error_details_pb2
from outreach.common.v1 import permission_pb2
from servicekit.postgres.pool import Pool

from tests.fuzzing.calls import ENDING, ask, status_of

STRANGER = "org_stranger"
_READING = re.compile("Get|List|Find|Count|Explain|Forecast|Preview|Render|Validate|Watch")
"""Methods that change nothing, by the names that the contract has for them."""


@dataclass(frozen=True, kw_only=True)
class Told:
    """What came of a call."""

    code: grpc.StatusCode
    reason: str = ""
    answers: tuple[Message, ...] = ()

    @property
    def outline(self) -> tuple[Any, ...]:
        """All of it but the values."""
        return self.code, self.reason, tuple(tuple(_outline(each)) for each in self.answers)


@dataclass(frozen=True, kw_only=True)
class Owned:
    """What an organization has at a service, and how the service is asked about it."""

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
    account_ids: Iterable[str] = ()
    """The accounts that all of it is of, where it is of accounts at all."""
    found: list[str] = field(default_factory=list)

    async def check(self, methods: Iterable[MethodDescriptor]) -> None:
        """Fail with everything that breaks the law."""
        every = sorted(methods, key=lambda method: bool(ENDING.match(method.name)))
        reads = [method for method in every if _READING.match(method.name)]
        others = [method for method in every if method not in reads]
        async with grpc.aio.insecure_channel(self.address) as channel:
            # First, so that there is something to see when the stranger looks.
            by_owner = {each.name: await self._as_owner(channel, each) for each in reads}
            before = await self._rows()
            by_stranger = {each.name: await self._as_stranger(channel, each) for each in every}
            self._changes(before, await self._rows())
            if self.account_ids:
                for each in every:
                    await self._as_limited(channel, each)
                self._changes(before, await self._rows())
                for each in reads:
                    await self._as_limited_owner(channel, each, by_owner[each.name])
            by_owner |= {each.name: await self._as_owner(channel, each) for each in others}
        for method in every:
            alike = by_owner[method.name].outline == by_stranger[method.name].outline
            if alike != (method.name in self.nobodys):
                self._add(
                    method,
                    f"tells owner and stranger {'the same' if alike else 'not the same'}; give an "
                    f"example, or say whose it is: {by_owner[method.name].outline}",
                )
        assert not self.found, "\n".join(self.found)

    async def _as_stranger(self, channel: grpc.aio.Channel, method: MethodDescriptor) -> Told:
        """What a stranger is told who names the owner's organization; or their own, alike."""
        requests = self._requests(method)
        stranger = self.keys.token(org=STRANGER, permissions=sorted(every_permission()))
        by_name = {}
        for name in (self.organization_id, STRANGER):
            asked = _replaced(requests, {self.organization_id: name})
            told = by_name[name] = await _call(channel, method, asked, stranger)
            of_nothing = await _call(channel, method, self._made_up(asked), stranger)
            if told.outline != of_nothing.outline:
                self._add(
                    method,
                    f"tells a stranger who names {name} of what is not theirs: {told.outline}, "
                    f"but of what does not exist {of_nothing.outline}",
                )
            sent = {text for each in asked for text in _texts(each)}
            said = {text for answer in told.answers for text in _texts(answer)}
            leaked = said & {*self._all_ids.values()} - sent
            if leaked:
                self._add(method, f"tells a stranger of {sorted(leaked)}")
        return by_name[self.organization_id]

    async def _as_limited_owner(
        self, channel: grpc.aio.Channel, method: MethodDescriptor, by_owner: Told
    ) -> None:
        """What a colleague is told who is limited to these accounts: the same as the owner."""
        options = method.GetOptions().Extensions
        if options[permission_pb2.services_only] or not options[permission_pb2.by_account]:
            return
        told = await _call(
            channel, method, self._requests(method), self._limited(*self.account_ids)
        )
        if told.outline != by_owner.outline:
            self._add(method, f"tells who is limited to these accounts {told.outline}")

    async def _as_limited(self, channel: grpc.aio.Channel, method: MethodDescriptor) -> None:
        """What a colleague is told who is limited to another account: of nothing."""
        options = method.GetOptions().Extensions
        if options[permission_pb2.services_only]:
            return
        requests = self._requests(method)
        told = await _call(channel, method, requests, self._limited("acct_another"))
        if not options[permission_pb2.by_account]:
            if told.code is not grpc.StatusCode.PERMISSION_DENIED:
                self._add(method, f"is open to who is limited to another account: {told.outline}")
            return
        own = {self.organization_id: self.organization_id}
        of_nothing = await _call(
            channel, method, self._made_up(requests, but=own), self._limited("acct_another")
        )
        if told.outline != of_nothing.outline:
            self._add(
                method,
                f"tells who is limited to another account {told.outline}, but of what does not"
                f" exist {of_nothing.outline}",
            )
        sent = {text for each in requests for text in _texts(each)}
        leaked = {text for each in told.answers for text in _texts(each)} & {*self.ids.values()}
        if leaked - sent:
            self._add(method, f"tells who is limited to another account of {sorted(leaked)}")

    def _limited(self, *account_ids: str) -> str:
        return self.keys.token(
            org=self.organization_id, permissions=sorted(every_permission()), accounts=account_ids
        )

    async def _as_owner(self, channel: grpc.aio.Channel, method: MethodDescriptor) -> Told:
        told = await _call(channel, method, self._requests(method), self._owners_token(method))
        if (
            told.code is grpc.StatusCode.OK
            and method.output_type.fields
            and not any(told.outline[2])
        ):
            self._add(method, "tells the owner nothing; have something that it would tell")
        return told

    def _owners_token(self, method: MethodDescriptor) -> str:
        """A member's; that of a service where no organization may ask."""
        options = method.GetOptions().Extensions
        if options[permission_pb2.services_only]:
            service = options[permission_pb2.services][0]
            return self.keys.service(service, audience=self.service)()
        return self.keys.token(org=self.organization_id, permissions=sorted(every_permission()))

    def _requests(self, method: MethodDescriptor) -> list[Message]:
        made = GetMessageClass(method.input_type)
        for example in self.examples:
            pieces = example if isinstance(example, list) else [example]
            if pieces[0].DESCRIPTOR is method.input_type:
                return pieces
        request = made()
        for name, value in self._all_ids.items():
            of = method.input_type.fields_by_name.get(name)
            if of is not None and of.type == FieldDescriptor.TYPE_STRING:
                setattr(request, name, value)
            several = method.input_type.fields_by_name.get(f"{name}s")
            if several is not None and several.is_repeated:
                getattr(request, several.name).append(value)
        return [request]

    @property
    def _all_ids(self) -> dict[str, str]:
        return {**self.ids, "organization_id": self.organization_id}

    def _made_up(
        self, requests: list[Message], *, but: Mapping[str, str] | None = None
    ) -> list[Message]:
        """The same about ids that are alike and were never given out, but for some that stay."""
        made_up = {id_: f"{id_[:-3]}xyz" for id_ in self._all_ids.values()}
        return _replaced(requests, {**made_up, **(but or {})})

    async def _rows(self) -> dict[str, list[str]]:
        tables = await self.pool.fetch(
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
                for each in await self.pool.fetch(
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
            changed |= {row for row in {*after[name]} - {*rows} if self.organization_id in row}
            if changed:
                self.found.append(f"a stranger changed {name}: {sorted(changed)[:4]}")

    def _add(self, method: MethodDescriptor, what: str) -> None:
        self.found.append(f"{method.full_name} {what}")


async def _call(
    channel: grpc.aio.Channel, method: MethodDescriptor, requests: list[Message], token: str
) -> Told:
    raw = [each.SerializeToString() for each in requests]
    metadata = (("authorization", f"Bearer {token}"),)
    try:
        answers = await ask(channel, method, raw, metadata=metadata)
    except grpc.aio.AioRpcError as error:
        info = error_details_pb2.ErrorInfo()
        for detail in status_of(error).details:
            detail.Unpack(info)
        return Told(code=error.code(), reason=info.reason)
    return Told(code=grpc.StatusCode.OK, answers=tuple(answers))


def _replaced(requests: list[Message], by: Mapping[str, str]) -> list[Message]:
    made = []
    for request in requests:
        copy = type(request)()
        copy.CopyFrom(request)
        _replace(copy, by)
        made.append(copy)
    return made


def _replace(message: Message, by: Mapping[str, str]) -> None:
    for of, value in message.ListFields():
        if of.message_type is not None and not of.message_type.GetOptions().map_entry:
            for each in value if of.is_repeated else [value]:
                _replace(each, by)
        elif of.type == FieldDescriptor.TYPE_STRING:
            if of.is_repeated:
                value[:] = [by.get(each, each) for each in value]
            else:
                setattr(message, of.name, by.get(value, value))


def _outline(message: Message, path: str = "") -> Iterator[str]:
    """The fields that are set, by their paths; one line for each item of a list."""
    for of, value in message.ListFields():
        items = value if of.is_repeated else [value]
        for each in items:
            yield f"{path}{of.name}"
            if isinstance(each, Message):
                yield from _outline(each, f"{path}{of.name}.")


def _texts(message: Message) -> Iterator[str]:
    for of, value in message.ListFields():
        for each in value if of.is_repeated else [value]:
            if isinstance(each, Message):
                yield from _texts(each)
            elif isinstance(each, str):
                yield each
