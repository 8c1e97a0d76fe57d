"""devstack.observability.alertmanager."""

import asyncio
from typing import Any

from devstack.observability.alertmanager import AlertReceiver
from devstack.stack.loopback import loopback_client


def told(status: str, **labels: str) -> dict[str, Any]:
    return {
        "status": status,
        "labels": {"alertname": "ServiceAbsent", **labels},
        "startsAt": "2026-03-02T12:00:00.123456789Z",
    }


async def post(url: str, *alerts: dict[str, Any]) -> None:
    async with loopback_client() as http:
        (await http.post(url, json={"alerts": list(alerts)})).raise_for_status()


async def test_an_alert_fires_until_its_end_is_told() -> None:
    """By what was told last, of those with the labels that are asked for."""
    async with AlertReceiver() as receiver:
        await post(receiver.url, told("firing", service="a"), told("firing", service="b"))
        before = receiver.firing("ServiceAbsent", {"service": "a"})
        await post(receiver.url, told("resolved", service="a"))

        assert before is not None
        assert receiver.firing("ServiceAbsent", {"service": "a"}) is None
        assert receiver.firing("ServiceAbsent", {}) is not None
        assert receiver.firing("Another", {}) is None
        assert receiver.names_firing() == {"ServiceAbsent"}


async def test_whoever_waits_hears_the_news() -> None:
    """Nobody asks again and again."""
    async with AlertReceiver() as receiver:
        waiting = asyncio.create_task(
            receiver.until(lambda: receiver.firing("ServiceAbsent", {}) is not None)
        )
        await post(receiver.url, told("firing", service="a"))
        async with asyncio.timeout(5):
            await waiting
