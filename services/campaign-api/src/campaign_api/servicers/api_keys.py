"""ApiKeyService: unpack, call, pack."""
# ruff: noqa: N802 - the methods have the names of the rpcs

from identity.members.member_keys import ApiKeys
from outreach.identity.v1 import api_key_service_pb2 as pb
from outreach.identity.v1 import api_key_service_pb2_grpc as rpc
from servicekit.grpc.calls import Context
from servicekit.lists.listing import followed_of

from campaign_api.convert import identity as convert
from campaign_api.convert.instants import instant


class ApiKeyServicer(rpc.ApiKeyServiceServicer):
    """`ApiKeys` knows what is the caller's to see and to give."""

    def __init__(self, keys: ApiKeys) -> None:
        self._keys = keys

    async def CreateApiKey(
        self, request: pb.CreateApiKeyRequest, _: Context
    ) -> pb.CreateApiKeyResponse:
        key, secret = await self._keys.create(
            request.member_id,
            name=request.name.strip(),
            scopes=convert.scopes_from_proto(request.scopes),
            account_ids=convert.accounts_from_proto(request.account_ids),
            expires_at=instant(request.expire_time) if request.HasField("expire_time") else None,
        )
        return pb.CreateApiKeyResponse(api_key=convert.key_to_proto(key), secret=secret)

    async def GetApiKey(self, request: pb.GetApiKeyRequest, _: Context) -> pb.GetApiKeyResponse:
        found = await self._keys.get(request.key_id)
        return pb.GetApiKeyResponse(api_key=convert.key_to_proto(found))

    async def ListApiKeys(
        self, request: pb.ListApiKeysRequest, _: Context
    ) -> pb.ListApiKeysResponse:
        page = await self._keys.page(
            request.organization_id, request.member_id, followed_of(request)
        )
        return pb.ListApiKeysResponse(
            api_keys=[convert.key_to_proto(each) for each in page.rows],
            total_size=page.total_size,
            **page.answered(),
        )

    async def RotateApiKey(
        self, request: pb.RotateApiKeyRequest, _: Context
    ) -> pb.RotateApiKeyResponse:
        overlap = convert.DEFAULT_OVERLAP
        if request.HasField("overlap"):
            overlap = request.overlap.ToTimedelta()
        made, secret, replaced = await self._keys.rotate(request.key_id, overlap=overlap)
        return pb.RotateApiKeyResponse(
            api_key=convert.key_to_proto(made),
            secret=secret,
            replaced=convert.key_to_proto(replaced),
        )

    async def RevokeApiKey(
        self, request: pb.RevokeApiKeyRequest, _: Context
    ) -> pb.RevokeApiKeyResponse:
        revoked = await self._keys.revoke(request.key_id)
        return pb.RevokeApiKeyResponse(api_key=convert.key_to_proto(revoked))
