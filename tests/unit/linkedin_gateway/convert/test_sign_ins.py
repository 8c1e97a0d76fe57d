"""Requests to sign in, refused without repeating what they hold."""

from datetime import timedelta

import pytest
from google.protobuf.duration_pb2 import Duration
from linkedin_gateway.convert import sign_ins
from linkedin_gateway.errors import InvalidFields
from outreach.linkedin.v1 import sign_in_pb2
from outreach.linkedin.v1 import sign_in_service_pb2 as pb
from servicekit.errors import BadInput
from servicekit.grpc.requests.checks import checked
from servicekit.grpc.requests.rules import ContractRules

SECRET = "a-secret-of-somebody"


def test_nothing_of_it_is_printed() -> None:
    """What LinkedIn is to be shown is not in any text of the value that holds it."""
    for credentials in (
        sign_in_pb2.Credentials(username="ada@example.com", password=SECRET),
        sign_in_pb2.Credentials(session_cookie=SECRET),
    ):
        given = sign_ins.sign_in(
            pb.ConnectAccountRequest(organization_id="org_1", credentials=credentials)
        )

        assert SECRET not in f"{given!r} {given}"
        assert "ada@example.com" not in f"{given!r} {given}"


@pytest.mark.parametrize(
    ("credentials", "fields"),
    [
        (sign_in_pb2.Credentials(), {"credentials.username", "credentials.password"}),
        (sign_in_pb2.Credentials(username="ada"), {"credentials.password"}),
        (sign_in_pb2.Credentials(username="ada", session_cookie=SECRET), {"credentials"}),
        (sign_in_pb2.Credentials(session_cookie=SECRET * 999), {"credentials.session_cookie"}),
    ],
)
def test_either_a_password_or_a_cookie(
    credentials: sign_in_pb2.Credentials, fields: set[str]
) -> None:
    """One way to sign in, complete; the refusal does not hold what was given."""
    request = pb.ConnectAccountRequest(organization_id="org_1", credentials=credentials)

    with pytest.raises(BadInput) as told:
        sign_ins.sign_in(checked(request, ContractRules()))

    assert {wrong.field for wrong in told.value.violations} == fields
    assert SECRET not in str(told.value)


@pytest.mark.parametrize("url", ["http://[::1", "javascript:alert(1)", "https://", "a"])
def test_where_a_person_is_sent_is_a_web_address(url: str) -> None:
    """Brackets that do not close failed as our bug."""
    with pytest.raises(InvalidFields):
        sign_ins.valid_for(pb.CreateConnectLinkRequest(organization_id="org_1", success_url=url))


def test_how_long_a_link_works() -> None:
    """An hour unless told otherwise, and never more than a day."""
    request = pb.CreateConnectLinkRequest(organization_id="org_1")

    assert sign_ins.valid_for(request) == timedelta(hours=1)

    request.valid_for.CopyFrom(Duration(seconds=86_401))
    with pytest.raises(BadInput):
        checked(request, ContractRules())
