"""AccountService: unpack, call, pack."""
# ruff: noqa: N802 - the methods have the names of the rpcs

from __future__ import annotations

from outreach.linkedin.v1 import account_service_pb2 as pb
from outreach.linkedin.v1 import account_service_pb2_grpc as rpc
from servicekit.auth import visible_accounts
from servicekit.grpc.calls import Context
from servicekit.grpc.requests.rules import tells_the_rest
from servicekit.lists.listing import followed_of

from linkedin_gateway.accounts.account_edit import AccountEdit
from linkedin_gateway.accounts.intake import AccountIntake
from linkedin_gateway.accounts.lifecycle import AccountLifecycle
from linkedin_gateway.convert.accounts import account_message, caps_of
from linkedin_gateway.convert.hours import holidays_of, working_hours
from linkedin_gateway.convert.violations import Violations
from linkedin_gateway.errors import ProviderUnavailable
from linkedin_gateway.listings.accounts import AccountList
from linkedin_gateway.models import WorkingHours
from linkedin_gateway.servicers.access import Access
from linkedin_gateway.unipile import UnipileError


class AccountServicer(rpc.AccountServiceServicer):
    """Keeps accounts as they are set up."""

    def __init__(
        self,
        *,
        intake: AccountIntake,
        lifecycle: AccountLifecycle,
        account_list: AccountList,
        access: Access,
    ) -> None:
        self._intake = intake
        self._lifecycle = lifecycle
        self._list = account_list
        self._access = access

    @tells_the_rest
    async def RegisterAccount(
        self, request: pb.RegisterAccountRequest, _: Context
    ) -> pb.RegisterAccountResponse:
        wrong = Violations()
        holidays = holidays_of(request.holidays, "holidays", wrong)
        hours = WorkingHours(holidays=holidays)
        if request.HasField("working_hours"):
            hours = working_hours(request.working_hours, "working_hours", wrong, holidays=holidays)
        caps = caps_of(request.caps, "caps", wrong)
        wrong.end()
        try:
            account = await self._intake.register(
                request.organization_id,
                request.unipile_account_id,
                working_hours=hours,
                caps=caps,
            )
        except UnipileError as error:
            raise ProviderUnavailable from error
        return pb.RegisterAccountResponse(account=account_message(account))

    async def GetAccount(self, request: pb.GetAccountRequest, _: Context) -> pb.GetAccountResponse:
        account = await self._access.account(request.account_id)
        return pb.GetAccountResponse(account=account_message(account))

    async def ListAccounts(
        self, request: pb.ListAccountsRequest, _: Context
    ) -> pb.ListAccountsResponse:
        page = await self._list.page(
            request.organization_id,
            followed_of(request),
            named=request.account_ids,
            visible=visible_accounts(),
        )
        return pb.ListAccountsResponse(
            accounts=[account_message(account) for account in page.rows],
            total_size=page.total_size,
            **page.answered(),
        )

    @tells_the_rest
    async def UpdateAccount(
        self, request: pb.UpdateAccountRequest, _: Context
    ) -> pb.UpdateAccountResponse:
        wrong = Violations()
        hours = holidays = caps = None
        if request.HasField("holidays"):
            holidays = holidays_of(request.holidays.dates, "holidays.dates", wrong)
        if request.HasField("working_hours"):
            hours = working_hours(request.working_hours, "working_hours", wrong)
        if request.HasField("caps"):
            caps = caps_of(request.caps.caps, "caps.caps", wrong)
        wrong.end()
        account = await self._access.account(request.account_id)
        edit = AccountEdit(etag=request.etag, working_hours=hours, holidays=holidays, caps=caps)
        updated = await self._lifecycle.update(account.account_id, edit)
        return pb.UpdateAccountResponse(account=account_message(updated))

    async def RestartAccount(
        self, request: pb.RestartAccountRequest, _: Context
    ) -> pb.RestartAccountResponse:
        account = await self._access.account(request.account_id)
        try:
            restarted = await self._lifecycle.restart(account)
        except UnipileError as error:
            raise ProviderUnavailable from error
        return pb.RestartAccountResponse(account=account_message(restarted))

    async def DisconnectAccount(
        self, request: pb.DisconnectAccountRequest, _: Context
    ) -> pb.DisconnectAccountResponse:
        account = await self._access.account(request.account_id)
        try:
            disconnected = await self._lifecycle.disconnect(account, park=request.park)
        except UnipileError as error:
            raise ProviderUnavailable from error
        return pb.DisconnectAccountResponse(account=account_message(disconnected))
