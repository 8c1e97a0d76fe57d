"""`/_simulator`: looking into the world and moving it, from outside of LinkedIn."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from unipile_simulator import faults, journal
from unipile_simulator.clock import iso_micros
from unipile_simulator.control.accounts import AccountsControl
from unipile_simulator.control.people import PeopleControl
from unipile_simulator.control.serving import Body, control_route, text
from unipile_simulator.control.states import index_page, webhook_state
from unipile_simulator.control.truth import TruthControl
from unipile_simulator.errors import invalid, not_found
from unipile_simulator.schemas.document import catalogue
from unipile_simulator.webhooks.webhooks import Webhook
from unipile_simulator.world.world import World


class Control:
    """What a test, or a person with a browser, may see and do; none of it is a call."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[Route]:
        """All routes under `/_simulator`."""
        acts = (
            ("GET", "/health", self.health),
            ("GET", "/journal", self.journal),
            ("GET", "/audit", self.audit),
            ("POST", "/marks", self.mark),
            ("GET", "/schemas", self.schemas),
            ("GET", "/webhooks", self.webhooks),
            ("POST", "/webhooks/disable", self.disable_webhooks),
            ("POST", "/webhooks/enable", self.enable_webhooks),
            ("DELETE", "/webhooks", self.delete_webhooks),
            ("POST", "/webhooks/{id}/disable", self.disable_webhooks),
            ("POST", "/webhooks/{id}/enable", self.enable_webhooks),
            ("DELETE", "/webhooks/{id}", self.delete_webhooks),
            ("GET", "/faults", self.faults),
            ("POST", "/faults", self.order_fault),
            ("DELETE", "/faults", self.cancel_faults),
            ("DELETE", "/faults/{id}", self.cancel_faults),
        )
        return [
            Route("/_simulator/", self.index),
            Route("/_simulator", self.index),
            *(control_route(self._world, method, path, act) for method, path, act in acts),
            *AccountsControl(self._world).routes(),
            *PeopleControl(self._world).routes(),
            *TruthControl(self._world).routes(),
        ]

    def health(self, _request: Request, _body: Body) -> Any:
        """That it runs, and what time it is there."""
        world = self._world
        return {
            "now": iso_micros(world.clock.now()),
            "speed": world.clock.speed,
            "seed": world.config.seed,
            "journal_seq": len(world.journal.entries),
            "people": len(world.people),
        }

    def journal(self, request: Request, _body: Body) -> Any:
        """The calls and webhooks, filtered; what else happened only with `world=true`."""
        query = request.query_params
        changed = query.get("changed")
        found = self._world.journal.select(
            kind=query.get("kind"),
            account_id=query.get("account_id"),
            target=query.get("target"),
            changed=None if changed is None else changed.lower() in {"true", "1"},
            since_seq=_whole(request, "since_seq"),
            world=query.get("world") == "true",
        )
        limit = _whole(request, "limit")
        items: list[Body] = []
        for entry in found:
            if limit and len(items) == limit:
                break
            items.append(journal.as_json(entry))
        last_seq = items[-1]["seq"] if limit and len(items) == limit else None
        return {"items": items, "last_seq": last_seq or len(self._world.journal.entries)}

    def audit(self, request: Request, _body: Body) -> Any:
        """Everything that happened, in the order of the provider's clock."""
        since = _whole(request, "since_seq")
        entries = list(self._world.journal.select(since_seq=since, world=True))
        entries.sort(key=lambda entry: (journal.happened_at(entry), entry.seq))
        return {
            "clock": {
                "now": iso_micros(self._world.clock.now()),
                "speed": self._world.clock.speed,
            },
            "items": [
                {"at": iso_micros(journal.happened_at(entry))} | journal.as_json(entry)
                for entry in entries
            ],
            "last_seq": len(self._world.journal.entries),
        }

    def mark(self, _request: Request, body: Body) -> Any:
        """Put a mark of one's own into the journal, such as "the hold has returned"."""
        account_id = body.get("account_id")
        entry = self._world.note(
            self._world.clock.now(),
            "mark",
            account_id=None if account_id is None else str(account_id),
            text=text(body, "text"),
        )
        return journal.as_json(entry)

    def schemas(self, _request: Request, _body: Body) -> Any:
        """The JSON Schema of every body."""
        return catalogue()

    def webhooks(self, _request: Request, _body: Body) -> Any:
        """Every registration."""
        return {"items": [webhook_state(webhook) for webhook in self._world.webhooks]}

    def disable_webhooks(self, request: Request, _body: Body) -> Any:
        """Unipile switches one registration off, or all; they stay listed as disabled."""
        return self._enable(request, enabled=False)

    def enable_webhooks(self, request: Request, _body: Body) -> Any:
        """Unipile switches one registration on again, or all."""
        return self._enable(request, enabled=True)

    def delete_webhooks(self, request: Request, _body: Body) -> Any:
        """Unipile forgets one registration, or all."""
        meant = self._meant(request)
        for webhook in meant:
            self._world.webhooks.delete(webhook.id)
            self._world.note(self._world.clock.now(), "webhook_deleted", object_id=webhook.id)
        return {"deleted": len(meant)}

    def faults(self, _request: Request, _body: Body) -> Any:
        """All orders of faults, and the kinds there are."""
        return {"items": [vars(fault) for fault in self._world.faults], "kinds": faults.KINDS}

    def order_fault(self, _request: Request, body: Body) -> Any:
        """Order a fault."""
        given = dict(body)
        given["fault"] = str(given.get("fault", ""))
        given.setdefault("route", "*")
        given["route"] = str(given["route"]).removeprefix("/api/v1") or "*"
        if isinstance(given.get("method"), str):
            given["method"] = given["method"].upper()
        try:
            return dict(vars(self._world.faults.order(**given)))
        except (ValueError, TypeError) as error:
            raise invalid(str(error)) from error

    def cancel_faults(self, request: Request, _body: Body) -> Any:
        """Cancel one order, or all."""
        return {"cancelled": self._world.faults.cancel(request.path_params.get("id"))}

    async def index(self, _request: Request) -> HTMLResponse:
        """A page for people."""
        world = self._world
        world.start()
        world.catch_up()
        return HTMLResponse(index_page(world))

    def _enable(self, request: Request, *, enabled: bool) -> Any:
        meant = self._meant(request)
        event = "webhook_enabled" if enabled else "webhook_disabled"
        for webhook in meant:
            self._world.webhooks.enable(webhook, enabled=enabled)
            self._world.note(self._world.clock.now(), event, object_id=webhook.id)
        return {"items": [webhook_state(webhook) for webhook in meant]}

    def _meant(self, request: Request) -> list[Webhook]:
        webhook_id = request.path_params.get("id")
        meant = [it for it in self._world.webhooks if webhook_id in {None, it.id}]
        if webhook_id is not None and not meant:
            raise not_found("Webhook")
        return meant


def _whole(request: Request, name: str) -> int:
    try:
        return int(request.query_params.get(name, "0"))
    except ValueError:
        raise invalid(f"/{name}: Expected number") from None
