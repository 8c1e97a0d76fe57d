"""Every service of `outreach.linkedin.v1`, and how it is added to a server."""

from __future__ import annotations

from dataclasses import dataclass

from outreach.linkedin.v1.account_service_pb2_grpc import add_AccountServiceServicer_to_server
from outreach.linkedin.v1.action_service_pb2_grpc import add_ActionServiceServicer_to_server
from outreach.linkedin.v1.hold_service_pb2_grpc import add_HoldServiceServicer_to_server
from outreach.linkedin.v1.inbound_service_pb2_grpc import add_InboundServiceServicer_to_server
from outreach.linkedin.v1.pace_service_pb2_grpc import add_PaceServiceServicer_to_server
from outreach.linkedin.v1.person_service_pb2_grpc import add_PersonServiceServicer_to_server
from outreach.linkedin.v1.sign_in_service_pb2_grpc import add_SignInServiceServicer_to_server
from outreach.linkedin.v1.suppression_service_pb2_grpc import (
    add_SuppressionServiceServicer_to_server,
)
from servicekit.grpc.server import GrpcServer

from linkedin_gateway.servicers.accounts import AccountServicer
from linkedin_gateway.servicers.actions import ActionServicer
from linkedin_gateway.servicers.holds import HoldServicer
from linkedin_gateway.servicers.inbound import InboundServicer
from linkedin_gateway.servicers.pace import PaceServicer
from linkedin_gateway.servicers.people import PersonServicer
from linkedin_gateway.servicers.sign_ins import SignInServicer
from linkedin_gateway.servicers.suppressions import SuppressionServicer


@dataclass(frozen=True, kw_only=True)
class Servicers:
    """One for each service."""

    actions: ActionServicer
    people: PersonServicer
    accounts: AccountServicer
    sign_ins: SignInServicer
    pace: PaceServicer
    holds: HoldServicer
    suppressions: SuppressionServicer
    inbound: InboundServicer

    def add_to(self, server: GrpcServer) -> None:
        """Have a server that has not started serve all of them."""
        server.add(add_ActionServiceServicer_to_server, self.actions)
        server.add(add_PersonServiceServicer_to_server, self.people)
        server.add(add_AccountServiceServicer_to_server, self.accounts)
        server.add(add_SignInServiceServicer_to_server, self.sign_ins)
        server.add(add_PaceServiceServicer_to_server, self.pace)
        server.add(add_HoldServiceServicer_to_server, self.holds)
        server.add(add_SuppressionServiceServicer_to_server, self.suppressions)
        server.add(add_InboundServiceServicer_to_server, self.inbound)
