"""servicekit.grpc.permissions: which organizations a request names."""

import pytest
from google.protobuf.message import Message
from outreach.audit.v1 import audit_service_pb2
from outreach.linkedin.v1 import suppression_pb2, suppression_service_pb2
from outreach.webhook.v1 import event_pb2, webhook_service_pb2
from servicekit.auth import Caller, CallerKind, OrganizationNotFound, set_caller
from servicekit.grpc.permissions import require_named

THEIRS = "org_theirs"
NAMING = [
    webhook_service_pb2.GetEndpointRequest(organization_id=THEIRS),
    webhook_service_pb2.PublishEventRequest(event=event_pb2.Event(organization_id=THEIRS)),
    audit_service_pb2.ListRecordsRequest(
        filter=audit_service_pb2.RecordFilter(organization_id=THEIRS)
    ),
    suppression_service_pb2.AddSuppressionsRequest(
        suppressions=[
            suppression_pb2.Suppression(organization_id="org_own"),
            suppression_pb2.Suppression(organization_id=THEIRS),
        ]
    ),
    suppression_service_pb2.ImportSuppressionsRequest(
        header=suppression_service_pb2.ImportSuppressionsHeader(organization_id=THEIRS)
    ),
]


@pytest.mark.parametrize("request_", NAMING, ids=lambda each: type(each).__name__)
async def test_another_organization_does_not_exist(request_: Message) -> None:
    """Wherever a request names it: itself, inside, or as one of several."""
    set_caller(Caller("ann", "org_own"))
    with pytest.raises(OrganizationNotFound):
        require_named(request_)

    set_caller(Caller("ann", THEIRS) if request_ is not NAMING[3] else _staff())
    require_named(request_)


@pytest.mark.parametrize("request_", NAMING, ids=lambda each: type(each).__name__)
async def test_what_names_none_is_left_to_its_servicer(request_: Message) -> None:
    """An empty one is no organization; before anybody is known nothing is asked."""
    require_named(request_)

    set_caller(Caller("ann", "org_own"))
    require_named(type(request_)())


def _staff() -> Caller:
    return Caller("staff", kind=CallerKind.OPERATOR)
