"""What TLS costs a call, in processor time of both sides: `python -m devstack.bench.tls`.

Pairs of a plain and an encrypted round alternate, so that what else the machine does meets both.
"""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import grpc
from rich.console import Console
from servicekit.credentials.tls import Tls
from servicekit.grpc import client as grpc_client
from servicekit.grpc.server import GrpcServer

from devstack.stack.certificates import CALLER, Certificates

_PAIRS = 101
_CALLS = 100
_CONNECTIONS = 10
_SIZES = (100, 10_000, 1_000_000)
"""Bytes of an answer: a campaign, a page of leads, a large list."""
_METHOD = "/bench.Echo/Get"


async def _echo(request: bytes, _: Any) -> bytes:
    return bytes(int(request))


@asynccontextmanager
async def _served(tls: Tls | None) -> AsyncIterator[GrpcServer]:
    server = GrpcServer(tls=tls)
    handlers: dict[str, Any] = {"Get": grpc.unary_unary_rpc_method_handler(_echo)}
    server.add(
        lambda _, to: to.add_generic_rpc_handlers(
            (grpc.method_handlers_generic_handler("bench.Echo", handlers),)
        ),
        None,
    )
    async with server:
        yield server


async def _calls(channel: grpc.aio.Channel, size: int) -> float:
    """Seconds of processor time of one call."""
    call: Any = channel.unary_unary(_METHOD)
    request, calls = str(size).encode(), _CALLS if size < _SIZES[-1] else _CALLS // 10
    begun = time.process_time()
    for _ in range(calls):
        await call(request)
    return (time.process_time() - begun) / calls


async def _connections(server: GrpcServer, tls: Tls | None) -> float:
    """Seconds of processor time of making a connection and one call."""
    begun = time.process_time()
    for _ in range(_CONNECTIONS):
        async with grpc_client.channel(server.address, tls=tls) as channel:
            call: Any = channel.unary_unary(_METHOD)
            await call(b"1")
    return (time.process_time() - begun) / _CONNECTIONS


async def measure(console: Console) -> None:
    """Print the medians of all pairs."""
    with tempfile.TemporaryDirectory() as directory:
        made = Certificates(Path(directory) / "certificates")
        caller, own = made.tls(CALLER), made.tls("campaign-api")
        async with (
            _served(None) as plain,
            _served(own) as secure,
            grpc_client.channel(plain.address) as in_text,
            grpc_client.channel(secure.address, tls=caller) as by_tls,
        ):
            for size in _SIZES:
                await _calls(by_tls, size)
                pairs = [
                    (await _calls(in_text, size), await _calls(by_tls, size)) for _ in range(_PAIRS)
                ]
                _tell(console, f"a call with {size:,} bytes", pairs)
            pairs = [
                (await _connections(plain, None), await _connections(secure, caller))
                for _ in range(_PAIRS)
            ]
            _tell(console, "a new connection and a call", pairs)


def _tell(console: Console, what: str, pairs: list[tuple[float, float]]) -> None:
    plain = statistics.median(pair[0] for pair in pairs) * 1e6
    more = sorted((secure - text) * 1e6 for text, secure in pairs)
    middle = statistics.median(more)
    console.print(
        f"{what}: {plain:,.0f} µs in plain text, {middle:+,.0f} µs by TLS"
        f" ({more[len(more) // 4]:+,.0f} to {more[-len(more) // 4]:+,.0f})"
    )


if __name__ == "__main__":
    asyncio.run(measure(Console()))
