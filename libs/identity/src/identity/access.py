"""Who may use which method, as the contract says."""

from outreach.common.v1 import permission_pb2
from servicekit.grpc.permissions import declared_in

ACCESS_OF = declared_in(
    permission=permission_pb2.permission,
    services=permission_pb2.services,
    services_only=permission_pb2.services_only,
    anyone=permission_pb2.anyone,
    by_account=permission_pb2.by_account,
    also_permission=permission_pb2.also_permission,
)
"""Of every method that is imported; docs/security.md has the table of permissions by role."""
