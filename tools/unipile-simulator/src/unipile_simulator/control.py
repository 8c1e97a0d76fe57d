"""`/_simulator`: looking into the world and moving it, from outside of LinkedIn."""

from __future__ import annotations

import html
import json
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from unipile_simulator import faults, journal, temperament
from unipile_simulator.accounts import RESTRICTED, STATUSES, Account
from unipile_simulator.calls import Reply
from unipile_simulator.clock import iso, iso_micros
from unipile_simulator.errors import Refusal, invalid, not_found
from unipile_simulator.people import Person, public_identifier
from unipile_simulator.relationships import PENDING, Relationship
from unipile_simulator.world import World

Body = dict[str, Any]
_PERSON_FIELDS = {"first_name", "last_name", "headline", "company", "position", "location", "email"}


class Control:
    """What a test, or a person with a browser, may see and do; none of it is journalled."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[Route]:
        """All routes under `/_simulator`."""
        return [
            Route("/_simulator/", self.index),
            Route("/_simulator", self.index),
            self._route("GET", "/health", self.health),
            self._route("GET", "/journal", self.journal),
            self._route("GET", "/accounts", self.accounts),
            self._route("POST", "/accounts", self.create_account),
            self._route("GET", "/accounts/{id}", self.account),
            self._route("POST", "/accounts/{id}/status", self.set_status),
            self._route("GET", "/people", self.people),
            self._route("GET", "/people/{id}", self.person),
            self._route("PUT", "/people/{id}", self.put_person),
            self._route("POST", "/people/{id}/accept", self.accept),
            self._route("POST", "/people/{id}/ignore", self.ignore),
            self._route("POST", "/people/{id}/reply", self.reply),
            self._route("POST", "/people/{id}/invite", self.invite),
            self._route("POST", "/people/{id}/disconnect", self.disconnect),
            self._route("GET", "/faults", self.faults),
            self._route("POST", "/faults", self.order_fault),
            self._route("DELETE", "/faults", self.cancel_faults),
            self._route("DELETE", "/faults/{id}", self.cancel_faults),
            self._route("GET", "/temperaments", self.temperaments),
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
        """The journal, filtered."""
        query = request.query_params
        changed = query.get("changed")
        try:
            since, limit = int(query.get("since_seq", "0")), int(query.get("limit", "0"))
        except ValueError:
            raise invalid("/since_seq: Expected number") from None
        found = self._world.journal.select(
            kind=query.get("kind"),
            account_id=query.get("account_id"),
            target=query.get("target"),
            changed=None if changed is None else changed.lower() in {"true", "1"},
            since_seq=since,
        )
        items: list[Body] = []
        for entry in found:
            if limit and len(items) == limit:
                break
            items.append(journal.as_json(entry))
        last_seq = items[-1]["seq"] if limit and len(items) == limit else None
        return {"items": items, "last_seq": last_seq or len(self._world.journal.entries)}

    def accounts(self, _request: Request, _body: Body) -> Any:
        """All accounts."""
        return {"items": [self._account_state(account) for account in self._world.accounts]}

    def account(self, request: Request, _body: Body) -> Any:
        """One account."""
        return self._account_state(self._world.accounts.get(request.path_params["id"]))

    def create_account(self, _request: Request, body: Body) -> Any:
        """Connect an account; webhooks hear CREATION_SUCCESS, OK and SYNC_SUCCESS."""
        try:
            account = self._world.accounts.add(
                now=self._world.clock.now(),
                account_id=body.get("id"),
                name=body.get("name"),
                tier=body.get("tier", "premium"),
                connections=int(body.get("connections", 480)),
            )
        except ValueError as error:
            raise invalid(str(error)) from error
        for message in ("CREATION_SUCCESS", "OK", "SYNC_SUCCESS"):
            self._world.behaviour.status(account.id, message)
        return self._account_state(account)

    def set_status(self, request: Request, body: Body) -> Any:
        """Move an account to another health; webhooks hear of it."""
        account = self._world.accounts.get(request.path_params["id"])
        status = body.get("status")
        now = self._world.clock.now()
        if status == "RECONNECTED":
            self._world.accounts.reconnect(account, now)
        elif status in {*STATUSES, RESTRICTED}:
            self._world.accounts.set_status(account, status, now)
        else:
            raise invalid(f"/status: Expected one of {', '.join(STATUSES)}, {RESTRICTED}")
        return self._account_state(account)

    def people(self, request: Request, _body: Body) -> Any:
        """Everybody, or those of one temperament or of the lead list only."""
        wanted, seen_in = (request.query_params.get(name) for name in ("temperament", "seen_in"))
        return {
            "items": [
                self._person_facts(person)
                for person in self._world.people
                if wanted in {None, person.temperament} and seen_in in {None, person.seen_in}
            ]
        }

    def person(self, request: Request, _body: Body) -> Any:
        """One person: what they are like, what they received, what they are going to do."""
        return self._person_state(self._find(request))

    def put_person(self, request: Request, body: Body) -> Any:
        """Make somebody, or change them; only `temperament` and facts, not what has happened."""
        facts = {name: str(value) for name, value in body.items() if name in _PERSON_FIELDS}
        kind = body.get("temperament")
        try:
            if kind is not None:
                facts["temperament"] = temperament.check(kind)
        except ValueError as error:
            raise invalid(str(error)) from error
        public_id = public_identifier(request.path_params["id"])
        return self._person_state(self._world.people.add(public_id, seen_in="control", **facts))

    def accept(self, request: Request, body: Body) -> Any:
        """The person accepts the pending invitation now."""
        person = self._find(request)
        tie = self._pending(person, body)
        account = self._world.accounts.get(tie.account_id)
        self._world.behaviour.accept(account, person, self._world.clock.now())
        return self._person_state(person)

    def ignore(self, request: Request, body: Body) -> Any:
        """The person ignores the pending invitation now."""
        person = self._find(request)
        tie = self._pending(person, body)
        self._world.relationships.end_invitation(tie, "IGNORED", self._world.clock.now())
        return self._person_state(person)

    def reply(self, request: Request, body: Body) -> Any:
        """The person writes to an account now."""
        person, text = self._find(request), body.get("text")
        if not isinstance(text, str) or not text:
            raise invalid("/text: Expected required property")
        account = self._account_of(person, body)
        self._world.behaviour.reply(account, person, text, self._world.clock.now())
        return self._person_state(person)

    def invite(self, request: Request, body: Body) -> Any:
        """The person invites an account's owner."""
        person = self._find(request)
        account, now = self._account_of(person, body), self._world.clock.now()
        tie = self._world.relationships.between(account, person, now)
        note = body.get("note")
        self._world.relationships.invite(tie, note=note, now=now, kind="RECEIVED")
        return self._person_state(person)

    def disconnect(self, request: Request, body: Body) -> Any:
        """The person removes the connection."""
        person = self._find(request)
        account = self._account_of(person, body)
        tie = self._world.relationships.between(account, person, self._world.clock.now())
        self._world.relationships.disconnect(tie)
        return self._person_state(person)

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

    def temperaments(self, _request: Request, _body: Body) -> Any:
        """All temperaments, in words."""
        return {name: kind.what for name, kind in temperament.TEMPERAMENTS.items()}

    async def index(self, _request: Request) -> HTMLResponse:
        """A page for people."""
        world = self._world
        world.start()
        world.catch_up()
        return HTMLResponse(_index(world))

    def _route(self, method: str, path: str, act: Callable[[Request, Body], Any]) -> Route:
        return Route(f"/_simulator{path}", self._endpoint(act), methods=[method])

    def _endpoint(
        self, act: Callable[[Request, Body], Any]
    ) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            world = self._world
            world.start()
            raw = await request.body()
            try:
                body = json.loads(raw) if raw else {}
                if not isinstance(body, dict):
                    raise invalid("/: Expected object")
                world.catch_up()
                reply = Reply(200, act(request, body))
            except ValueError:
                refusal = Refusal("malformed_request", "The body is not valid JSON.")
                reply = Reply(400, refusal.body())
            except Refusal as refusal:
                reply = Reply(refusal.status, refusal.body())
            world.store.commit()
            return reply.response()

        return answer

    def _find(self, request: Request) -> Person:
        person = self._world.people.find(request.path_params["id"])
        if person is None:
            raise not_found("User")
        return person

    def _account_of(self, person: Person, body: Body) -> Account:
        account_id = body.get("account_id")
        if account_id is None:
            ties = self._world.relationships.of_person(person.public_id)
            accounts = [tie.account_id for tie in ties] or [it.id for it in self._world.accounts]
            if len(accounts) != 1:
                raise invalid("/account_id: Expected required property")
            account_id = accounts[0]
        return self._world.accounts.get(account_id)

    def _pending(self, person: Person, body: Body) -> Relationship:
        wanted = body.get("account_id")
        for tie in self._world.relationships.of_person(person.public_id):
            if tie.pending and wanted in {None, tie.account_id}:
                return tie
        raise Refusal("unprocessable_entity", "There is no pending invitation.")

    def _account_state(self, account: Account) -> Body:
        world, now = self._world, self._world.clock.now()
        ties = [
            tie for tie in world.relationships.of_account(account.id) if tie.invitation is not None
        ]
        pending = sum(tie.pending for tie in ties)
        return {
            "id": account.id,
            "name": account.name,
            "tier": account.tier,
            "status": RESTRICTED if account.restricted else account.status,
            "provider_id": world.accounts.owner_id(account),
            "public_id": account.owner,
            "connections": account.connections,
            "inmail_credits": account.inmail_credits,
            "created_at": iso(account.created_at),
            "pending_invitations": pending,
            "chats": len(world.chats.of(account.id)),
            "events_held": len(account.held),
            "limits": world.budgets.state(account, now),
        }

    def _person_facts(self, person: Person) -> Body:
        return {**vars(person), "name": person.name, "headline": person.title}

    def _person_state(self, person: Person) -> Body:
        world = self._world
        ties = world.relationships.of_person(person.public_id)
        planned = world.scheduler.pending(person.public_id)
        return self._person_facts(person) | {
            "what": person.kind.what,
            "relationships": [self._tie_state(person, tie) for tie in ties],
            "planned": [
                {"at": iso(act.due_at), "act": act.name, "account_id": act.account_id, **act.data}
                for act in planned
            ],
        }

    def _tie_state(self, person: Person, tie: Relationship) -> Body:
        world, invitation = self._world, tie.invitation
        chat = world.chats.between(tie.account_id, person.public_id)
        messages = chat.messages if chat else []
        return {
            "account_id": tie.account_id,
            "provider_id": world.people.provider_id(person, tie.account_id),
            "connected_at": iso(tie.connected_at) if tie.connected_at is not None else None,
            "invitation": None
            if invitation is None
            else {
                **vars(invitation),
                "sent_at": iso(invitation.sent_at),
                "ended_at": iso(invitation.ended_at) if invitation.ended_at else None,
                "open": invitation.status == PENDING,
            },
            "invitations": tie.invitations,
            "visits": [iso(at) for at in tie.visits],
            "chat_id": chat.id if chat else None,
            "messages": [
                {
                    "at": iso(message.at),
                    "from": "person" if message.sender else "account",
                    "type": message.type,
                    "text": message.text,
                }
                for message in messages
            ],
            **world.posts.received(person.public_id, tie.account_id),
        }


