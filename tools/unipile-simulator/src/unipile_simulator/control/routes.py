"""`/_simulator`: looking into the world and moving it, from outside of LinkedIn."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from unipile_simulator import faults, journal
from unipile_simulator.accounts.accounts import ESTABLISHED, RESTRICTED, STATUSES, Account
from unipile_simulator.api.calls import Reply
from unipile_simulator.api.profiles import read_product
from unipile_simulator.clock import DAY, iso_micros
from unipile_simulator.control.states import account_state, index_page, person_profile, person_state
from unipile_simulator.errors import Refusal, invalid, not_found
from unipile_simulator.network.relationships import Relationship
from unipile_simulator.people import temperament
from unipile_simulator.people.ids import Product
from unipile_simulator.people.people import Person, public_identifier
from unipile_simulator.world.world import World

Body = dict[str, Any]
_PERSON_FIELDS = {"first_name", "last_name", "headline", "company", "position", "location", "email"}

_TOLD = ("is_sender", "is_event", "is_group")
"""Flags of a webhook that may be ordered to lie."""


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
            self._route("POST", "/people/{id}/edit", self.edit),
            self._route("POST", "/people/{id}/rename", self.rename),
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
        return {"items": [account_state(self._world, account) for account in self._world.accounts]}

    def account(self, request: Request, _body: Body) -> Any:
        """One account."""
        return account_state(self._world, self._world.accounts.get(request.path_params["id"]))

    def create_account(self, _request: Request, body: Body) -> Any:
        """Connect an account; webhooks carry CREATION_SUCCESS, OK and SYNC_SUCCESS."""
        try:
            account = self._world.accounts.add(
                now=self._world.clock.now(),
                account_id=body.get("id"),
                name=body.get("name"),
                tier=body.get("tier", "premium"),
                connections=int(body.get("connections", 480)),
                age=float(body.get("age_days", ESTABLISHED / DAY)) * DAY,
            )
        except ValueError as error:
            raise invalid(str(error)) from error
        for message in ("CREATION_SUCCESS", "OK", "SYNC_SUCCESS"):
            self._world.behaviour.publish_status(account.id, message)
        return account_state(self._world, account)

    def set_status(self, request: Request, body: Body) -> Any:
        """Move an account to another health; webhooks carry it."""
        account = self._world.accounts.get(request.path_params["id"])
        status = body.get("status")
        now = self._world.clock.now()
        if status == "RECONNECTED":
            self._world.accounts.reconnect(account, now)
        elif status in {*STATUSES, RESTRICTED}:
            self._world.accounts.set_status(account, status, now)
        else:
            raise invalid(f"/status: Expected one of {', '.join(STATUSES)}, {RESTRICTED}")
        return account_state(self._world, account)

    def people(self, request: Request, _body: Body) -> Any:
        """Everybody, or those of one temperament or of the lead list only."""
        wanted, seen_in = (request.query_params.get(name) for name in ("temperament", "seen_in"))
        return {
            "items": [
                person_profile(person)
                for person in self._world.people
                if wanted in {None, person.temperament} and seen_in in {None, person.seen_in}
            ]
        }

    def person(self, request: Request, _body: Body) -> Any:
        """One person: what they are like, what they received, what they are going to do."""
        return person_state(self._world, self._find(request))

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
        return person_state(
            self._world, self._world.people.add(public_id, seen_in="control", **facts)
        )

    def accept(self, request: Request, body: Body) -> Any:
        """The person accepts the pending invitation now."""
        person = self._find(request)
        tie = self._pending(person, body)
        account = self._world.accounts.get(tie.account_id)
        self._world.behaviour.accept(account, person, self._world.clock.now())
        return person_state(self._world, person)

    def ignore(self, request: Request, body: Body) -> Any:
        """The person ignores the pending invitation now."""
        person = self._find(request)
        tie = self._pending(person, body)
        self._world.relationships.end_invitation(tie, "IGNORED", self._world.clock.now())
        return person_state(self._world, person)

    def reply(self, request: Request, body: Body) -> Any:
        """The person writes to an account now."""
        person, text = self._find(request), body.get("text")
        if not isinstance(text, str) or not text:
            raise invalid("/text: Expected required property")
        account = self._account_of(person, body)
        told = {name: body[name] for name in _TOLD if name in body}
        self._world.behaviour.reply(
            account,
            person,
            text,
            self._world.clock.now(),
            feature=read_product(body.get("inbox", Product.CLASSIC), "/inbox"),
            event_type=_number(body, "event_type", int),
            told=told,
        )
        return person_state(self._world, person)

    def edit(self, request: Request, body: Body) -> Any:
        """The person changes the last message they wrote."""
        person, text = self._find(request), body.get("text")
        if not isinstance(text, str) or not text:
            raise invalid("/text: Expected required property")
        account = self._account_of(person, body)
        written = [
            message
            for chat in self._world.chats.of(account.id)
            for message in chat.messages
            if message.sender == person.public_id
        ]
        if not written:
            raise not_found("Message")
        last = max(written, key=lambda message: message.at)
        self._world.behaviour.edit(account, last, text, self._world.clock.now())
        return person_state(self._world, person)

    def rename(self, request: Request, body: Body) -> Any:
        """The person takes another public identifier; the former ones keep resolving."""
        person, name = self._find(request), body.get("public_identifier")
        try:
            self._world.people.rename(person, str(name or ""))
        except ValueError as error:
            raise invalid(f"/public_identifier: {error}") from error
        return person_state(self._world, person)

    def invite(self, request: Request, body: Body) -> Any:
        """The person invites an account's owner."""
        person = self._find(request)
        account, now = self._account_of(person, body), self._world.clock.now()
        tie = self._world.relationships.between(account, person, now)
        note = body.get("note")
        self._world.relationships.invite(tie, note=note, now=now, kind="RECEIVED")
        return person_state(self._world, person)

    def disconnect(self, request: Request, body: Body) -> Any:
        """The person removes the connection."""
        person = self._find(request)
        account = self._account_of(person, body)
        tie = self._world.relationships.between(account, person, self._world.clock.now())
        self._world.relationships.disconnect(tie)
        return person_state(self._world, person)

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
        return HTMLResponse(index_page(world))

    def _route(self, method: str, path: str, act: Callable[[Request, Body], Any]) -> Route:
        return Route(f"/_simulator{path}", self._endpoint(act), methods=[method])

    def _endpoint(
        self, act: Callable[[Request, Body], Any]
    ) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            world = self._world
            world.start()
            try:
                body = _read(await request.body())
                world.catch_up()
                reply = Reply(200, act(request, body))
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


def _number(body: Body, name: str, kind: type[int | float]) -> Any:
    value = body.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise invalid(f"/{name}: Expected number")
    return kind(value)


def _read(raw: bytes) -> Body:
    try:
        body = json.loads(raw) if raw else {}
    except ValueError:
        raise Refusal("malformed_request", "The body is not valid JSON.") from None
    if not isinstance(body, dict):
        raise invalid("/: Expected object")
    return body
