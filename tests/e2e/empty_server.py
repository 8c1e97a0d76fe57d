"""A campaign-api that does nothing: `python -m tests.e2e.empty_server PORT CERTIFICATE KEY CA`.

A process as every service is one, with the same server and TLS; no layer, no database, no answer.
"""

import sys
from pathlib import Path
from typing import Any

from outreach.campaign.v1 import campaign_service_pb2 as pb
from outreach.campaign.v1.campaign_service_pb2_grpc import (
    CampaignServiceServicer,
    add_CampaignServiceServicer_to_server,
)
from servicekit import process
from servicekit.credentials.tls import Tls
from servicekit.grpc.server import GrpcServer


class Empty(CampaignServiceServicer):
    """Answers with nothing."""

    async def GetCampaign(self, _: pb.GetCampaignRequest, __: Any) -> pb.GetCampaignResponse:  # noqa: N802
        return pb.GetCampaignResponse()


async def _compose(running: process.Process) -> None:
    port, *files = sys.argv[1:]
    server = GrpcServer(host="127.0.0.1", port=int(port), tls=Tls(*map(Path, files)))
    server.add(add_CampaignServiceServicer_to_server, Empty())
    await running.enter(server)


if __name__ == "__main__":
    process.run("empty-server", _compose)
