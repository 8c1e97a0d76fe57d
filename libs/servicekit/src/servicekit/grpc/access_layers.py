"""The layers of a server that let in: who calls, and whether they may."""

from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from types import TracebackType

from servicekit.auth import (
    Caller,
    CallerKind,
    PermissionMissing,
    TokenEnded,
    TokenInvalid,
    current_caller,
    require_anything,
    set_caller,
)
from servicekit.grpc.calls import NOTHING, OPEN_SERVICES, Around, Call, EndedAfter, Layer
from servicekit.grpc.permissions import Access, AccessOf
from servicekit.grpc.tls import shows_name
from servicekit.identity.authenticator import Authenticator


def authenticated(authenticator: Authenticator, access_of: AccessOf | None) -> Layer:
    """Who calls is known to all that is inside; see `auth.current_caller`.

    Over TLS one of our services must show a certificate of its name beside its token. What anybody
    may use is used by nobody who is known. A stream, of requests as of answers, ends with the token
    it was asked by; one message does not, which is answered within its promise.
    """

    async def identify(call: Call, access: Access | None) -> Around:
        caller = await authenticator.authenticate(call.metadata)
        if caller.kind is CallerKind.SERVICE and not shows_name(call.context, caller.subject):
            raise TokenInvalid("The certificate of the connection is another's.")
        set_caller(caller, reads=access is not None and access.reads)
        if call.converses or call.requests is not None:
            left = authenticator.life_left(caller)
            if left is not None:
                return EndedAfter(call, left, TokenEnded)
        return NOTHING

    def layer(call: Call) -> Around:
        access = access_of(call.method) if access_of is not None else None
        if access is not None and access.anyone:
            set_caller(NOBODY)
            return NOTHING
        return NOTHING if call.method.startswith(OPEN_SERVICES) else _Known(identify(call, access))

    return layer


class _Known:
    """A call of which it is found out first who calls."""

    __slots__ = ("_around", "_identified")

    def __init__(self, identified: Awaitable[Around]) -> None:
        self._identified = identified

    async def __aenter__(self) -> None:
        self._around = await self._identified
        await self._around.__aenter__()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool | None:
        return await self._around.__aexit__(kind, error, trace)


def authorised(authenticator: Authenticator, access_of: AccessOf | None) -> Layer:
    """Only callers who may use the method are served.

    Who changes something is asked for once more, by the issuer: what was revoked a moment ago
    changes nothing any more.
    """

    @asynccontextmanager
    async def confirmed(call: Call, caller: Caller) -> AsyncIterator[None]:
        await authenticator.confirm(caller, call.metadata)
        yield

    def layer(call: Call) -> Around:
        access = access_of(call.method) if access_of is not None else None
        if call.method.startswith(OPEN_SERVICES) or (access is not None and access.anyone):
            return NOTHING
        caller = current_caller()
        if access is not None and not access.allows(caller):
            raise PermissionMissing(
                _why_not(access, caller),
                metadata={"permission": access.missing(caller) or access.permission},
            )
        require_anything(caller)
        reads = access is not None and access.reads
        return NOTHING if reads else confirmed(call, caller)

    return layer


NOBODY = Caller("")
"""Who uses what anybody may: nothing is theirs to see."""


def _why_not(access: Access, caller: Caller) -> str:
    if access.services_only:
        return "This call is for our own services."
    missing = access.missing(caller)
    if caller.limited and not access.by_account and not missing:
        return "This call is not for callers who are limited to accounts."
    return f"This call needs the permission {missing or access.permission}."
