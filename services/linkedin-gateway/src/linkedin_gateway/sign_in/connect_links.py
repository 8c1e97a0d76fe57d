"""Pages at Unipile on which owners connect an account.

Nobody can bind an account that they did not just connect: a link's token is ours, works once
and only in its time, and Unipile is asked about the account before it is registered. What an
owner has done is kept before it is answered, so that a crash or an outage only delays it.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from servicekit.clock import Clock
from servicekit.errors import ServiceError
from servicekit.telemetry.logs import get_logger

from linkedin_gateway.errors import (
    AccountUnknownToProvider,
    NotReachableFromOutside,
    ProviderUnavailable,
)
from linkedin_gateway.inbound.webhook_registration import WebhookDestination
from linkedin_gateway.models import Account
from linkedin_gateway.sign_in.account_registration import AccountRegistration
from linkedin_gateway.sign_in.sign_in_repository import (
    SignInRepository,
    SignInRow,
    SignInState,
    Way,
    by_link,
    hashed,
)
from linkedin_gateway.unipile import Unipile, UnipileError
from linkedin_gateway.unipile.error_table import ErrorClass

LINK_LIVES = timedelta(hours=1)
LONGEST_LINK = timedelta(days=1)
_LATE = timedelta(minutes=15)
"""An owner who began in time may finish so much later."""

log = get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Link:
    """A page at Unipile on which an owner signs in."""

    url: str
    expires_at: datetime


class ConnectLinks:
    def __init__(
        self,
        repository: SignInRepository,
        account_registration: AccountRegistration,
        unipile: Unipile,
        clock: Clock,
        *,
        destination: WebhookDestination,
        api_url: str,
    ) -> None:
        self._repository = repository
        self._account_registration = account_registration
        self._unipile = unipile
        self._clock = clock
        self._destination = destination
        self._api_url = api_url

    async def link(
        self,
        organization_id: str,
        account: Account | None,
        *,
        success_url: str,
        failure_url: str,
        valid_for: timedelta,
    ) -> Link:
        """A page for a new account of the organization, or for one that it has.

        Raises `NotReachableFromOutside` when there is no address for the callback,
        `AccountUnknownToProvider` when the account to connect again is not there, and
        `ProviderUnavailable` when Unipile does not answer.
        """
        if not self._destination.public_url:
            raise NotReachableFromOutside
        token, now = secrets.token_urlsafe(32), self._clock.now()
        expires_at = now + valid_for
        await self._repository.add(
            SignInRow(
                token_hash=hashed(token),
                organization_id=organization_id,
                account_id=account.account_id if account else "",
                unipile_account_id=account.unipile_account_id if account else "",
                kind=Way.LINK,
                state=SignInState.OPEN,
                created_at=now,
                expires_at=expires_at + _LATE,
            )
        )
        try:
            url = await self._unipile.sign_ins.link(
                api_url=self._api_url,
                expires_at=expires_at,
                reconnect=account.unipile_account_id if account else "",
                name=token,
                notify_url=f"{self._destination.url}/connected",
                success_url=success_url,
                failure_url=failure_url,
            )
        except UnipileError as error:
            if error.error_class is ErrorClass.NOT_FOUND:
                raise AccountUnknownToProvider from error
            raise ProviderUnavailable from error
        return Link(url=url, expires_at=expires_at)

    async def on_connected(self, body: Mapping[str, Any]) -> bool:
        """Unipile says that the owner is done; False for a token that is not good for it.

        Said again, nothing happens again. What can only be found out at Unipile is found out
        afterwards, if need be by `AccountRegistration.finish_due`.
        """
        token, unipile_account_id = body.get("name"), body.get("account_id")
        if not (isinstance(token, str) and isinstance(unipile_account_id, str)):
            return False
        if not unipile_account_id:
            return False
        claimed = await self._repository.claim(
            hashed(token), unipile_account_id, now=self._clock.now()
        )
        if claimed is None:
            known = await self._repository.read(hashed(token))
            used = known is not None and by_link(known.kind) and not known.state.waits
            if known is not None and used and known.unipile_account_id == unipile_account_id:
                return True
            log.warning("connect_callback_refused", unipile_account_id=unipile_account_id)
            return False
        try:
            await self._account_registration.finish(claimed)
        except ServiceError as error:
            log.warning("connected_account_refused", reason=error.reason)
        except UnipileError as error:
            log.warning("connected_account_not_seen_yet", error=str(error))
        return True
