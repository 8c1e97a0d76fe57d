"""Layers around a call are as blocks in one another."""

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from enum import Enum, auto
from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from servicekit.grpc.calls import NOTHING, Around, Call, Layer, Layered


class Plan(Enum):
    """What a layer does."""

    NOTHING = auto()
    PASSES = auto()
    REPLACES = auto()
    """Raises as it is left, whatever has happened inside."""
    REFUSES = auto()
    """Before there is anything to enter."""
    FAILS = auto()
    """As it is entered."""


INSIDE = st.sampled_from([Plan.PASSES, Plan.REPLACES, Plan.NOTHING])
plans = st.tuples(st.lists(INSIDE, max_size=4), st.lists(st.sampled_from(Plan), max_size=1)).map(
    lambda made: [*made[0], *made[1]]
)


class Failure(Exception):
    """Raised by a layer, or by what is inside of all of them."""


def layer_of(name: int, plan: Plan, seen: list[str]) -> Layer:
    @asynccontextmanager
    async def around() -> AsyncIterator[None]:
        seen.append(f"{name} entered")
        if plan is Plan.FAILS:
            raise Failure(f"{name} does not enter")
        try:
            yield
        except Failure as failure:
            seen.append(f"{name} sees {failure}")
            if plan is Plan.REPLACES:
                raise Failure(f"{name} replaces") from failure
            raise
        seen.append(f"{name} left")
        if plan is Plan.REPLACES:
            raise Failure(f"{name} ends")

    def layer(_: Call) -> Around:
        if plan is Plan.REFUSES:
            raise Failure(f"{name} refuses")
        return NOTHING if plan is Plan.NOTHING else around()

    return layer


def call() -> Call:
    context: Any = None
    return Call("/outreach.Service/Method", context, {})


Serving = Callable[[Sequence[Layer], Callable[[], None]], Any]


async def in_one_another(layers: Sequence[Layer], serve: Callable[[], None]) -> None:
    if not layers:
        serve()
        return
    async with layers[0](call()):
        await in_one_another(layers[1:], serve)


async def layered(layers: Sequence[Layer], serve: Callable[[], None]) -> None:
    async with Layered(layers, call()):
        serve()


async def outcome(serving: Serving, made: Sequence[Plan], *, fails: bool) -> list[str]:
    """What is seen, and what is raised of which other failures."""
    seen: list[str] = []

    def serve() -> None:
        seen.append("served")
        if fails:
            raise Failure("servicer fails")

    layers = [layer_of(number, plan, seen) for number, plan in zip(count(), made, strict=False)]
    try:
        await serving(layers, serve)
    except Failure as failure:
        seen += [f"raised {each}" for each in behind(failure)]
    return seen


def behind(failure: BaseException | None) -> Iterator[str]:
    while failure is not None:
        yield str(failure)
        failure = failure.__context__


@given(plans, st.booleans())
async def test_layers_are_as_blocks_in_one_another(made: list[Plan], fails: bool) -> None:  # noqa: FBT001 - Hypothesis gives it
    """Whatever layers raise, as they are entered or left, those further out see the same."""
    expected = await outcome(in_one_another, made, fails=fails)

    assert await outcome(layered, made, fails=fails) == expected


async def test_what_a_layer_swallows_is_not_seen_further_out() -> None:
    """Who stands around a layer that takes a failure away leaves in peace."""
    seen: list[str] = []

    @asynccontextmanager
    async def swallows() -> AsyncIterator[None]:
        with pytest.raises(Failure):
            yield

    await layered([layer_of(0, Plan.PASSES, seen), lambda _: swallows()], fail)

    assert seen == ["0 entered", "0 left"]


def fail() -> None:
    raise Failure("servicer fails")
