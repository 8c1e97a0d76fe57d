"""A stream of requests that is refused before its end is told as it was refused."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import grpc
import pytest
from servicekit.errors import NotFound
from servicekit.grpc import client as grpc_client
from servicekit.grpc.channels.first_status import FirstStatus


@pytest.fixture
async def address() -> AsyncIterator[str]:
    """Of a server that refuses what it has not read."""

    async def refuse(_: AsyncIterator[bytes], context: Any) -> bytes:
        return await context.abort(grpc.StatusCode.NOT_FOUND, "There is none.")

    server = grpc.aio.server()

    async def refuse_to_talk(_: AsyncIterator[bytes], context: Any) -> AsyncIterator[bytes]:
        yield await context.abort(grpc.StatusCode.NOT_FOUND, "There is none.")

    methods = {
        "Upload": grpc.stream_unary_rpc_method_handler(refuse),
        "Talk": grpc.stream_stream_rpc_method_handler(refuse_to_talk),
    }
    handler = grpc.method_handlers_generic_handler("test.Test", methods)
    server.add_generic_rpc_handlers((handler,))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    yield f"127.0.0.1:{port}"
    await server.stop(0)


async def slowly() -> AsyncIterator[bytes]:
    """A piece, and another that nobody waits for any more."""
    yield b"first_name,linkedin_url"
    await asyncio.Event().wait()


async def at_once() -> AsyncIterator[bytes]:
    for _ in range(64):
        yield b"x" * 65_536


class Overwritten(FirstStatus):
    """As where a write fails just after the status has come, which happens to one of 200."""

    def __init__(self, call: Any) -> None:
        super().__init__(call)
        call.add_done_callback(lambda _: call._cython_call.set_internal_error("execute_batch"))


async def test_a_late_failure_of_a_write_hides_no_refusal(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """gRPC's client replaces the server's status by its own."""
    monkeypatch.setattr(grpc_client, "FirstStatus", Overwritten)
    async with grpc_client.channel(address) as channel:
        with pytest.raises(NotFound, match="There is none"):
            await channel.stream_unary("/test.Test/Upload")(slowly())
        with pytest.raises(NotFound, match="There is none"):
            await anext(aiter(channel.stream_stream("/test.Test/Talk")(slowly())))


async def test_an_early_failure_of_a_write_hides_no_refusal(address: str) -> None:
    """Whichever of both comes first."""
    async with grpc_client.channel(address) as channel:
        for _ in range(100):
            with pytest.raises(NotFound, match="There is none"):
                await channel.stream_unary("/test.Test/Upload")(at_once())
