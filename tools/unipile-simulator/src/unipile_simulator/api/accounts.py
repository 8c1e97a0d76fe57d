"""Accounts over the API: listing, restarting, removing, signing in natively."""

from __future__ import annotations

from typing import Any

from unipile_simulator.accounts.accounts import Account, account_json
from unipile_simulator.accounts.sign_ins import (
    IN_APP_APPROVAL,
    INTENT_LIVES,
    WRONG,
    WRONG_CODE,
    Checkpoint,
    checkpoint_for,
)
from unipile_simulator.api.calls import Call, Operation, Reply
from unipile_simulator.errors import Refusal, invalid, not_found


def list_accounts(call: Call) -> Reply:
    """`GET /accounts`."""
    page = call.window().of(list(call.world.accounts))
    items = [_shown(call, account) for account in page.items]
    return Reply(200, {"object": "AccountList", "items": items, "cursor": page.cursor})


def get_account(call: Call) -> Reply:
    """`GET /accounts/{id}`; an approval inside LinkedIn's app is found out here."""
    account_id = call.path["account_id"]
    waiting = call.world.connections.checkpoint(account_id)
    if (
        waiting
        and waiting.kind == "IN_APP_VALIDATION"
        and call.now - waiting.started_at >= IN_APP_APPROVAL
    ):
        _signed_in(call, waiting)
    return Reply(200, _shown(call, call.act_as(account_id, live=False)))


def delete_account(call: Call) -> Reply:
    """`DELETE /accounts/{id}`."""
    call.world.accounts.delete(call.act_as(call.path["account_id"], live=False))
    call.changes()
    return Reply(200, {"object": "AccountDeleted"})


def restart_account(call: Call) -> Reply:
    """`POST /accounts/{id}/restart`; a lost session does not come back this way."""
    account = call.act_as(call.path["account_id"], live=False)
    if account.status in {"CREDENTIALS", "PERMISSIONS"}:
        return Reply(200, {"object": "AccountFailedToRestart"})
    if account.status != "OK":
        call.world.accounts.set_status(account, "OK", call.now)
        call.changes()
    return Reply(200, {"object": "AccountRestarted"})


def sync_account(call: Call) -> Reply:
    """`GET /accounts/{id}/sync`: started by the first call, done by the second."""
    account = call.act_as(call.path["account_id"], live=True)
    account.syncing = not account.syncing
    call.world.accounts.save(account)
    status = "SYNC_STARTED" if account.syncing else "SYNC_DONE"
    return Reply(200, {"object": "AccountResync", "status": status})


def connect_account(call: Call) -> Reply:
    """`POST /accounts`: sign in with a password or a cookie.

    Raises a `Refusal` if the account is connected already.
    """
    username = _credentials(call)
    account_id = call.world.dice.token("connected", username)
    if call.world.accounts.find(account_id) is not None:
        raise Refusal("already_exists", "The account is connected already.")
    return _sign_in(call, account_id, username, reconnects=False)


def reconnect_account(call: Call) -> Reply:
    """`POST /accounts/{id}`: sign in again; the id stays."""
    account = call.act_as(call.path["account_id"], live=False)
    return _sign_in(call, account.id, _credentials(call), reconnects=True)


def solve_checkpoint(call: Call) -> Reply:
    """`POST /accounts/checkpoint`: the code that LinkedIn sent; raises a `Refusal` of others."""
    waiting = _waiting(call)
    code = call.text("code", required=waiting.kind != "IN_APP_VALIDATION")
    if code == "TRY_ANOTHER_WAY":
        waiting.kind = "OTP" if waiting.kind != "OTP" else "2FA"
        call.world.connections.ask(waiting)
        return _checkpoint_reply(waiting)
    if waiting.kind == "CAPTCHA":
        raise Refusal("captcha_not_supported")
    if code == WRONG_CODE:
        raise Refusal("invalid_checkpoint_solution", "The code is wrong.")
    return _signed_in(call, waiting)


def resend_checkpoint(call: Call) -> Reply:
    """`POST /accounts/checkpoint/resend`."""
    waiting = _waiting(call)
    return Reply(200, {"object": "CheckpointResend", "account_id": waiting.id, "success": True})


