"""servicekit.postgres.listener against a real server."""

import asyncio

from servicekit.postgres import pool as postgres
from servicekit.postgres.listener import Listener, Notification


async def test_listener_receives_notifications(database_url: str) -> None:
    """First it says that it may have missed some, then what is sent."""
    async with (
        asyncio.timeout(10),
        postgres.connect_pool(database_url, "public") as pool,
        Listener(database_url, "news") as listener,
    ):
        assert (await anext(listener)).missed

        await pool.execute("SELECT pg_notify('news', 'hello')")

        assert await anext(listener) == Notification("news", "hello")


async def test_listener_reconnects(database_url: str) -> None:
    """When its connection is cut it connects again, and says that it may have missed some."""
    async with (
        asyncio.timeout(10),
        postgres.connect_pool(database_url, "public") as pool,
        Listener(database_url, "news", application="ears") as listener,
    ):
        assert (await anext(listener)).missed

        await pool.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'ears'"
        )
        assert (await anext(listener)).missed

        await pool.execute("NOTIFY news, 'again'")
        assert (await anext(listener)).payload == "again"
