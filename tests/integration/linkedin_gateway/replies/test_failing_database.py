"""The database is full, or away, at every statement of an attempt: nothing follows a reply."""

from itertools import count
from typing import Any

import asyncpg
import pytest
from servicekit.errors import ServiceError

from tests.integration.linkedin_gateway.mortal import Failing, MortalPool
from tests.integration.linkedin_gateway.provider import reason_of


@pytest.mark.lasts(seconds=10)
@pytest.mark.parametrize(
    ("error", "after"),
    [
        (asyncpg.DiskFullError, False),
        (asyncpg.ConnectionDoesNotExistError, False),
        (asyncpg.ConnectionDoesNotExistError, True),
    ],
)
async def test_nothing_is_sent_after_a_reply(
    house: Any, error: type[Exception], *, after: bool
) -> None:
    """From one statement on all fail: no message goes to whom an answer lies in the store.

    Nor does one when the database is back; then the reply is published, and once.
    """
    statements, failed, leads = 0, True, count()
    while failed:
        lead = f"ada-{next(leads)}"
        await house.perform(house.request("send_invitation", lead))
        await house.people(lead, "accept")
        await house.people(lead, "reply", text="Not for us", webhook=False)
        house.clock.advance(3600)
        asked = house.request("send_message", lead, text="Hello again")
        failing = Failing(statements, error, after=after)
        process = house.another_process(MortalPool(house.pool, failing), house.sender)

        with pytest.raises((ServiceError, asyncpg.PostgresError)):
            await process.actions.perform(house.asked(asked))
        assert not house.writes("message"), f"at statement {statements}"

        house.clock.advance(house.settings.unipile_timeout.total_seconds() + 30)
        assert await reason_of(house.perform(asked)) == "ALREADY_REPLIED"
        assert not house.writes("message")
        failed, statements = failing.failed, statements + 1
    await house.relay()
    told = [event.leads[0].lead_id for event in house.reported.of("reply_received")]
    assert sorted(told) == sorted(f"lead_ada-{number}" for number in range(statements))
    assert statements > 12
