"""A provider that tells what the published API promises, and nothing that it only may tell."""

import json
from collections.abc import Callable, Collection
from typing import Any

import httpx
from jsonschema import Draft202012Validator
from starlette.routing import compile_path
from unipile_simulator.app import OPERATIONS
from unipile_simulator.schemas.answers import SUCCESSES
from unipile_simulator.schemas.events import EVENT_SCHEMAS
from unipile_simulator.schemas.parts import Schema

_ROUTES = [
    (operation.method, compile_path(f"/api/v1{operation.path}")[0], operation.path)
    for operation in OPERATIONS
]
_NULL = {"type": "null"}


def bare(value: Any, schema: Schema, *, nulls: bool) -> Any:
    """What must be in it; with `nulls` also null wherever that is allowed."""
    if "anyOf" in schema:
        if nulls and _NULL in schema["anyOf"]:
            return None
        fitting = (each for each in schema["anyOf"] if Draft202012Validator(each).is_valid(value))
        return bare(value, next(fitting), nulls=nulls)
    if isinstance(value, dict) and "properties" in schema:
        return {
            name: bare(value[name], schema["properties"][name], nulls=nulls)
            for name in schema["required"]
        }
    if isinstance(value, list) and "items" in schema:
        return [bare(each, schema["items"], nulls=nulls) for each in value]
    return value


class BareTransport(httpx.AsyncBaseTransport):
    """Strips the answers of a provider, but for what is to be kept at their top."""

    def __init__(
        self, own: httpx.AsyncBaseTransport, *, nulls: bool, keeps: Collection[str]
    ) -> None:
        self._own = own
        self._nulls = nulls
        self._keeps = keeps

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = await self._own.handle_async_request(request)
        raw = await answer.aread()
        schema = _schema_of(request, answer.status_code)
        if schema is None:
            return answer
        told = json.loads(raw)
        stripped = bare(told, schema, nulls=self._nulls)
        stripped |= {name: told[name] for name in self._keeps if name in told}
        return httpx.Response(answer.status_code, json=stripped)


class BareWebhooks(httpx.AsyncBaseTransport):
    """Strips what a provider tells by itself."""

    def __init__(self, own: httpx.AsyncBaseTransport, *, nulls: bool) -> None:
        self._own = own
        self._nulls = nulls

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        told = json.loads(await request.aread())
        schema = EVENT_SCHEMAS[told.get("event", "account_status")]
        content = json.dumps(bare(told, schema, nulls=self._nulls))
        headers = {
            name: value
            for name, value in request.headers.items()
            if name not in {"content-length", "transfer-encoding"}
        }
        return await self._own.handle_async_request(
            httpx.Request(request.method, request.url, headers=headers, content=content)
        )


def _schema_of(request: httpx.Request, status: int) -> Schema | None:
    for method, pattern, path in _ROUTES:
        if method == request.method and pattern.match(request.url.path):
            return SUCCESSES[method, path].get(status)
    return None


def stripped(
    *, nulls: bool, distance: bool = True
) -> Callable[[httpx.AsyncBaseTransport], httpx.AsyncBaseTransport]:
    """For a house whose provider tells no more than it must, and how far somebody is.

    The cursors stay, by which its lists are read.
    """
    keeps = ("cursor", "network_distance") if distance else ("cursor",)
    return lambda own: BareTransport(own, nulls=nulls, keeps=keeps)
