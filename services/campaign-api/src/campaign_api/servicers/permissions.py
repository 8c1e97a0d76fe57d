"""What each method of this service needs a caller to be allowed to do, as the protos say."""

from collections.abc import Mapping

from outreach.campaign.v1 import campaign_service_pb2, linkedin_event_service_pb2
from outreach.common.v1 import permission_pb2


def permission_by_method() -> Mapping[str, str]:
    """The permission of every method, by its path `/package.Service/Method`."""
    return {
        f"/{service.full_name}/{method.name}": method.GetOptions().Extensions[
            permission_pb2.permission
        ]
        for module in (campaign_service_pb2, linkedin_event_service_pb2)
        for service in module.DESCRIPTOR.services_by_name.values()
        for method in service.methods
    }
