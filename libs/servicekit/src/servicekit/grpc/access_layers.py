"""The layers of a server that let in: who calls, and whether they may."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

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
from servicekit.grpc.calls import OPEN_SERVICES, Call, Layer, ended_after
from servicekit.grpc.permissions import Access, AccessOf
from servicekit.grpc.tls import shows_name
from servicekit.identity.authenticator import Authenticator


def authenticated(authenticator: Authenticator, access_of: AccessOf | None) -> Layer:
    """Who calls is known to all that is inside; see `auth.current_caller`.

    Over TLS one of our services must show a certificate of its name beside its token. What anybody
    may use is used by nobody who is known. A stream, of requests as of answers, ends with the token
    it was asked by; one message does not, which is answered within its promise.
    """

    @asynccontextmanager
    async def layer(call: Call) -> AsyncIterator[None]:
        access = access_of(call.method) if access_of is not None else None
        if access is not None and access.anyone:
            set_caller(NOBODY)
        elif not call.method.startswith(OPEN_SERVICES):
            caller = await authenticator.authenticate(call.metadata)
            if caller.kind is CallerKind.SERVICE and not shows_name(call.context, caller.subject):
                raise TokenInvalid("The certificate of the connection is another's.")
            set_caller(caller, reads=access is not None and access.reads)
            left = authenticator.life_left(caller)
            if (call.converses or call.requests is not None) and left is not None:
                async with ended_after(call, left, TokenEnded):
                    yield
                return
        yield

    return layer


def authorised(authenticator: Authenticator, access_of: AccessOf | None) -> Layer:
    """Only callers who may use the method are served.

    Who changes something is asked for once more, by the issuer: what was revoked a moment ago
    changes nothing any more.
    """

    @asynccontextmanager
    async def layer(call: Call) -> AsyncIterator[None]:
        access = access_of(call.method) if access_of is not None else None
        anybody = call.method.startswith(OPEN_SERVICES) or (access is not None and access.anyone)
        if not anybody:
            caller = current_caller()
            if access is not None and not access.allows(caller):
                raise PermissionMissing(
                    _why_not(access, caller),
                    metadata={"permission": access.missing(caller) or access.permission},
                )
            require_anything(caller)
            if access is None or not access.reads:
                await authenticator.confirm(caller, call.metadata)
        yield

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
