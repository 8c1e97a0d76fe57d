"""One record of each call that has to leave one, and nothing is told before it stands."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import grpc
import pytest
from identity.audit.calls.appender import AuditUnavailable
from identity.audit.calls.declared import Declared
from identity.audit.calls.layer import audited
from identity.audit.calls.strangers import MOST_OF_AN_ADDRESS, Strangers
from identity.audit.metrics import Metrics
from identity.audit.record import Act, Outcome
from prometheus_client import CollectorRegistry
from servicekit.auth import Caller, CallerKind, PermissionMissing, TokenEnded, set_caller
from servicekit.errors import (
    FailedPrecondition,
    NotFound,
    PermissionDenied,
    ServiceError,
    Unauthenticated,
    Unavailable,
)
from servicekit.grpc import client as grpc_client
from servicekit.grpc.calls import Call, Layer
from servicekit.grpc.interceptors import LayeredInterceptor
from servicekit.grpc.layers import translated
from servicekit.grpc.server import GrpcServer

SERVICE = "a-service"
CHANGES = Declared(changes=True, path=("endpoint_id",))
KEEPS_A_ROW = Declared(changes=True, has_own_row=True)
READS = Declared(reads=True, path=("endpoint_id",))
NOTHING = Declared()
MEMBER = Caller("mem_1", "org_1")
ALONE = Caller("campaign-api", kind=CallerKind.SERVICE)
FOR_ADA = Caller(
    "campaign-api", kind=CallerKind.SERVICE, on_behalf_of="mem_ada", for_organization="org_ada"
)


@dataclass
class Book:
    """Keeps what is recorded, unless it is away."""

    away: bool = False
    acts: list[Act] = field(default_factory=list)

    async def append(self, act: Act) -> None:
        if self.away:
            raise AuditUnavailable
        self.acts.append(act)

    async def append_soon(self, act: Act) -> None:
        self.acts.append(act)

    def keep(self, act: Act) -> None:
        self.acts.append(act)

    async def digest(self, *_: Any, **__: Any) -> str:
        return ""

    async def append_with(self, *_: Any, **__: Any) -> bool:
        return False


@dataclass
class World:
    """A server whose caller and contract are what a test says."""

    book: Book = field(default_factory=Book)
    caller: Caller | None = MEMBER
    declared: Declared = NOTHING
    fails: Exception | None = None
    strangers: Strangers = field(
        default_factory=lambda: Strangers(SERVICE, Metrics(CollectorRegistry()))
    )

    @asynccontextmanager
    async def known(self, _call: Call) -> AsyncIterator[None]:
        if self.caller is not None:
            set_caller(self.caller)
        yield

    async def Ask(self, _request: bytes, _context: Any) -> bytes:  # noqa: N802 - the rpc's name
        if self.fails is not None:
            raise self.fails
        return b"told"

    async def Follow(self, _request: bytes, _context: Any) -> AsyncIterator[bytes]:  # noqa: N802
        yield b"one"
        assert self.book.acts
        yield b"two"


@asynccontextmanager
async def serving(world: World) -> AsyncIterator[grpc.aio.Channel]:
    layers: list[Layer] = [
        translated(()),
        audited(
            world.book,
            writing=world.book,
            declared_of=lambda _: world.declared,
            service=SERVICE,
            strangers=world.strangers,
        ),
        world.known,
    ]
    server = GrpcServer(interceptors=[LayeredInterceptor(layers)])
    handlers = {
        "Ask": grpc.unary_unary_rpc_method_handler(world.Ask),
        "Follow": grpc.unary_stream_rpc_method_handler(world.Follow),
    }
    server.add(
        lambda _, to: to.add_registered_method_handlers("a.Service", handlers),  # type: ignore[attr-defined]
        world,
    )
    async with server, grpc_client.channel(server.address) as channel:
        yield channel


async def ask(world: World) -> ServiceError | None:
    async with serving(world) as channel:
        try:
            await channel.unary_unary("/a.Service/Ask")(b"")
        except ServiceError as error:
            return error
    return None


def told(world: World) -> list[tuple[Outcome, str]]:
    return [(act.outcome, act.code) for act in world.book.acts]


Case = tuple[Declared, Caller | None, Exception | None, list[tuple[Outcome, str]]]
CASES: dict[str, Case] = {
    "a change": (CHANGES, MEMBER, None, [(Outcome.DONE, "OK")]),
    "a read": (READS, MEMBER, None, [(Outcome.DONE, "OK")]),
    "nothing of the kind": (NOTHING, MEMBER, None, []),
    "a service by itself": (CHANGES, ALONE, None, []),
    "a service for somebody": (CHANGES, FOR_ADA, None, [(Outcome.DONE, "OK")]),
    "what keeps a row, by a service for somebody": (KEEPS_A_ROW, FOR_ADA, None, []),
    "what keeps a row, by a service that was cut off": (KEEPS_A_ROW, FOR_ADA, Unavailable(), []),
    "what keeps a row, by a member": (KEEPS_A_ROW, MEMBER, None, [(Outcome.DONE, "OK")]),
    "what keeps a row, refused": (
        KEEPS_A_ROW,
        FOR_ADA,
        PermissionMissing(),
        [(Outcome.DENIED, "PERMISSION_DENIED")],
    ),
    "a refusal": (
        NOTHING,
        MEMBER,
        PermissionMissing(),
        [(Outcome.DENIED, "PERMISSION_DENIED")],
    ),
    "a stream whose token has ended": (NOTHING, MEMBER, TokenEnded(), []),
    "an upload whose token has ended": (
        CHANGES,
        MEMBER,
        TokenEnded(),
        [(Outcome.UNKNOWN, "UNAUTHENTICATED")],
    ),
    "an upload of a service by itself whose token has ended": (CHANGES, ALONE, TokenEnded(), []),
    "a refusal of a service": (
        NOTHING,
        ALONE,
        PermissionMissing(),
        [(Outcome.DENIED, "PERMISSION_DENIED")],
    ),
    "what is not theirs": (NOTHING, MEMBER, NotFound(), [(Outcome.DENIED, "NOT_FOUND")]),
    "what a service looks for": (NOTHING, ALONE, NotFound(), []),
    "what cannot be done now": (CHANGES, MEMBER, FailedPrecondition(), []),
    "what went away in between": (
        CHANGES,
        MEMBER,
        Unavailable(),
        [(Outcome.UNKNOWN, "UNAVAILABLE")],
    ),
    "a read that went wrong": (READS, MEMBER, Unavailable(), []),
    "a bug": (CHANGES, MEMBER, KeyError("what"), [(Outcome.UNKNOWN, "INTERNAL")]),
    "nobody known": (NOTHING, None, PermissionMissing(), [(Outcome.DENIED, "PERMISSION_DENIED")]),
}


@pytest.mark.parametrize("case", CASES)
async def test_what_a_call_leaves(case: str) -> None:
    """By what the contract says of it, who called, and how it ended."""
    declared, caller, fails, expected = CASES[case]
    world = World(caller=caller, declared=declared, fails=fails)

    await ask(world)

    assert told(world) == expected


async def test_who_wanted_it_stands_before_who_did_it() -> None:
    """A service that calls for somebody is named beside them."""
    world = World(caller=FOR_ADA, declared=CHANGES)
    await ask(world)

    (act,) = world.book.acts
    assert (act.subject, act.actors, act.caller_kind) == ("mem_ada", ("campaign-api",), "service")
    assert (act.service, act.rpc, act.address) == (SERVICE, "a.Service/Ask", "127.0.0.1")


@pytest.mark.parametrize(
    ("caller", "organization_id"), [(FOR_ADA, "org_ada"), (MEMBER, "org_1"), (ALONE, "")]
)
async def test_a_refusal_stands_with_whose_it_is(caller: Caller, organization_id: str) -> None:
    """What a service was refused that acted for somebody stood with our staff, unseen by them."""
    world = World(caller=caller, fails=PermissionMissing())
    await ask(world)

    (act,) = world.book.acts
    assert (act.outcome, act.organization_id) == (Outcome.DENIED, organization_id)


@pytest.mark.parametrize("declared", [CHANGES, READS])
async def test_what_cannot_be_recorded_is_not_told(declared: Declared) -> None:
    """The caller hears that it is the audit, and may come again."""
    refused = await ask(World(book=Book(away=True), declared=declared))

    assert refused is not None
    assert (refused.reason, refused.retried) == ("AUDIT_UNAVAILABLE", True)


async def test_a_stream_is_recorded_before_its_first_answer() -> None:
    """Once, however many answers come."""
    world = World(declared=READS)
    async with serving(world) as channel:
        call: Callable[..., Any] = channel.unary_stream("/a.Service/Follow")
        answers = [answer async for answer in call(b"")]

    assert answers == [b"one", b"two"]
    assert told(world) == [(Outcome.DONE, "OK")]


NOBODY = Caller("")
STRANGERS: dict[str, tuple[Declared, Caller | None, Exception]] = {
    "without a token": (NOTHING, None, Unauthenticated()),
    "with a key that is none": (CHANGES, NOBODY, Unauthenticated()),
    "who leave what may be a change": (CHANGES, NOBODY, Unavailable()),
    "who look for what is not there": (NOTHING, NOBODY, NotFound()),
}


@pytest.mark.parametrize("case", STRANGERS)
async def test_strangers_fill_no_audit(case: str) -> None:
    """Whoever reached the port wrote a row with each call: now as many as are admitted."""
    declared, caller, fails = STRANGERS[case]
    world = World(caller=caller, declared=declared, fails=fails)
    async with serving(world) as channel:
        for _ in range(MOST_OF_AN_ADDRESS + 3):
            with pytest.raises(ServiceError):
                await channel.unary_unary("/a.Service/Ask")(b"")

    assert len(world.book.acts) == MOST_OF_AN_ADDRESS
    left_out = world.strangers.left_out()
    assert left_out is not None
    assert (left_out.resource, left_out.address) == ("refusals/3", "127.0.0.1")


async def test_who_is_known_is_always_recorded() -> None:
    """A member's refusals are what one wants to see, and have limits of their own."""
    world = World(fails=PermissionMissing())
    async with serving(world) as channel:
        for _ in range(MOST_OF_AN_ADDRESS + 3):
            with pytest.raises(PermissionDenied):
                await channel.unary_unary("/a.Service/Ask")(b"")

    assert len(world.book.acts) == MOST_OF_AN_ADDRESS + 3
