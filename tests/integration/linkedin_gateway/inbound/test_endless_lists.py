"""Lists that do not end: what is in them is there, and nothing follows from what is not."""

import json
from typing import Any

import httpx
import pytest
from linkedin_gateway.unipile import UnipileError
from unipile_simulator.config import Knobs

from tests.integration.linkedin_gateway.actions.test_late_landings import ROUTES, ready
from tests.integration.linkedin_gateway.provider import reason_of

DEAF = Knobs(new_relation_delay_hours=0.0, lost_webhooks=1.0)


class Endless(httpx.AsyncBaseTransport):
    """A provider whose lists say after each page that another follows."""

    def __init__(self, own: httpx.AsyncBaseTransport) -> None:
        self._own = own
        self.lists: tuple[str, ...] = ()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = await self._own.handle_async_request(request)
        raw = await answer.aread()
        if not request.url.path.endswith(self.lists or ("/none",)):
            return answer
        return httpx.Response(answer.status_code, json=json.loads(raw) | {"cursor": "more"})


async def test_who_is_in_it_has_accepted(open_house: Any) -> None:
    """An acceptance is found in connections that do not end; no invitation is taken for gone."""
    endless: list[Endless] = []

    def transport(own: httpx.AsyncBaseTransport) -> httpx.AsyncBaseTransport:
        endless.append(Endless(own))
        return endless[-1]

    async with open_house(knobs=DEAF, transport=transport) as house:
        for lead in ("ada", "bob"):
            await house.perform(house.request("send_invitation", lead))
            house.clock.advance(7200)
        await house.people("ada", "accept")
        house.clock.advance(86_400)
        for each in endless:
            each.lists = ("/users/relations", "/users/invite/sent")

        with pytest.raises(UnipileError):
            await house.gateway.polling.poll(await house.account_row())

        accepted = await house.pool.fetchval("SELECT count(*) FROM person_responses")
        gone = "SELECT count(*) FROM profiles WHERE invitation_gone_at IS NOT NULL"
        assert (accepted, await house.pool.fetchval(gone)) == (1, 0)


async def test_a_comment_is_not_made_again(open_house: Any) -> None:
    """A comment whose answer was lost, in a list that does not end, is neither there nor not."""
    endless: list[Endless] = []

    def transport(own: httpx.AsyncBaseTransport) -> httpx.AsyncBaseTransport:
        endless.append(Endless(own))
        return endless[-1]

    async with open_house(transport=transport) as house:
        asked = await ready(house, "comment_on_post", "ada-example")
        await house.fault(method="POST", route=ROUTES["comment_on_post"][0], fault="drop")
        with pytest.raises(Exception, match="answer was lost"):
            await house.until_sent(asked)
        for each in endless:
            each.lists = ("/comments",)

        assert await reason_of(house.perform(asked)) == "OUTCOME_UNKNOWN"
        assert house.writes("comment") == []
