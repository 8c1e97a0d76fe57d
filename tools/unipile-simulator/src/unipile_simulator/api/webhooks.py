"""Webhooks over the API: create, list, delete; there is no update."""

from __future__ import annotations

from typing import Any

from unipile_simulator.api.calls import Call, Operation, Reply
from unipile_simulator.errors import Refusal, invalid
from unipile_simulator.webhooks.webhooks import EVENTS, Webhook


def create_webhook(call: Call) -> Reply:
    """`POST /webhooks`; raises a `Refusal` of one without an HTTP address."""
    url = call.text("request_url", required=True) or ""
    source = call.text("source", required=True) or ""
    if not url.startswith(("http://", "https://")):
        raise Refusal("invalid_url", "/request_url: Expected http or https URL")
    if source not in EVENTS:
        raise invalid("/source: Expected union value")
    form = call.text("format") or "json"
    if form not in {"json", "form"}:
        raise invalid("/format: Expected union value")
    events = _list(call, "events", str)
    if any(event not in EVENTS[source] for event in events):
        raise invalid("/events: Expected union value")
    account_ids = _list(call, "account_ids", str) if call.body.get("account_ids") else None
    for account_id in account_ids or []:
        call.world.accounts.get(account_id)
    webhook = call.world.webhooks.create(
        request_url=url,
        source=source,
        name=call.text("name"),
        format=form,
        account_ids=account_ids,
        enabled=call.body.get("enabled", True),
        headers=_pairs(call, "headers", "value"),
        events=events,
        data=_pairs(call, "data", "name"),
        created_at=call.now,
    )
    call.changes(webhook.id)
    return Reply(201, {"object": "WebhookCreated", "webhook_id": webhook.id})


def list_webhooks(call: Call) -> Reply:
    """`GET /webhooks`."""
    page = call.window().of(list(call.world.webhooks))
    items = [_shown(call, webhook) for webhook in page.items]
    return Reply(200, {"object": "WebhookList", "items": items, "cursor": page.cursor})


def delete_webhook(call: Call) -> Reply:
    """`DELETE /webhooks/{id}`."""
    call.world.webhooks.delete(call.path["webhook_id"])
    call.changes(call.path["webhook_id"])
    return Reply(200, {"object": "WebhookDeleted"})


def _shown(call: Call, webhook: Webhook) -> dict[str, Any]:
    accounts = [
        account
        for account in call.world.accounts
        if webhook.account_ids is None or account.id in webhook.account_ids
    ]
    shown = {
        "object": "Webhook",
        "id": webhook.id,
        "account_ids": [
            {"id": account.id, "name": account.name, "type": "LINKEDIN"} for account in accounts
        ],
        "enabled": webhook.enabled,
        "source": webhook.source,
        "request_url": webhook.request_url,
        "format": webhook.format,
        "headers": webhook.headers,
        "data": webhook.data,
        "events": [] if webhook.source == "account_status" else webhook.events,
        "type": "AUTO",
    }
    return shown if webhook.name is None else shown | {"name": webhook.name}


def _list(call: Call, name: str, kind: type) -> list[Any]:
    given = call.body.get(name) or []
    if not isinstance(given, list) or not all(isinstance(item, kind) for item in given):
        raise invalid(f"/{name}: Expected array")
    return given


def _pairs(call: Call, name: str, other: str) -> list[dict[str, str]]:
    pairs = []
    for item in _list(call, name, dict):
        if not isinstance(item.get("key"), str) or not isinstance(item.get(other), str):
            raise invalid(f"/{name}: Expected key and {other}")
        pairs.append({"key": item["key"], other: item[other]})
    return pairs


OPERATIONS = (
    Operation(
        method="POST",
        path="/webhooks",
        perform=create_webhook,
        summary="Register a webhook",
        body="json",
    ),
    Operation(method="GET", path="/webhooks", perform=list_webhooks, summary="All webhooks"),
    Operation(
        method="DELETE",
        path="/webhooks/{webhook_id}",
        perform=delete_webhook,
        summary="Unregister a webhook",
    ),
)
