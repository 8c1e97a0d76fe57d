"""AccountService: unpack, call, pack."""
# ruff: noqa: N802 - the methods have the names of the rpcs

from __future__ import annotations

from outreach.linkedin.v1 import account_service_pb2 as pb
from outreach.linkedin.v1 import account_service_pb2_grpc as rpc
from servicekit.auth import visible_accounts
from servicekit.grpc.calls import Context

from linkedin_gateway.accounts.account_repository import AccountRepository
from linkedin_gateway.accounts.intake import AccountIntake
from linkedin_gateway.accounts.lifecycle import AccountLifecycle
from linkedin_gateway.convert.accounts import account_message, caps_of
from linkedin_gateway.convert.hours import holidays_of, window_message, working_hours
from linkedin_gateway.convert.paging import page_size, position_of, token_of
from linkedin_gateway.convert.violations import Violations, required
from linkedin_gateway.errors import ProviderUnavailable
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
        account_repository: AccountRepository,
        access: Access,
    ) -> None:
        self._intake = intake
        self._lifecycle = lifecycle
        self._account_repository = account_repository
        self._access = access

    async def RegisterAccount(
        self, request: pb.RegisterAccountRequest, _: Context
    ) -> pb.RegisterAccountResponse:
        wrong = Violations()
        wrong.require("organization_id", request.organization_id)
        wrong.require("unipile_account_id", request.unipile_account_id)
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
        account = await self._access.named(request.account_id)
        return pb.GetAccountResponse(account=account_message(account))

    async def ListAccounts(
        self, request: pb.ListAccountsRequest, _: Context
    ) -> pb.ListAccountsResponse:
        required("organization_id", request.organization_id)
        limit = page_size(request.page_size)
        accounts = await self._account_repository.list(
            request.organization_id,
            account_ids=visible_accounts(),
            after=position_of(request.page_token),
            limit=limit + 1,
        )
        shown = accounts[:limit]
        last = shown[-1] if len(accounts) > limit else None
        return pb.ListAccountsResponse(
            accounts=[account_message(account) for account in shown],
            next_page_token=token_of(last.created_at, last.account_id) if last else "",
        )

    async def UpdateAccount(
        self, request: pb.UpdateAccountRequest, _: Context
    ) -> pb.UpdateAccountResponse:
        account = await self._access.named(request.account_id)
        wrong = Violations()
        before = account.working_hours
        holidays = before.holidays
        if request.HasField("holidays"):
            holidays = holidays_of(request.holidays.dates, "holidays.dates", wrong)
        window = window_message(before)
        if request.HasField("working_hours"):
            window = request.working_hours
        hours = working_hours(window, "working_hours", wrong, holidays=holidays)
        caps = None
        if request.HasField("caps"):
            caps = caps_of(request.caps.caps, "caps.caps", wrong)
        wrong.end()
        updated = await self._lifecycle.update(account.account_id, working_hours=hours, caps=caps)
        return pb.UpdateAccountResponse(account=account_message(updated))

    async def RestartAccount(
        self, request: pb.RestartAccountRequest, _: Context
    ) -> pb.RestartAccountResponse:
        account = await self._access.named(request.account_id)
        try:
            restarted = await self._lifecycle.restart(account)
        except UnipileError as error:
            raise ProviderUnavailable from error
        return pb.RestartAccountResponse(account=account_message(restarted))

    async def DisconnectAccount(
        self, request: pb.DisconnectAccountRequest, _: Context
    ) -> pb.DisconnectAccountResponse:
        account = await self._access.named(request.account_id)
        try:
            disconnected = await self._lifecycle.disconnect(account, park=request.park)
        except UnipileError as error:
            raise ProviderUnavailable from error
        return pb.DisconnectAccountResponse(account=account_message(disconnected))
