"""Which permission a method needs: the one it declares in the contract."""

from google.protobuf import descriptor_pool
from outreach.common.v1 import permission_pb2


def permission_of(method: str) -> str | None:
    """The permission that `/package.Service/Method` declares."""
    service, _, name = method.lstrip("/").partition("/")
    try:
        found = descriptor_pool.Default().FindServiceByName(service).methods_by_name[name]
    except KeyError:
        return None
    permission: str = found.GetOptions().Extensions[permission_pb2.permission]
    return permission or None
