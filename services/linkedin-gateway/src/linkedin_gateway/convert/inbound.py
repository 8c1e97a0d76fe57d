"""What is to be heard again."""

from __future__ import annotations

from datetime import UTC, datetime

from outreach.linkedin.v1 import inbound_service_pb2 as pb

from linkedin_gateway.convert.violations import Violations


def since(request: pb.ReplayInboundRequest) -> datetime:
    """From when on."""
    wrong = Violations()
    if not request.HasField("since_time"):
        wrong.add("since_time", "is required", "FIELD_REQUIRED")
    wrong.end()
    return request.since_time.ToDatetime(UTC)
