"""Who may connect accounts."""

from outreach.common.v1 import permission_pb2
from outreach.linkedin.v1 import account_service_pb2, sign_in_service_pb2


def test_registering_is_for_operators() -> None:
    """Whoever connects accounts of their own cannot bind any that Unipile has."""
    connecting = sign_in_service_pb2.DESCRIPTOR.services_by_name["SignInService"]
    keeping = account_service_pb2.DESCRIPTOR.services_by_name["AccountService"]

    permissions = {
        method.name: method.GetOptions().Extensions[permission_pb2.permission]
        for method in (*connecting.methods, *keeping.methods)
    }

    assert permissions["ConnectAccount"] == "accounts.write"
    assert permissions["RegisterAccount"] == "accounts.register"
