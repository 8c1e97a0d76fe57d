"""`/_simulator/truth`: what people like who choose. For judges; who is judged never asks."""

from __future__ import annotations

from statistics import fmean
from typing import Any

from starlette.requests import Request
from starlette.routing import Route

from unipile_simulator.control.serving import Body, control_route, text
from unipile_simulator.errors import invalid, not_found
from unipile_simulator.people.people import Person
from unipile_simulator.people.tastes import Approach, rank
from unipile_simulator.people.workplaces import industry
from unipile_simulator.world.world import World


class TruthControl:
    """What nobody who sends can know."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[Route]:
        """All of them."""
        return [
            control_route(self._world, "GET", "/truth", self.truth),
            control_route(self._world, "POST", "/truth/chances", self.chances),
        ]

    def truth(self, _request: Request, _body: Body) -> Any:
        """What adds to the probabilities, in points, and what each account's owner does."""
        world = self._world
        return {
            "tastes": world.tastes.kind,
            "acceptance": world.tastes.acceptance.points,
            "reply": world.tastes.reply.points,
            "senders": {
                account.id: {
                    what: world.tastes.sender(what, account.owner)
                    for what in ("acceptance", "reply")
                }
                for account in world.accounts
            },
        }

    def chances(self, _request: Request, body: Body) -> Any:
        """How likely each person accepts and answers, were these words sent now."""
        world = self._world
        account = world.accounts.get(text(body, "account_id"))
        words = body.get("text", "")
        if not isinstance(words, str):
            raise invalid("/text: Expected string")
        now = world.clock.now()
        items: list[Body] = []
        for person in self._meant(body):
            approach = Approach(sender=account.owner, person=person, text=words, at=now)
            items.append(
                {
                    "public_id": person.public_id,
                    "rank": rank(person.position),
                    "industry": industry(world.dice, person.company),
                    "accepts": world.tastes.accepts(approach),
                    "replies": world.tastes.replies(approach),
                }
            )
        return {
            "items": items,
            "accepts": fmean(item["accepts"] for item in items) if items else None,
            "replies": fmean(item["replies"] for item in items) if items else None,
        }

    def _meant(self, body: Body) -> list[Person]:
        """Who is named, or everybody who chooses."""
        named = body.get("people")
        if named is None:
            return [person for person in self._world.people if person.kind.chooses]
        if not isinstance(named, list) or not all(isinstance(name, str) for name in named):
            raise invalid("/people: Expected array of strings")
        found = [self._world.people.known(name) for name in named]
        if None in found:
            raise not_found("User")
        return [person for person in found if person is not None]
