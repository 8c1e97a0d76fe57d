"""A channel whose credentials change: gRPC takes them once, when a channel is made."""

import asyncio
from collections.abc import Callable
from typing import Any, Generic, Self, TypeVar

import grpc

from servicekit.telemetry import logs

Material = TypeVar("Material")

log = logs.get_logger(__name__)


class RenewedChannel(grpc.aio.Channel, Generic[Material]):
    """One that is made anew, at the next call, when what it is made of has changed.

    Calls under way end on the channel that they began on, which is closed after the last of them.
    """

    def __init__(
        self, material: Callable[[], Material], make: Callable[[Material], grpc.aio.Channel]
    ) -> None:
        self._material = material
        self._make = make
        self._made_of = material()
        self._generation = _Generation(make(self._made_of))
        self._closing: set[asyncio.Task[None]] = set()

    def current(self) -> "_Generation":
        """The channel for the next call."""
        material = self._material()
        if material is not self._made_of:
            old = self._generation
            self._made_of, self._generation = material, _Generation(self._make(material))
            log.info("channel_renewed", calls_under_way=old.calls)
            task = asyncio.get_running_loop().create_task(old.close_when_idle())
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)
        return self._generation

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self, grace: float | None = None) -> None:
        """Close it, and those that were only waiting for their last calls."""
        closing = [*self._closing]
        for task in closing:
            task.cancel()
        await asyncio.gather(*closing, return_exceptions=True)
        await self._generation.channel.close(grace)

    def get_state(self, try_to_connect: bool = False) -> grpc.ChannelConnectivity:  # noqa: FBT001, FBT002 - grpc's own
        return self.current().channel.get_state(try_to_connect)

    async def wait_for_state_change(self, last_observed_state: grpc.ChannelConnectivity) -> None:
        await self.current().channel.wait_for_state_change(last_observed_state)

    async def channel_ready(self) -> None:
        await self.current().channel.channel_ready()

    def unary_unary(self, *arguments: Any, **options: Any) -> Any:
        return _Method(self, "unary_unary", arguments, options)

    def unary_stream(self, *arguments: Any, **options: Any) -> Any:
        return _Method(self, "unary_stream", arguments, options)

    def stream_unary(self, *arguments: Any, **options: Any) -> Any:
        return _Method(self, "stream_unary", arguments, options)

    def stream_stream(self, *arguments: Any, **options: Any) -> Any:
        return _Method(self, "stream_stream", arguments, options)


class _Generation:
    """A channel, and how many calls are under way on it."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self.channel = channel
        self.calls = 0
        self._idle = asyncio.Event()
        self._idle.set()

    def begun(self, call: Any) -> None:
        """Count a call until it is done."""
        self.calls += 1
        self._idle.clear()
        call.add_done_callback(self._ended)

    def _ended(self, _: Any) -> None:
        self.calls -= 1
        if not self.calls:
            self._idle.set()

    async def close_when_idle(self) -> None:
        try:
            await self._idle.wait()
        finally:
            await self.channel.close()


class _Method:
    """A method of whichever channel is the current one when it is called."""

    def __init__(
        self,
        channel: RenewedChannel[Any],
        kind: str,
        arguments: tuple[Any, ...],
        options: dict[str, Any],
    ) -> None:
        self._channel = channel
        self._kind = kind
        self._arguments = arguments
        self._options = options
        self._generation: _Generation | None = None
        self._callable: Any = None

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        generation = self._channel.current()
        if generation is not self._generation:
            self._generation = generation
            make = getattr(generation.channel, self._kind)
            self._callable = make(*self._arguments, **self._options)
        call = self._callable(*arguments, **options)
        generation.begun(call)
        return call
