"""SignInService: unpack, call, pack."""
# ruff: noqa: N802 - the methods have the names of the rpcs

from __future__ import annotations

from outreach.linkedin.v1 import sign_in_service_pb2 as pb
from outreach.linkedin.v1 import sign_in_service_pb2_grpc as rpc
from servicekit.auth import AccountForbidden, current_caller
from servicekit.grpc.calls import Context
from servicekit.grpc.requests.rules import tells_the_rest

from linkedin_gateway.convert.accounts import account_message
from linkedin_gateway.convert.sign_ins import checkpoint_message, sign_in, valid_for
from linkedin_gateway.convert.values import timestamp
from linkedin_gateway.errors import AccountNotFound
from linkedin_gateway.models import Account
from linkedin_gateway.servicers.access import Access
from linkedin_gateway.sign_in.checkpoints import PendingCheckpoint
from linkedin_gateway.sign_in.connect_links import ConnectLinks
from linkedin_gateway.sign_in.credential_sign_in import CredentialSignIn


class SignInServicer(rpc.SignInServiceServicer):
    """Connects accounts, or connects them again."""

    def __init__(
        self,
        *,
        links: ConnectLinks,
        sign_ins: CredentialSignIn,
        access: Access,
    ) -> None:
        self._links = links
        self._sign_ins = sign_ins
        self._access = access

    @tells_the_rest
    async def CreateConnectLink(
        self, request: pb.CreateConnectLinkRequest, _: Context
    ) -> pb.CreateConnectLinkResponse:
        works_for = valid_for(request)
        account = await self._again(request.organization_id, request.account_id)
        link = await self._links.link(
            request.organization_id,
            account,
            success_url=request.success_url,
            failure_url=request.failure_url,
            valid_for=works_for,
        )
        return pb.CreateConnectLinkResponse(url=link.url, expire_time=timestamp(link.expires_at))

    @tells_the_rest
    async def ConnectAccount(
        self, request: pb.ConnectAccountRequest, _: Context
    ) -> pb.ConnectAccountResponse:
        given = sign_in(request)
        account = await self._again(request.organization_id, request.account_id)
        result = await self._sign_ins.connect(request.organization_id, account, given)
        if isinstance(result, PendingCheckpoint):
            return pb.ConnectAccountResponse(checkpoint=checkpoint_message(result))
        return pb.ConnectAccountResponse(account=account_message(result))

    async def SolveCheckpoint(
        self, request: pb.SolveCheckpointRequest, _: Context
    ) -> pb.SolveCheckpointResponse:
        result = await self._sign_ins.solve(request.checkpoint_id, request.code.strip())
        if isinstance(result, PendingCheckpoint):
            return pb.SolveCheckpointResponse(checkpoint=checkpoint_message(result))
        return pb.SolveCheckpointResponse(account=account_message(result))

    async def ResendCheckpoint(
        self, request: pb.ResendCheckpointRequest, _: Context
    ) -> pb.ResendCheckpointResponse:
        pending = await self._sign_ins.resend(request.checkpoint_id)
        return pb.ResendCheckpointResponse(checkpoint=checkpoint_message(pending))

    async def _again(self, organization_id: str, account_id: str) -> Account | None:
        """The account to connect again, if one is named; it must be the organization's.

        Raises `AccountNotFound`, and `AccountForbidden` for a new one by who is limited to some.
        """
        if not account_id:
            if current_caller().limited:
                raise AccountForbidden
            return None
        account = await self._access.account(account_id)
        if account.organization_id != organization_id:
            raise AccountNotFound
        return account
