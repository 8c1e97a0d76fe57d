"""`/_simulator/people`: who there is, and what they are made to do."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.routing import Route

from unipile_simulator.accounts.accounts import Account
from unipile_simulator.api.profiles import read_product
from unipile_simulator.clock import DAY
from unipile_simulator.control.serving import Body, control_route, find_person, number, text
from unipile_simulator.control.states import person_profile, person_state
from unipile_simulator.errors import Refusal, invalid, not_found
from unipile_simulator.network.chats import Message
from unipile_simulator.network.relationships import IGNORED, Relationship
from unipile_simulator.people import temperament
from unipile_simulator.people.ids import Product
from unipile_simulator.people.people import Person, public_identifier
from unipile_simulator.world.world import World

_FACTS = {"first_name", "last_name", "headline", "company", "position", "location", "email"}
_TOLD = ("is_sender", "is_event", "is_group")
"""Flags of a webhook that may be ordered to lie."""


class PeopleControl:
    """People, moved from outside."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[Route]:
        """All of them."""
        acts = {
            "accept": self.accept,
            "ignore": self.ignore,
            "reply": self.reply,
            "write": self.write,
            "edit": self.edit,
            "rename": self.rename,
            "invite": self.invite,
            "disconnect": self.disconnect,
        }
        return [
            control_route(self._world, "GET", "/people", self.people),
            control_route(self._world, "GET", "/people/{id}", self.person),
            control_route(self._world, "PUT", "/people/{id}", self.put_person),
            *(
                control_route(self._world, "POST", f"/people/{{id}}/{name}", act)
                for name, act in acts.items()
            ),
            control_route(self._world, "GET", "/temperaments", self.temperaments),
        ]

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
        return person_state(self._world, find_person(self._world, request))

    def put_person(self, request: Request, body: Body) -> Any:
        """Make somebody, or change them; only `temperament` and facts, not what has happened."""
        facts = {name: str(value) for name, value in body.items() if name in _FACTS}
        kind = body.get("temperament")
        try:
            if kind is not None:
                facts["temperament"] = temperament.check(str(kind))
        except ValueError as error:
            raise invalid(str(error)) from error
        public_id = public_identifier(request.path_params["id"])
        return person_state(
            self._world, self._world.people.add(public_id, seen_in="control", **facts)
        )

    def accept(self, request: Request, body: Body) -> Any:
        """The person accepts the pending invitation now."""
        person = find_person(self._world, request)
        tie = self._pending(person, body)
        account = self._world.accounts.get(tie.account_id)
        self._world.behaviour.accept(account, person, self._world.clock.now())
        return person_state(self._world, person)

    def ignore(self, request: Request, body: Body) -> Any:
        """The person ignores the pending invitation now."""
        person = find_person(self._world, request)
        tie = self._pending(person, body)
        now = self._world.clock.now()
        self._world.relationships.end_invitation(tie, IGNORED, now)
        self._world.note(now, "ignored", account_id=tie.account_id, person=person)
        return person_state(self._world, person)

    def reply(self, request: Request, body: Body) -> Any:
        """The person writes now; with `days_ago`, what they wrote then arrives now."""
        person, words = find_person(self._world, request), _words(body)
        account, now = self._account_of(person, body), self._world.clock.now()
        days_ago, event_type = number(body, "days_ago"), number(body, "event_type")
        self._world.behaviour.reply(
            account,
            person,
            words,
            now,
            feature=read_product(body.get("inbox", Product.CLASSIC), "/inbox"),
            written_at=None if days_ago is None else now - days_ago * DAY,
            event_type=None if event_type is None else int(event_type),
            told={name: body[name] for name in _TOLD if name in body},
            publish=body.get("webhook") is not False,
        )
        return person_state(self._world, person)

    def write(self, request: Request, body: Body) -> Any:
        """The account's owner writes to the person by hand now, without Unipile."""
        person, words = find_person(self._world, request), _words(body)
        world, account = self._world, self._account_of(person, body)
        inbox = read_product(body.get("inbox", Product.CLASSIC), "/inbox")
        chat = world.chats.open(account.id, [person.public_id], feature=inbox)
        now, told = world.clock.now(), {name: body[name] for name in _TOLD if name in body}
        message = world.chats.write(chat, sender=None, text=words, at=now, told=told)
        world.note(
            now, "wrote", account_id=account.id, person=person, text=words, object_id=message.id
        )
        if body.get("webhook") is not False:
            world.publisher.publish_message(account, chat, message)
        return person_state(world, person)

    def edit(self, request: Request, body: Body) -> Any:
        """The person changes the last message they wrote."""
        person, words = find_person(self._world, request), text(body, "text")
        account = self._account_of(person, body)
        last = self._last_message(person, account)
        self._world.behaviour.edit(account, last, words, self._world.clock.now())
        return person_state(self._world, person)

    def rename(self, request: Request, body: Body) -> Any:
        """The person takes another public identifier; the former ones keep resolving."""
        person = find_person(self._world, request)
        name = text(body, "public_identifier")
        try:
            self._world.people.rename(person, name)
        except ValueError as error:
            raise invalid(f"/public_identifier: {error}") from error
        self._world.note(self._world.clock.now(), "renamed", person=person, text=name)
        return person_state(self._world, person)

    def invite(self, request: Request, body: Body) -> Any:
        """The person invites an account's owner."""
        person = find_person(self._world, request)
        account, now = self._account_of(person, body), self._world.clock.now()
        tie = self._world.relationships.between(account, person, now)
        note = None if body.get("note") is None else text(body, "note")
        self._world.relationships.invite(tie, note=note, now=now, kind="RECEIVED")
        self._world.note(now, "invited", account_id=account.id, person=person, text=note)
        return person_state(self._world, person)

    def disconnect(self, request: Request, body: Body) -> Any:
        """The person removes the connection."""
        person = find_person(self._world, request)
        account, now = self._account_of(person, body), self._world.clock.now()
        tie = self._world.relationships.between(account, person, now)
        self._world.relationships.disconnect(tie)
        self._world.note(now, "left", account_id=account.id, person=person)
        return person_state(self._world, person)

    def temperaments(self, _request: Request, _body: Body) -> Any:
        """All temperaments, in words."""
        return {name: kind.what for name, kind in temperament.TEMPERAMENTS.items()}

    def _account_of(self, person: Person, body: Body) -> Account:
        account_id = body.get("account_id")
        if account_id is None:
            ties = self._world.relationships.of_person(person.public_id)
            accounts = [tie.account_id for tie in ties] or [it.id for it in self._world.accounts]
            if len(accounts) != 1:
                raise invalid("/account_id: Expected required property")
            account_id = accounts[0]
        return self._world.accounts.get(str(account_id))

    def _last_message(self, person: Person, account: Account) -> Message:
        written = [
            message
            for chat in self._world.chats.of(account.id)
            for message in chat.messages
            if message.sender == person.public_id
        ]
        if not written:
            raise not_found("Message")
        return max(written, key=lambda message: message.at)

    def _pending(self, person: Person, body: Body) -> Relationship:
        wanted = body.get("account_id")
        for tie in self._world.relationships.of_person(person.public_id):
            if tie.pending and wanted in {None, tie.account_id}:
                return tie
        raise Refusal("unprocessable_entity", "There is no pending invitation.")


def _words(body: Body) -> str:
    """What somebody writes; with `file` it is one without words."""
    return "" if body.get("file") is True else text(body, "text")
