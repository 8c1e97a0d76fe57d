"""Hosted sign-in: a link for the owner, and the page behind it."""

from __future__ import annotations

import html
import re

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from unipile_simulator.accounts.sign_ins import HostedLink
from unipile_simulator.api.calls import Call, Operation, Reply
from unipile_simulator.clock import parse_instant
from unipile_simulator.errors import invalid
from unipile_simulator.world.world import World

_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z")
_PROVIDERS = {"*", "*:MESSAGING", "*:MAILING", "*:CALENDAR"}
_PAGE = """<!doctype html><meta charset="utf-8"><title>Connect LinkedIn (simulated)</title>
<body style="font-family:sans-serif;max-width:32em;margin:4em auto"><h1>Connect LinkedIn</h1>
<p>This stands in for Unipile's hosted sign-in page.</p>
<form method="post"><p><label>Your name <input name="name" value="{name}"></label></p>
<button name="outcome" value="success">Sign in</button>
<button name="outcome" value="failure">Fail to sign in</button></form>"""


def create_link(call: Call) -> Reply:
    """`POST /hosted/accounts/link`."""
    kind = call.text("type", required=True) or ""
    call.text("api_url", required=True)
    expires_on = call.text("expiresOn", required=True) or ""
    if kind not in {"create", "reconnect"}:
        raise invalid("/type: Expected union value")
    if not _INSTANT.fullmatch(expires_on):
        raise invalid("/expiresOn: Expected string to match YYYY-MM-DDTHH:MM:SS.mmmZ")
    again = call.text("reconnect_account", required=kind == "reconnect")
    if again is not None:
        call.act_as(again, live=False)
    providers = call.body.get("providers")
    if kind == "create" and not (isinstance(providers, list) or providers in _PROVIDERS):
        raise invalid("/providers: Expected union value")
    link = call.world.connections.link(
        type=kind,
        expires_at=parse_instant(expires_on),
        reconnect_account=again,
        name=call.text("name"),
        notify_url=call.text("notify_url"),
        success_redirect_url=call.text("success_redirect_url"),
        failure_redirect_url=call.text("failure_redirect_url"),
    )
    call.changes(link.id)
    return Reply(200, {"object": "HostedAuthUrl", "url": f"{call.base_url}/hosted/{link.id}"})


def page_route(world: World) -> Route:
    """The page behind a link; a POST to it signs in."""

    async def page(request: Request) -> Response:
        world.start()
        world.catch_up()
        link = world.connections.find_link(request.path_params["link_id"])
        if link is None or link.used or world.clock.now() > link.expires_at:
            return HTMLResponse("<h1>This link has expired.</h1>", 410)
        if request.method != "POST":
            return HTMLResponse(_PAGE.format(name=html.escape(link.name or "")))
        form = await request.form()
        answer = (
            _signed_in(world, link, str(form.get("name") or ""))
            if (form.get("outcome") != "failure")
            else _went_wrong(link)
        )
        world.store.commit()
        return answer

    return Route("/hosted/{link_id}", page, methods=["GET", "POST"])


def _signed_in(world: World, link: HostedLink, name: str) -> Response:
    link.used = True
    world.connections.save(link)
    now = world.clock.now()
    account = world.accounts.find(link.reconnect_account or "")
    if account is not None:
        status = "RECONNECTED"
        world.accounts.reconnect(account, now)
    else:
        status = "CREATION_SUCCESS"
        account = world.accounts.add(now=now, name=name or None)
        for message in (status, "OK", "SYNC_SUCCESS"):
            world.behaviour.status_changed(account.id, message)
    if link.notify_url:
        payload = {"status": status, "account_id": account.id, "name": link.name}
        world.deliveries.send(
            link.notify_url, payload, event="hosted_notify", account_id=account.id
        )
    if link.success_redirect_url:
        return RedirectResponse(link.success_redirect_url, 303)
    return HTMLResponse(f"<h1>Connected.</h1><p>Account {html.escape(account.id)}</p>")


def _went_wrong(link: HostedLink) -> Response:
    if link.failure_redirect_url:
        return RedirectResponse(link.failure_redirect_url, 303)
    return HTMLResponse("<h1>Sign-in failed.</h1>", 401)


OPERATIONS = (
    Operation(
        method="POST",
        path="/hosted/accounts/link",
        perform=create_link,
        summary="A link to the hosted sign-in page",
        body="json",
    ),
)
