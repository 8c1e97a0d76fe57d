"""Each dependency away for half a minute, one after the other and all together."""

import asyncio
import json
import os
from pathlib import Path
from typing import Any

import pytest
from devstack.demo.demo import fast_clock
from devstack.stack.loopback import loopback_client
from devstack.stack.stack import Stack, StackOptions

SECONDS = float(os.environ.get("OUTAGE_SECONDS", "0"))
TOLD_BY = {
    "postgres": ("campaign-api", "linkedin-gateway", "webhook-dispatcher", "outreach-worker"),
    "temporal": ("campaign-api", "webhook-dispatcher", "outreach-worker"),
    "simulator": ("linkedin-gateway",),
    "campaign-api": ("linkedin-gateway",),
    "linkedin-gateway": ("campaign-api", "outreach-worker"),
    "webhook-dispatcher": ("campaign-api", "outreach-worker"),
}
"""Who says of each part that it is away."""
KNOWN_AS = {"simulator": "unipile"}
SPEED = 2_000.0


async def said(stack: Stack, service: str) -> dict[str, str]:
    """What a service's readiness says of what it depends on, needed or not.

    That the sandbox's Temporal is reached by plain text is told for ever, and is nobody's outage.
    """
    async with loopback_client() as http:
        answer = await http.get(f"{stack.services[service].url}/readyz")
    body: dict[str, Any] = answer.json()
    told = {**body["checks"], **body.get("notes", {})}
    return {name: text for name, text in told.items() if name != "encryption"}


async def lives(stack: Stack, service: str) -> bool:
    async with loopback_client() as http:
        return (await http.get(f"{stack.services[service].url}/livez")).is_success


async def until_told(stack: Stack, part: str) -> None:
    """Wait until everybody who needs a part says that it is away."""
    for service in TOLD_BY[part]:
        while (await said(stack, service)).get(KNOWN_AS.get(part, part), "ok") == "ok":  # noqa: ASYNC110 - another process's word
            await asyncio.sleep(0.2)


async def until_well(stack: Stack) -> None:
    """Wait until nobody misses anything."""
    for service in stack.services:
        while any(told != "ok" for told in (await said(stack, service)).values()):  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.2)


async def away(stack: Stack, *parts: str) -> dict[str, bool]:
    """Have parts away for as long as asked for; who lived through it, all being told and mended."""
    await asyncio.gather(*(stack.kill(part) for part in parts))
    left = [service for service in stack.services if service not in parts]
    async with asyncio.timeout(SECONDS + 60):
        began_at = asyncio.get_running_loop().time()
        for part in parts:
            # While the database is away nobody asks Unipile, and so nobody can tell.
            if part != "simulator" or "postgres" not in parts:
                await until_told(stack, part)
        await asyncio.sleep(max(0.0, began_at + SECONDS - asyncio.get_running_loop().time()))
    lived = {service: await lives(stack, service) for service in left}
    await asyncio.gather(*(stack.start(part) for part in parts))
    async with asyncio.timeout(120):
        await until_well(stack)
    return lived


@pytest.mark.skipif(not SECONDS, reason="half a minute each, by make chaos")
@pytest.mark.timeout(1200)
async def test_whatever_is_away_ends_no_process() -> None:
    """No process ends, each says what it misses, liveness depends on nothing, all recover."""
    record = Path("build/outages.json")
    async with Stack(StackOptions(clock=fast_clock(SPEED))) as stack:
        await until_well(stack)
        ended = asyncio.ensure_future(stack.until_failure())
        lived = {part: await away(stack, part) for part in TOLD_BY}
        lived["all of them"] = await away(stack, "postgres", "temporal", "simulator")
        assert not ended.done()
        ended.cancel()

    text = json.dumps({"seconds": SECONDS, "lived": lived}, indent=1)
    await asyncio.to_thread(record.parent.mkdir, exist_ok=True)
    await asyncio.to_thread(record.write_text, text)
    assert all(all(services.values()) for services in lived.values())
