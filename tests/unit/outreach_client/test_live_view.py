"""`campaigns watch` at a real terminal: it fits after a change of size, and outlives its server."""

import os
import re
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from typing import Any

import grpc
import pytest
from outreach.campaign.v1 import campaign_pb2
from outreach.campaign.v1 import campaign_service_pb2 as pb
from servicekit.errors import ServiceError, Unavailable

from tests.unit.outreach_client.conftest import Server, refuse
from tests.unit.outreach_client.terminal import Terminal

WATCH = [
    sys.executable,
    "-c",
    "from outreach_client.entry import main; main()",
    "campaigns",
    "watch",
    "camp_1",
]
_CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_EDGE = re.compile(r"\r\n|\x1b\[1A|\x1b\[2K|\r")
"""Where a line ends, or the cursor goes back to one."""


class Watched(Server):
    """Servers of which one tells how a campaign goes, when a test says so."""

    def __init__(self) -> None:
        super().__init__()
        self.watches: SimpleQueue[pb.WatchCampaignRequest] = SimpleQueue()
        self.tells: SimpleQueue[pb.WatchCampaignResponse | ServiceError | None] = SimpleQueue()

    def service(self, handler_call_details: Any) -> Any:
        if not handler_call_details.method.endswith("/WatchCampaign"):
            return super().service(handler_call_details)
        return grpc.unary_stream_rpc_method_handler(
            self._watch,
            request_deserializer=pb.WatchCampaignRequest.FromString,
            response_serializer=pb.WatchCampaignResponse.SerializeToString,
        )

    def _watch(
        self, request: pb.WatchCampaignRequest, context: Any
    ) -> Iterator[pb.WatchCampaignResponse]:
        self.watches.put(request)
        while (told := self.tells.get()) is not None:
            if isinstance(told, ServiceError):
                refuse(told, context)
            else:
                yield told


@pytest.fixture
def watched(server: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Watched]:
    """Where the environment says servers are."""
    del server
    made = Watched()
    running = grpc.server(ThreadPoolExecutor(4), handlers=[made])
    port = running.add_insecure_port("127.0.0.1:0")
    running.start()
    for name in ("CAMPAIGN_API", "GATEWAY", "DISPATCHER"):
        monkeypatch.setenv(f"OUTREACH_{name}_ADDRESS", f"127.0.0.1:{port}")
    yield made
    made.tells.put(None)
    running.stop(None).wait()


def going(completed: int, token: str, **more: Any) -> pb.WatchCampaignResponse:
    status = campaign_pb2.CampaignStatus(
        campaign_id="camp_1",
        state=campaign_pb2.CAMPAIGN_STATE_RUNNING,
        leads=300,
        running=200,
        completed=completed,
        funnel=campaign_pb2.Funnel(visited=180, invited=120),
        explanations=["31 leads wait for invitations of acct_01j9z3k4x5 until Monday 09:00 comes."],
    )
    status.MergeFrom(campaign_pb2.CampaignStatus(**more))
    return pb.WatchCampaignResponse(status=status, resume_token=token)


def widest(drawn: str) -> int:
    """Columns of the widest line that was drawn."""
    lines = [_CONTROL.sub("", line) for line in _EDGE.split(drawn)]
    return max(len(line.rstrip()) for line in lines)


@pytest.mark.lasts(seconds=10)
def test_it_fits_another_size_and_outlives_its_server(watched: Watched) -> None:
    """Drawn anew at the new width; a stream that broke off goes on behind what was told."""
    watched.tells.put(going(50, "one"))
    with Terminal(WATCH, os.environ, columns=120) as terminal:
        terminal.until(lambda written: "50 of 300 leads are over" in written)
        assert watched.watches.get(timeout=10).resume_token == ""

        terminal.resize(60)
        terminal.forget()
        watched.tells.put(going(51, "two"))
        terminal.until(lambda written: "51 of 300" in written and "Monday" in written)
        terminal.forget()
        watched.tells.put(going(52, "three"))
        narrow = terminal.until(lambda written: "52 of 300" in written and "comes." in written)

        terminal.forget()
        watched.tells.put(Unavailable())
        assert watched.watches.get(timeout=20).resume_token == "three"
        watched.tells.put(going(77, "four"))
        terminal.until(lambda written: "77 of 300" in written)

        over = {
            "state": campaign_pb2.CAMPAIGN_STATE_COMPLETED,
            "end_time": {"seconds": 1_800_000_000},
        }
        watched.tells.put(going(300, "five", **over))
        watched.tells.put(None)
        code = terminal.ends()

    assert widest(narrow) <= 60
    assert "Traceback" not in terminal.written
    assert code == 0
