"""servicekit.rehearsals.calls: what a rehearsed call asks of others changes nothing there."""

import pytest
from outreach.common.v1 import audited_pb2
from outreach.linkedin.v1 import hold_service_pb2
from outreach.webhook.v1 import webhook_service_pb2 as pb
from servicekit.rehearsals.calls import READS, asked, require_reading
from servicekit.rehearsals.rehearsal import CannotBeRehearsed, rehearsed

from tests.protos import methods

_CREATE = "/outreach.webhook.v1.WebhookService/CreateEndpoint"
_PUT = "/outreach.linkedin.v1.HoldService/PutHold"


async def test_another_service_is_asked_what_would_be() -> None:
    """Where it can say so; the request of whoever asked stays as it is."""
    request = pb.CreateEndpointRequest(url="https://a.example")

    async with rehearsed():
        question = asked(_CREATE, request)

    assert question.validate_only
    assert not request.validate_only
    assert asked(_CREATE, request) is request


async def test_what_would_change_something_is_not_called() -> None:
    """A bug of ours, which is found before it does harm; reading goes on."""
    reading = pb.GetEndpointRequest(endpoint_id="ep_1")

    async with rehearsed():
        with pytest.raises(CannotBeRehearsed):
            asked(_PUT, hold_service_pb2.PutHoldRequest())
        with pytest.raises(CannotBeRehearsed):
            require_reading("/outreach.campaign.v1.LeadService/ImportLeads")
        assert asked("/outreach.webhook.v1.WebhookService/GetEndpoint", reading) is reading


def test_what_is_called_as_reading_changes_nothing() -> None:
    """By its contract, whichever service it is of: a rehearsal goes by the name."""
    changing = (audited_pb2.AUDITED_CHANGE, audited_pb2.AUDITED_OWN_ROW)

    assert [
        each.full_name
        for each in methods()
        if READS.match(each.name) and each.GetOptions().Extensions[audited_pb2.audited] in changing
    ] == []
