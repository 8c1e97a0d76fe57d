"""What the issuer tells over HTTP: its public keys, and whether a token still stands."""

from urllib.parse import parse_qs

from servicekit.auth import TokenInvalid
from servicekit.errors import ServiceError
from servicekit.identity.authenticator import Authenticator
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from identity.issuer.issuer_keys import IssuerKeys

JWKS_PATH = "/.well-known/jwks.json"
INTROSPECTION_PATH = "/introspect"
_MOST_BYTES = 64 * 1024


def issuer_app(issuer_keys: IssuerKeys, authenticator: Authenticator) -> Starlette:
    """`GET /.well-known/jwks.json` and `POST /introspect` (RFC 7662): whoever has a token may ask.

    A token is what proves that one may ask about it; no other can be made up.
    """

    async def jwks(_: Request) -> Response:
        try:
            key_set = await issuer_keys.key_set()
        except ServiceError as error:
            return _away(error)
        return JSONResponse(key_set, headers={"Cache-Control": "public, max-age=60"})

    async def introspect(request: Request) -> Response:
        token = await _token(request)
        if token is None:
            return JSONResponse({"error": "invalid_request"}, status_code=400)
        metadata = {"authorization": f"Bearer {token}"}
        try:
            caller = await authenticator.authenticate(metadata)
            await authenticator.confirm(caller, metadata)
        except TokenInvalid:
            return JSONResponse({"active": False})
        except ServiceError as error:
            return _away(error)
        return JSONResponse({"active": True}, headers={"Cache-Control": "no-store"})

    return Starlette(
        routes=[
            Route(JWKS_PATH, jwks),
            Route(INTROSPECTION_PATH, introspect, methods=["POST"]),
        ]
    )


async def _token(request: Request) -> str | None:
    """The token of a form; None for what is none."""
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > _MOST_BYTES:
            return None
    tokens = parse_qs(body.decode(errors="replace")).get("token", [])
    return tokens[0] if len(tokens) == 1 else None


def _away(error: ServiceError) -> Response:
    return JSONResponse({"error": error.reason}, status_code=503)
