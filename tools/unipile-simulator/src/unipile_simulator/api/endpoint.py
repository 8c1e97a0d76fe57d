"""How a call is served: read, checked in Unipile's order, carried out, journalled, answered.

The order is: access token, account, account's health, parameters, LinkedIn's own rules, success.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import httpx
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from unipile_simulator.api.calls import Call, Lag, Operation, Reply
from unipile_simulator.api.landings import Landings
from unipile_simulator.errors import Refusal, invalid
from unipile_simulator.faults import Fault
from unipile_simulator.journal import Entry
from unipile_simulator.schemas.checking import fault_of
from unipile_simulator.schemas.requests import REQUESTS
from unipile_simulator.world.world import World

ABORT = "unipile_simulator.abort"
"""Scope key under which the server puts a function that cuts the connection."""
_HTML = b"<html><head><title>502 Bad Gateway</title></head><body>502 Bad Gateway</body></html>"


class Dropped(Exception):
    """The connection is to be cut."""


def endpoint(
    world: World, operation: Operation, landings: Landings
) -> Callable[[Request], Awaitable[Response]]:
    """The ASGI side of an operation."""

    async def answer(request: Request) -> Response:
        world.start()
        landings.start()
        entry = Entry(
            received_at=world.clock.now(),
            method=operation.method,
            path=request.url.path,
            route=operation.path,
            kind=operation.kind,
        )
        try:
            reply = await _reply(world, operation, request, entry, landings)
            entry.status = reply.status
            if not reply.ok and isinstance(reply.content, dict):
                entry.error = reply.content.get("type")
        except Dropped:
            _close(world, entry)
            return await _cut(request)
        except BaseException:
            entry.status, entry.error = 500, "bug"
            _close(world, entry)
            raise
        _close(world, entry)
        return reply.response()

    return answer


def refused(world: World, request: Request, refusal: Refusal) -> Response:
    """Journal and answer a call that has no operation."""
    now = world.clock.now()
    entry = Entry(received_at=now, method=request.method, path=request.url.path)
    entry.status, entry.error = refusal.status, refusal.type
    _close(world, entry)
    return Reply(refusal.status, refusal.body()).response()


def _close(world: World, entry: Entry) -> None:
    entry.answered_at = world.clock.now()
    world.journal.add(entry)
    world.store.commit()


async def _reply(
    world: World, operation: Operation, request: Request, entry: Entry, landings: Landings
) -> Reply:
    try:
        if not operation.open:
            _authenticate(world, request)
        body, form = await _read_body(request, operation.body)
        call = Call(
            world=world,
            path=request.path_params,
            query=request.query_params,
            body=body,
            form=form,
            entry=entry,
            base_url=str(request.base_url).rstrip("/"),
        )
        source = call.body if operation.account == "body" else call.query
        entry.account_id = _account_id(call, source.get("account_id"))
        path = request.url.path.removeprefix("/api/v1")
        meant = (operation.method, operation.path, path, entry.account_id)
        stale = world.faults.hit(*meant, stale=True) if operation.method == "GET" else None
        call.lag = _lag(stale, operation, world)
        fault = world.faults.hit(*meant)
    except Refusal as refusal:
        return Reply(refusal.status, refusal.body())
    if fault is None:
        return perform(operation, call)
    return await _struck(fault, operation, call, landings)


def _lag(stale: Fault | None, operation: Operation, world: World) -> Lag | None:
    knobs = world.config.knobs
    if stale is not None:
        return Lag(stale.seconds, stale.clock == "real")
    if operation.lags and operation.method == "GET" and knobs.store_lag_seconds > 0:
        return Lag(knobs.store_lag_seconds, knobs.store_lag_clock == "real")
    return None


def _account_id(call: Call, given: object) -> str | None:
    """The account that acts: named, or known by the chat or the account in the path."""
    if isinstance(given, str):
        return given
    chat = call.world.chats.find(call.path.get("chat_id", ""))
    return chat.account_id if chat else call.path.get("account_id")


async def _struck(fault: Fault, operation: Operation, call: Call, landings: Landings) -> Reply:
    call.entry.fault = fault.fault
    kind = fault.fault.removesuffix("_after").removesuffix("_late")
    performed = fault.fault.endswith("_after") or kind in {"latency", "credentials"}
    if kind == "latency":
        await _late(fault, call.world)
    if kind == "credentials" and call.entry.account_id:
        account = call.world.accounts.find(call.entry.account_id)
        if account is not None:
            call.world.accounts.set_status(account, "CREDENTIALS", call.world.clock.now())
    if fault.fault.endswith("_late"):
        call.entry.landing = landings.order(fault, operation, call)
    if performed:
        reply = perform(operation, call)
        if not reply.ok or kind in {"latency", "credentials"}:
            return reply
    if kind == "drop":
        raise Dropped
    if kind == "html_502":
        return Reply(502, _HTML)
    names = {
        "429": "too_many_requests",
        "500": "provider_error",
        "503": "no_client_session",
        "504": "request_timeout",
    }
    refusal = Refusal(names.get(kind) or fault.type or "unexpected_error")
    return Reply(refusal.status, refusal.body())


async def _late(fault: Fault, world: World) -> None:
    """The time that an answer is late; who has seen enough of it cancels the order."""
    if fault.clock == "real":
        with suppress(TimeoutError):
            await asyncio.wait_for(world.faults.cancelled(fault.id), fault.seconds)
    else:
        await world.clock.sleep(fault.seconds)


def perform(operation: Operation, call: Call, at: float | None = None) -> Reply:
    """Carry a call out, in Unipile's order of checks; now, or as of a moment just past."""
    world = call.world
    world.catch_up()
    call.now = world.clock.now() if at is None else at
    try:
        if operation.account is not None:
            if call.entry.account_id is None:
                raise invalid("/account_id: Expected required property")
            call.act_as(call.entry.account_id, live=operation.live)
        _check_body(operation, call)
        reply = operation.perform(call)
    except Refusal as refusal:
        return Reply(refusal.status, refusal.body())
    if reply.ok:
        call.require_spent()
    return reply


def _check_body(operation: Operation, call: Call) -> None:
    schema = REQUESTS.get((operation.method, operation.path))
    fault = None if schema is None else fault_of(call.body, schema)
    if fault is not None:
        raise invalid(fault)


def _authenticate(world: World, request: Request) -> None:
    if request.headers.get("x-api-key") != world.config.access_token:
        raise Refusal("missing_credentials")


async def _read_body(request: Request, kind: str | None) -> tuple[dict[str, Any], FormData | None]:
    if kind is None:
        return {}, None
    sent = request.headers.get("content-type", "")
    if kind == "multipart" and not sent.startswith("application/json"):
        if not sent.startswith("multipart/form-data"):
            raise Refusal("unsupported_media_type", "Expected multipart/form-data")
        form = await request.form(max_files=30, max_fields=500)
        return {name: value for name, value in form.items() if isinstance(value, str)}, form
    raw = await request.body()
    try:
        body = json.loads(raw) if raw else {}
    except ValueError:
        raise Refusal("malformed_request", "The body is not valid JSON.") from None
    if not isinstance(body, dict):
        raise invalid("/: Expected object")
    return body, None


async def _cut(request: Request) -> Response:
    abort = request.scope.get(ABORT)
    if abort is None:
        raise httpx.RemoteProtocolError("Server disconnected without sending a response.")
    abort()
    while (await request.receive())["type"] != "http.disconnect":
        pass
    return Response(status_code=500)
