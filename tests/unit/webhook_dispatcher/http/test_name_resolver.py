"""Names are looked up without holding anybody up."""

import asyncio
import time
from collections import Counter
from collections.abc import Sequence

import aiodns
import pytest
from webhook_dispatcher.http.name_resolver import NameResolver


class Servers:
    """Name servers: some names are answered, some refused, some never."""

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()
        self.silent = asyncio.Event()

    async def __call__(self, host: str) -> Sequence[str]:
        self.asked[host] += 1
        if host.startswith("silent"):
            await self.silent.wait()
        if host.startswith("unknown"):
            raise OSError("Domain name not found")
        return ["93.184.216.34", "93.184.216.34", "2606:2800:220:1::"]


async def test_the_slow_hold_up_nobody() -> None:
    """While some names are never answered, a name is."""
    servers = Servers()
    async with NameResolver(servers) as resolve:
        waiting = [asyncio.create_task(resolve(f"silent-{each}", 443)) for each in range(99)]
        await asyncio.sleep(0)

        assert await resolve("hooks.example.com", 443) == ["93.184.216.34", "2606:2800:220:1::"]
        for task in waiting:
            task.cancel()


async def test_many_ask_once() -> None:
    """Whoever wants a name while it is asked for, and soon after, gets the same answer."""
    servers = Servers()
    async with NameResolver(servers) as resolve:
        first = asyncio.create_task(resolve("silent", 443))
        others = [asyncio.create_task(resolve("silent", 443)) for _ in range(50)]
        await asyncio.sleep(0)
        first.cancel()
        servers.silent.set()
        found = await asyncio.gather(*others)
        again = await resolve("silent", 443)

    assert servers.asked["silent"] == 1
    assert {tuple(each) for each in found} == {tuple(again)}


async def test_a_name_without_an_address_is_refused_for_a_while() -> None:
    """It raises, and is not asked for at each attempt."""
    servers = Servers()
    async with NameResolver(servers) as resolve:
        for _ in range(3):
            with pytest.raises(OSError, match="not found"):
                await resolve("unknown", 443)

    assert servers.asked["unknown"] == 1


async def test_this_machine_and_literals() -> None:
    """The system's own names and addresses are known without any server."""
    async with NameResolver() as resolve:
        assert "127.0.0.1" in await resolve("localhost", 443)
        assert await resolve("127.0.0.1", 443) == ["127.0.0.1"]
        assert await resolve("::1", 443) == ["::1"]


async def test_a_silent_server_costs_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name server that never answers is given up, in less than a POST may take."""
    loop = asyncio.get_running_loop()
    silent, _ = await loop.create_datagram_endpoint(
        asyncio.DatagramProtocol, local_addr=("127.0.0.1", 0)
    )
    port = silent.get_extra_info("sockname")[1]
    known = aiodns.DNSResolver

    def asking_it(**options: float) -> aiodns.DNSResolver:
        return known(
            nameservers=["127.0.0.1"], udp_port=port, **{**options, "timeout": 0.2, "tries": 1}
        )

    monkeypatch.setattr(aiodns, "DNSResolver", asking_it)
    began = time.monotonic()
    async with NameResolver() as resolve:
        with pytest.raises(OSError, match="DNS"):
            await resolve("hooks.example.com", 443)
    silent.close()

    assert time.monotonic() - began < 5