def _index(world: World) -> str:
    rows = "".join(
        f"<tr><td><a href='/_simulator/accounts/{html.escape(account.id)}'>"
        f"{html.escape(account.name)}</a><td>{account.tier}<td>{account.status}"
        for account in world.accounts
    )
    last = "".join(
        f"<tr><td>{entry.seq}<td>{iso(entry.received_at)}<td>{entry.method}"
        f"<td>{html.escape(entry.path)}<td>{entry.status}<td>{entry.kind or ''}"
        f"<td>{html.escape(entry.target or '')}<td>{'changed' if entry.changed else ''}"
        for entry in world.journal.entries[-40:][::-1]
    )
    links = "".join(
        f"<li><a href='/_simulator/{name}'>{name}</a>"
        for name in ("journal", "accounts", "people", "faults", "temperaments", "health")
    )
    return (
        "<!doctype html><meta charset='utf-8'><title>Unipile simulator</title>"
        "<style>body{font-family:sans-serif;margin:2em}td,th{padding:.1em .8em;text-align:left}"
        "</style><h1>Unipile simulator</h1>"
        f"<p>It is {iso(world.clock.now())} here; a second lasts 1/{world.clock.speed:g} s. "
        f"Seed {world.config.seed}, {len(world.people)} people, "
        f"{len(world.journal.entries)} journal entries.</p>"
        f"<ul>{links}<li><a href='/api-json'>api-json</a></ul>"
        f"<h2>Accounts</h2><table>{rows}</table><h2>Latest calls</h2><table>{last}</table>"
    )
