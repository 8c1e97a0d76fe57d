"""outreach_client.streams: how long a server is waited for that went away."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta

import pytest
from outreach.campaign.v1 import campaign_service_pb2
from outreach_client import streams
from outreach_client.client import OutreachClient
from outreach_client.streams import followed
from servicekit.errors import Unavailable

from tests.unit.outreach_client.conftest import Server

Stream = list[str | float | Exception]


def watching(*given: Stream) -> Callable[[], AsyncIterator[str]]:
    """One stream after the other: what is told, silence of so many seconds, and how it ends."""
    rest = iter(given)

    async def stream() -> AsyncIterator[str]:
        for each in next(rest):
            if isinstance(each, Exception):
                raise each
            if isinstance(each, float):
                await asyncio.sleep(each)
            else:
                yield each

    return stream


@pytest.fixture
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Attempts follow each other: only what the server does takes time."""
    monkeypatch.setattr(streams, "_LONGEST_PAUSE", timedelta())


@pytest.mark.usefixtures("no_pauses")
async def test_a_quiet_watch_outlives_its_server() -> None:
    """What was quiet for longer than anybody is patient was ended by the first server that went."""
    ask = watching(["a", 1.0, Unavailable()], [Unavailable()], ["b"])

    told = [each async for each in followed(ask, patience=timedelta(seconds=0.9))]

    assert told == ["a", "b"]


@pytest.mark.usefixtures("no_pauses")
async def test_a_server_that_lasted_was_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """Though it had nothing to say: the next failure is the first one in a row."""
    monkeypatch.setattr(streams, "_LASTED", timedelta(seconds=0.3))
    silent: list[Stream] = [[0.4, Unavailable()], [Unavailable()]]
    ask = watching(["a", Unavailable()], *silent * 3, ["b"])

    told = [each async for each in followed(ask, patience=timedelta(seconds=1))]

    assert told == ["a", "b"]


async def test_who_is_told_only_that_they_came_back_was_answered(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is no answer to whoever watches, but the server that gave it is not away."""
    heard: list[bool] = []
    given = followed

    def spied(ask: Callable[[], AsyncIterator[object]], *, patience: timedelta) -> object:
        async def noted() -> AsyncIterator[object]:
            async for each in ask():
                heard.append(each is not None)
                yield each

        return given(noted, patience=patience)

    monkeypatch.setattr("outreach_client.services.calls.followed", spied)
    only_where = campaign_service_pb2.WatchCampaignResponse(resume_token="1")
    first = campaign_service_pb2.WatchCampaignResponse(resume_token="1")
    first.status.leads = 1
    server.pages = [first, only_where, only_where]
    server.cut_off = [Unavailable()] * 2
    async with OutreachClient() as client:
        answers = [each async for each in client.campaigns.watch(campaign_id="camp_1")]

    assert heard == [True, False, False, True]
    assert all(each.HasField("status") for each in answers)
