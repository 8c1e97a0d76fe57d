"""Databases of lists that are followed, read as the services read them."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import asyncpg
import pytest
from servicekit.page_tokens import PageTokens
from servicekit.postgres.pool import Pool, connect_apart, connect_pool
from servicekit.postgres.scope import acting_for

from tests.integration.followed.all_lists import LISTS, OWNERS
from tests.lists.following import Copy, FollowedList, Open, Read
from tests.servers.postgres import as_role


class _Key:
    async def get(self) -> bytes:
        return b"signs-the-tokens-of-this-test" * 2


@dataclass(frozen=True)
class Followed:
    """One list, on a database of its own."""

    of: FollowedList
    owner: Pool
    """Who may do everything."""
    pool: Pool
    """As the service reads, bound to an organization."""
    tokens: PageTokens
    connect: Callable[[], Awaitable[Any]]
    """Another session that may do everything."""

    def read(self, opened: Open | None = None) -> Read:
        """Reads the list for `org_north`."""
        page = (opened or self.of.open)(self.pool, self.tokens)

        async def read(asked: Any) -> Any:
            with acting_for("org_north"):
                return await page(asked)

        return read

    def copy(self, opened: Open | None = None, *, page_size: int = 3) -> Copy:
        """Somebody who begins to follow."""
        return Copy(self.read(opened), self.of.key, page_size)


@pytest.fixture(params=LISTS)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
async def followed(name: str, new_database: Callable[..., str]) -> AsyncIterator[Followed]:
    of = LISTS[name]
    url = new_database((of.schema, OWNERS[of.schema]))
    roles = [as_role(url, f"{of.schema}_{role}") for role in ("service", "background")]
    async with (
        connect_pool(url, of.schema) as owner,
        connect_apart(*roles, of.schema) as pool,
        AsyncExitStack() as opened,
    ):
        for statement in of.first:
            await owner.execute(statement)

        async def connect() -> Any:
            settings = {"search_path": of.schema}
            connection = await asyncpg.connect(url, server_settings=settings)
            opened.push_async_callback(connection.close)
            return connection

        tokens = PageTokens(_Key())
        yield Followed(of, owner, pool, tokens, connect)
