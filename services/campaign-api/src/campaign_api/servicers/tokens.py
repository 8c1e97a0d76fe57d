"""TokenService: unpack, call, pack."""
# ruff: noqa: N802 - the methods have the names of the rpcs

from identity.errors import IssuerDisabled
from identity.issuer.own_issuer import OwnIssuer
from outreach.identity.v1 import token_service_pb2 as pb
from outreach.identity.v1 import token_service_pb2_grpc as rpc
from servicekit.auth import current_caller
from servicekit.grpc.calls import Context

from campaign_api.convert.instants import timestamp


class TokenServicer(rpc.TokenServiceServicer):
    """Without a key that encrypts the issuer's own, nothing is issued."""

    def __init__(self, issuer: OwnIssuer | None) -> None:
        self._issuer = issuer

    async def CreateToken(
        self, request: pb.CreateTokenRequest, _: Context
    ) -> pb.CreateTokenResponse:
        made = await self._required().tokens.create(request.api_key)
        return pb.CreateTokenResponse(token=made.token, expire_time=timestamp(made.expires_at))

    async def WhoAmI(self, _request: pb.WhoAmIRequest, _: Context) -> pb.WhoAmIResponse:
        caller = current_caller()
        return pb.WhoAmIResponse(
            subject=caller.subject,
            organization_id=caller.organization_id,
            key_id=caller.key_id,
            permissions=sorted(caller.permissions),
            limited=caller.limited,
            account_ids=sorted(caller.account_ids or ()),
        )

    async def RotateIssuerKey(
        self, _request: pb.RotateIssuerKeyRequest, _: Context
    ) -> pb.RotateIssuerKeyResponse:
        return pb.RotateIssuerKeyResponse(issuer_key_id=await self._required().keys.rotate())

    def _required(self) -> OwnIssuer:
        if self._issuer is None:
            raise IssuerDisabled
        return self._issuer
