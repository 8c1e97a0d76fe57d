"""httpx that posts bodies and does nothing else: what deliveries are held against.

`python -m devstack.webhook_bench.poster URL COUNT AT_ONCE < BODIES` (a JSON list of texts); prints
how many it posted in a second. A process of its own, as the dispatcher is.
"""

import asyncio
import json
import sys
import time

import httpx


async def posted_per_second(url: str, bodies: list[str], *, count: int, at_once: int) -> float:
    """So many posts, so many of them at once."""
    numbers = iter(range(count))

    async def post(client: httpx.AsyncClient) -> None:
        for number in numbers:
            headers = {"webhook-id": f"post_{number}", "content-type": "application/json"}
            body = bodies[number % len(bodies)].encode()
            (await client.post(url, content=body, headers=headers)).raise_for_status()

    limits = httpx.Limits(max_connections=at_once, max_keepalive_connections=at_once)
    async with httpx.AsyncClient(limits=limits, trust_env=False, timeout=30) as client:
        began = time.monotonic()
        await asyncio.gather(*(post(client) for _ in range(at_once)))
        return count / (time.monotonic() - began)


if __name__ == "__main__":
    URL, COUNT, AT_ONCE = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    READ = json.load(sys.stdin)
    sys.stdout.write(str(asyncio.run(posted_per_second(URL, READ, count=COUNT, at_once=AT_ONCE))))