def _shown(call: Call, account: Account) -> dict[str, Any]:
    accounts = call.world.accounts
    return account_json(account, accounts.owner(account), accounts.owner_id(account))


def _credentials(call: Call) -> str:
    if call.body.get("provider") != "LINKEDIN":
        raise invalid("/provider: Expected union value")
    cookie, username = call.text("access_token"), call.text("username")
    password = call.text("password")
    if not cookie and not (username and password):
        raise invalid("/username: Expected required property")
    if WRONG in {password, cookie}:
        raise Refusal("invalid_credentials" if password else "expired_credentials")
    if username and "restricted" in username:
        raise Refusal("account_restricted")
    return username or f"cookie-{call.world.dice.token('cookie', cookie)[:8]}"


def _sign_in(call: Call, account_id: str, username: str, *, reconnects: bool) -> Reply:
    kind = checkpoint_for(username)
    waiting = Checkpoint(
        id=account_id,
        kind=kind or "",
        username=username,
        started_at=call.now,
        reconnects=reconnects,
    )
    if kind is None:
        return _signed_in(call, waiting)
    call.world.connections.ask(waiting)
    call.changes()
    return _checkpoint_reply(waiting)


def _checkpoint_reply(waiting: Checkpoint) -> Reply:
    checkpoint: dict[str, Any] = {"type": waiting.kind}
    if waiting.kind == "2FA":
        checkpoint["source"] = "APP"
    if waiting.kind == "CAPTCHA":
        checkpoint |= {"public_key": "simulated", "data": ""}
    if waiting.kind == "CONTRACT_CHOOSER":
        checkpoint["contract_options"] = [{"id": "1", "name": "Simulated contract"}]
    body = {"object": "Checkpoint", "account_id": waiting.id, "checkpoint": checkpoint}
    return Reply(202, body)


def _waiting(call: Call) -> Checkpoint:
    account_id = call.text("account_id", required=True) or ""
    waiting = call.world.connections.checkpoint(account_id)
    if waiting is None:
        raise not_found("Account")
    if call.now - waiting.started_at > INTENT_LIVES:
        call.world.connections.forget(account_id)
        raise Refusal("request_timeout", "The intent has expired.", status=408)
    return waiting


def _signed_in(call: Call, waiting: Checkpoint) -> Reply:
    world = call.world
    world.connections.forget(waiting.id)
    call.changes()
    if waiting.reconnects:
        account = call.act_as(waiting.id, live=False)
        world.accounts.reconnect(account, call.now)
        return Reply(201, {"object": "AccountReconnected", "account_id": account.id})
    world.accounts.add(now=call.now, account_id=waiting.id, name=waiting.username)
    call.act_as(waiting.id, live=False)
    for message in ("CREATION_SUCCESS", "OK", "SYNC_SUCCESS"):
        world.behaviour.status_changed(waiting.id, message)
    return Reply(201, {"object": "AccountCreated", "account_id": waiting.id})


def _about_one(method: str, path: str, perform: Any, summary: str, body: str | None) -> Operation:
    return Operation(method=method, path=path, perform=perform, summary=summary, body=body)


OPERATIONS = (
    _about_one("GET", "/accounts", list_accounts, "Connected accounts", None),
    _about_one("POST", "/accounts", connect_account, "Sign in natively", "json"),
    _about_one("POST", "/accounts/checkpoint", solve_checkpoint, "Solve a checkpoint", "json"),
    _about_one("POST", "/accounts/checkpoint/resend", resend_checkpoint, "Send again", "json"),
    _about_one("GET", "/accounts/{account_id}", get_account, "One account", None),
    _about_one("DELETE", "/accounts/{account_id}", delete_account, "Remove an account", None),
    _about_one("POST", "/accounts/{account_id}", reconnect_account, "Sign in again", "json"),
    _about_one("POST", "/accounts/{account_id}/restart", restart_account, "Restart", None),
    _about_one("GET", "/accounts/{account_id}/sync", sync_account, "Synchronise", None),
)
