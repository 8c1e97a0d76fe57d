"""Who is on the simulated LinkedIn."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import unquote

from unipile_simulator.config import Config
from unipile_simulator.dice import Dice
from unipile_simulator.people.ids import (
    Product,
    encode,
    looks_like_provider_id,
    member_of,
    product_of,
)
from unipile_simulator.people.names import COMPANIES, FIRST_NAMES, LAST_NAMES, LOCATIONS, POSITIONS
from unipile_simulator.people.temperament import TEMPERAMENTS, WEIGHTS, Temperament, check
from unipile_simulator.store import Store

_PLAUSIBLE = re.compile(r"[^\s/?#<>\"]{2,150}")
_HASH = re.compile(r"(?=.*\d)[\w]{5,}|\d+")
_MEMBER_BITS = 32
_FOREIGN_IDS = ("refused", "read", "act")


@dataclass(kw_only=True)
class Person:
    """A member; what is not here follows from the seed."""

    public_id: str
    """The name they were first known by here: it stays, and everything is kept under it."""
    member_id: int
    first_name: str
    last_name: str
    position: str
    company: str
    location: str
    temperament: str
    headline: str | None = None
    email: str | None = None
    seen_in: str = "invented"
    """list | invented | found | control | account | friend"""
    names: list[str] = field(default_factory=list)
    """Public identifiers they took later, the present one last; all of them resolve."""

    @property
    def kind(self) -> Temperament:
        """What they are like."""
        return TEMPERAMENTS[self.temperament]

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def public_identifier(self) -> str:
        """Their present public identifier."""
        return self.names[-1] if self.names else self.public_id

    @property
    def title(self) -> str:
        """The line under the name."""
        return self.headline or f"{self.position} at {self.company}"

    @property
    def url(self) -> str:
        """Their public page."""
        return f"https://www.linkedin.com/in/{self.public_identifier}"


def public_identifier(text: str) -> str:
    """The last path part of a profile URL, or the identifier itself, decoded and lower-cased.

    A provider id keeps its letters.
    """
    text = unquote(text.strip())
    _, found, rest = text.partition("/in/")
    part = (rest if found else text).split("?")[0].split("#")[0].strip("/")
    name = part.split("/")[0]
    return name if looks_like_provider_id(name) else name.lower()


class People:
    """Everybody, by every name they ever had, by member number, and by provider id."""

    def __init__(self, config: Config, dice: Dice, store: Store) -> None:
        self._config = config
        self._foreign_ids = config.knobs.foreign_provider_ids
        if self._foreign_ids not in _FOREIGN_IDS:
            raise ValueError(f"foreign_provider_ids is none of {', '.join(_FOREIGN_IDS)}")
        self._dice = dice
        self._store = store
        self._by_public_id: dict[str, Person] = {}
        self._by_name: dict[str, Person] = {}
        self._by_member_id: dict[int, Person] = {}
        self._viewers: dict[str, str] = {}
        self._provider_ids: dict[tuple[str, int, Product], str] = {}
        self._acquainted: dict[str, Person] = {}
        self._first_names = {new: old for old, new in config.renames.items()}
        for kept in store.documents("person"):
            self._index(Person(**kept))

    def __iter__(self) -> Iterator[Person]:
        return iter(self._by_public_id.values())

    def __len__(self) -> int:
        return len(self._by_public_id)

    def add(self, public_id: str, *, seen_in: str, **given: str | None) -> Person:
        """A person with what is known of them; the rest is drawn from the seed."""
        public_id = self._first_names.get(public_id, public_id)
        known = self._by_name.get(public_id)
        facts = {name: value.strip() for name, value in given.items() if value and value.strip()}
        if known is None:
            person = self._draw(public_id, seen_in, facts)
        else:
            person = known
            for name, value in facts.items():
                setattr(person, name, value)
        check(person.temperament)
        self._index(person)
        self._store.put("person", person.public_id, person)
        return person

    def rename(self, person: Person, name: str) -> None:
        """Give somebody another public identifier; the ones they had keep resolving.

        Raises:
            ValueError: somebody else has it, or it is none.
        """
        name = public_identifier(name)
        if not _PLAUSIBLE.fullmatch(name) or looks_like_provider_id(name):
            raise ValueError(f"not a public identifier: {name!r}")
        if self._by_name.get(name, person) is not person:
            raise ValueError(f"somebody else is called {name!r}")
        person.names = [*(had for had in person.names if had != name), name]
        self._index(person)
        self._store.put("person", person.public_id, person)

    def assigned_name(self, person: Person) -> str:
        """The public identifier LinkedIn gave them on joining: `ada-quill-1a2b3c4d`."""
        words = re.sub(r"[^\w]+", "-", person.name.lower()).strip("-")
        return f"{words}-{self._dice.number(1 << 32, 'assigned', person.public_id):08x}"

    def find(self, public_id: str) -> Person | None:
        """Whoever has, or had, this public identifier; invents them if the world may."""
        wanted = public_identifier(public_id)
        person = self.known(wanted)
        if person is None and looks_like_provider_id(wanted):
            return None
        if person is None and self._config.invent_people and _PLAUSIBLE.fullmatch(wanted):
            return self.add(wanted, seen_in="invented")
        return person

    def known(self, public_id: str) -> Person | None:
        """Whoever has, or had, this name, or was given this id; nobody is invented."""
        wanted = public_identifier(public_id)
        if looks_like_provider_id(wanted):
            member_id = member_of(wanted)
            return None if member_id is None else self._by_member_id.get(member_id)
        return self._by_name.get(wanted)

    def must(self, public_id: str) -> Person:
        """Somebody who was here before; people never go."""
        return self._by_public_id[public_id]

    def see_alike(self, account_id: str, other: str) -> None:
        """Show an account the ids that another one of the same member is shown."""
        self._viewers[account_id] = self.viewer_of(other)

    def viewer_of(self, account_id: str) -> str:
        """The first account of the member whose account it is."""
        return self._viewers.get(account_id, account_id)

    def provider_id(
        self, person: Person, account_id: str, product: Product = Product.CLASSIC
    ) -> str:
        """The id by which an account knows a person in a product; another account has another."""
        viewer = self.viewer_of(account_id)
        key = (viewer, person.member_id, product)
        provider_id = self._provider_ids.get(key)
        if provider_id is None:
            provider_id = encode(self._dice, person.member_id, viewer, product)
            self._provider_ids[key] = provider_id
        return provider_id

    def by_provider_id(self, provider_id: str, account_id: str) -> Person | None:
        """Whoever this account can act on by this id, of whichever product."""
        person, product = self._behind(provider_id), product_of(provider_id)
        if person is None or product is None or self._foreign_ids == "act":
            return person
        return person if self.provider_id(person, account_id, product) == provider_id else None

    def shown_by(self, provider_id: str, account_id: str) -> Person | None:
        """Whose profile this account sees under this id, whoever was given it."""
        if self._foreign_ids == "refused":
            return self.by_provider_id(provider_id, account_id)
        return self._behind(provider_id)

    def _behind(self, provider_id: str) -> Person | None:
        member_id = member_of(provider_id)
        return None if member_id is None else self._by_member_id.get(member_id)

    def by_member_id(self, member_id: int) -> Person | None:
        """Whoever has this member number."""
        return self._by_member_id.get(member_id)

    def picture(self, person: Person, size: int = 100) -> str | None:
        """The address of their picture; every fifth has none."""
        if self._dice.chance(0.2, "no picture", person.public_id):
            return None
        name = self._dice.token("picture", person.public_id)
        return f"https://media.licdn.com/dms/image/v2/{name}/profile-displayphoto_{size}_{size}"

    def acquainted(self) -> list[Person]:
        """People on the lists whom an account knows before it ever looks at them."""
        return list(self._acquainted.values())

    def search(self, keywords: str) -> list[Person]:
        """People whose name or headline has every word, those made up by a search aside."""
        words = keywords.lower().split()
        return [
            person
            for person in self._by_public_id.values()
            if person.seen_in != "found"
            and person.temperament != "not_found"
            and all(word in f"{person.name} {person.title}".lower() for word in words)
        ]

    def _index(self, person: Person) -> None:
        self._by_public_id[person.public_id] = person
        for name in (person.public_id, *person.names):
            self._by_name[name] = person
        self._by_name.setdefault(self.assigned_name(person), person)
        self._by_member_id[person.member_id] = person
        if person.seen_in in {"list", "control"} and person.kind.at_first != "stranger":
            self._acquainted[person.public_id] = person
        else:
            self._acquainted.pop(person.public_id, None)

    def _draw(self, public_id: str, seen_in: str, facts: dict[str, str]) -> Person:
        pick = self._dice.pick
        first, last = names_from(public_id)
        return Person(
            public_id=public_id,
            member_id=self._member_id(public_id),
            first_name=facts.get("first_name") or first or pick(FIRST_NAMES, "first", public_id),
            last_name=facts.get("last_name") or last or pick(LAST_NAMES, "last", public_id),
            position=facts.get("position") or pick(POSITIONS, "position", public_id),
            company=facts.get("company") or pick(COMPANIES, "company", public_id),
            location=facts.get("location") or pick(LOCATIONS, "location", public_id),
            temperament=facts.get("temperament") or self._temper(public_id),
            headline=facts.get("headline"),
            email=facts.get("email"),
            seen_in=seen_in,
            names=[name] if (name := self._config.renames.get(public_id)) else [],
        )

    def _temper(self, public_id: str) -> str:
        return self._config.default_temperament or self._dice.weighted(
            WEIGHTS, "temperament", public_id
        )

    def _member_id(self, public_id: str) -> int:
        member_id = self._dice.number(1 << _MEMBER_BITS, "member", public_id)
        while member_id in self._by_member_id:
            member_id = (member_id + 1) % (1 << _MEMBER_BITS)
        return member_id


def names_from(public_id: str) -> tuple[str, str]:
    """First and last name as far as a public identifier shows them: `jane-doe-12ab34`."""
    words = [word for word in public_id.split("-") if word]
    if len(words) > 1 and _HASH.fullmatch(words[-1]):
        words.pop()
    first = words[0].title() if words else ""
    return first, " ".join(word.title() for word in words[1:])
