"""The part of LinkedInService by which accounts come and go: unpack, call, pack."""
# ruff: noqa: N802 - the methods have the names of the rpcs

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import grpc
from outreach.linkedin.v1 import linkedin_service_pb2 as pb
from servicekit.auth import current_caller, require_organization

from linkedin_gateway.accounts.lifecycle import AccountLifecycle
from linkedin_gateway.convert.accounts import account_message
from linkedin_gateway.convert.sign_ins import (
    checkpoint_id,
    checkpoint_message,
    code,
    sign_in,
    valid_for,
)
from linkedin_gateway.convert.values import timestamp
from linkedin_gateway.errors import AccountNotFound, ProviderUnavailable
from linkedin_gateway.models import Account
from linkedin_gateway.servicers.access import Access
from linkedin_gateway.sign_in.checkpoints import PendingCheckpoint
from linkedin_gateway.sign_in.connect_links import ConnectLinks
from linkedin_gateway.sign_in.credential_sign_in import CredentialSignIn
from linkedin_gateway.unipile import UnipileError

if TYPE_CHECKING:
    Context = grpc.aio.ServicerContext[Any, Any]


class AccountLifeServicer:
    """Mixed into `LinkedInServicer`."""

    _access: Access
    _accounts: AccountLifecycle
    _links: ConnectLinks
    _sign_ins: CredentialSignIn

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
        given = code(request)
        result = await self._sign_ins.solve(request.checkpoint_id, given, caller=current_caller())
        if isinstance(result, PendingCheckpoint):
            return pb.SolveCheckpointResponse(checkpoint=checkpoint_message(result))
        return pb.SolveCheckpointResponse(account=account_message(result))

    async def ResendCheckpoint(
        self, request: pb.ResendCheckpointRequest, _: Context
    ) -> pb.ResendCheckpointResponse:
        named = checkpoint_id(request)
        pending = await self._sign_ins.resend(named, caller=current_caller())
        return pb.ResendCheckpointResponse(checkpoint=checkpoint_message(pending))

    async def RestartAccount(
        self, request: pb.RestartAccountRequest, _: Context
    ) -> pb.RestartAccountResponse:
        account = await self._access.named(request.account_id)
        try:
            restarted = await self._accounts.restart(account)
        except UnipileError as error:
            raise ProviderUnavailable from error
        return pb.RestartAccountResponse(account=account_message(restarted))

    async def DisconnectAccount(
        self, request: pb.DisconnectAccountRequest, _: Context
    ) -> pb.DisconnectAccountResponse:
        account = await self._access.named(request.account_id)
        try:
            removed = await self._accounts.disconnect(account, park=request.park)
        except UnipileError as error:
            raise ProviderUnavailable from error
        return pb.DisconnectAccountResponse(account=account_message(removed))

    async def _again(self, organization_id: str, account_id: str) -> Account | None:
        """The account to connect again, if one is named; it must be the organization's."""
        require_organization(organization_id)
        if not account_id:
            return None
        account = await self._access.account(account_id)
        if account.organization_id != organization_id:
            raise AccountNotFound
        return account
