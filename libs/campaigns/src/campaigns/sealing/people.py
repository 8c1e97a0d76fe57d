"""What is known of a person, in a row: one sealed value, and by what the row is found.

Where values are sealed, `person` has all of it, `public_identifier` the keyed hash of the address,
`company` that of the company's name without case and legal form, `variables` the names alone, and
the other columns are empty. Where they are not yet, `person` is null and the columns have it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import fields, replace
from typing import Any, NamedTuple

from pydantic_core import from_json, to_json
from servicekit.lists.expressions import Expression, Restriction, changed
from servicekit.lists.fields import ANYTHING
from servicekit.postgres.columns import Row
from servicekit.sealing.data_keys import Database, wrapped_key
from servicekit.sealing.seal import DataKey, Seal, SealedColumn, ValueUnreadable
from servicekit.sealing.sealed_values import keys_for

from campaigns.errors import PersonUnreadable
from campaigns.leads.profile_address import ProfileAddressInvalid, public_identifier
from campaigns.models import Person

LEAD = SealedColumn("campaign", "leads", "person")
LIST_ENTRY = SealedColumn("campaign", "lead_list_entries", "person")
PERSON, COMPANY, EMAIL = "person", "company", "email"
"""What is hashed."""
_NAMES = [field.name for field in fields(Person)]
_PUNCTUATION = re.compile(r"[\W_]+")
_LEGAL_FORM = re.compile(
    r"( (ab|ag|as|bv|co|corp|corporation|gmbh|inc|incorporated|kg|lda|limited|llc|llp|ltd|"
    r"ltda|nv|oy|plc|pty|sa|sarl|sas|se|sl|spa|srl|ug|und))+ ?$"
)


def company_key(company: str) -> str:
    """Without case, punctuation and legal form, as the schema's `company_key`.

    That knows letters beyond ASCII where the database's locale does, and this one always.
    """
    return _LEGAL_FORM.sub("", _PUNCTUATION.sub(" ", company.lower())).strip(" ")


def email_key(email: str) -> str:
    """An e-mail address in one spelling; empty if it is none."""
    local, at, domain = email.strip().rpartition("@")
    spelled = domain.strip().strip(".").lower()
    with suppress(UnicodeError):
        spelled = spelled.encode("idna").decode()
    if not (local and at and spelled) or any(each.isspace() for each in local + spelled):
        return ""
    return f"{unicodedata.normalize('NFC', local).casefold()}@{spelled}"


def person_named(asked: str) -> str | None:
    """Whom somebody means by an address in whatever spelling, a name or an id; None if nobody."""
    plain = asked.strip().removeprefix("@")
    for address in (plain, f"https://www.linkedin.com/in/{plain}"):
        with suppress(ProfileAddressInvalid):
            return public_identifier(address)
    return None


class UnreadablePerson(Person):
    """A person of whom nothing opens: whoever asks for anything is told so.

    Everything raises `PersonUnreadable`, so that nobody is written to with blanks.
    """

    why: str
    """Where it stands, and what is wrong."""

    def __init__(self, why: str) -> None:
        object.__setattr__(self, "why", why)

    def __getattribute__(self, name: str) -> Any:
        if name in Person.__dataclass_fields__:
            raise PersonUnreadable(object.__getattribute__(self, "why"))
        return object.__getattribute__(self, name)


def shown(person: Person) -> Person:
    """The person as lists show them: blank where nothing of them opens."""
    return Person(public_identifier="") if isinstance(person, UnreadablePerson) else person


class PersonKey(NamedTuple):
    """By what somebody is found, and by what is sealed what is known of them."""

    subject: str
    key: DataKey


class PeopleSeal:
    """Seals people in the rows of one table, and opens them there."""

    def __init__(self, seal: Seal, table: str) -> None:
        self._seal = seal
        self._place = replace(LEAD, table=table)

    # --- By what rows are found ---------------------------------------------------

    def hashed(self, organization_id: str, identifier: str) -> str:
        """By what a person is found, and whose data keys are."""
        return self._seal.hashed(organization_id, PERSON, identifier)

    def spelled(self, organization_id: str, identifier: str) -> str:
        """As a row that is written now names a person."""
        return self.hashed(organization_id, identifier) if self._seal.on else identifier

    def spellings(self, organization_id: str, identifiers: Iterable[str]) -> dict[str, str]:
        """As rows may name these people, and whom each spelling means."""
        return {
            spelling: each
            for each in identifiers
            for spelling in (each, self.hashed(organization_id, each))
        }

    def companies(self, organization_id: str, company: str) -> list[str]:
        """As rows may name a company; none for what is nobody's name."""
        key = company_key(company)
        return [key, self._seal.hashed(organization_id, COMPANY, key)] if key else []

    def email_hashed(self, organization_id: str, email: str) -> str:
        """By what leads are found that have this e-mail address; empty if it is none."""
        return self._seal.hashed(organization_id, EMAIL, email_key(email))

    def filtered(self, organization_id: str, expression: Expression) -> Expression:
        """A filter of a list, by what its rows have."""

        def spelled(asked: Restriction) -> Restriction:
            if asked.field != "public_identifier" or asked.value == ANYTHING:
                return asked
            return asked.with_value(self.spelled(organization_id, _as_listed(asked.value)))

        return changed(expression, spelled)

    # --- Rows ---------------------------------------------------------------------

    async def keys(
        self, database: Database, organization_id: str, people: Sequence[Person]
    ) -> Mapping[str, PersonKey]:
        """The data keys of these people by their identifier; none where nothing is sealed.

        Whose key is lost is given another one.
        """
        if not self._seal.on:
            return {}
        identifiers = {each.public_identifier for each in people}
        hashes = {self.hashed(organization_id, each): each for each in identifiers}
        found = await keys_for(database, self._seal, organization_id, hashes)
        return {
            identifier: PersonKey(subject, found[subject]) for subject, identifier in hashes.items()
        }

    def written(
        self,
        organization_id: str,
        people: Sequence[tuple[str, Person]],
        keys: Mapping[str, PersonKey],
    ) -> list[dict[str, Any]]:
        """The columns that rows have of people, given with the id of the row each.

        Without keys in clear.
        """
        if not keys:
            return [{**_in_clear(person), "person": None} for _, person in people]
        of = [keys[person.public_identifier] for _, person in people]
        sealed = self._seal.seal_all(
            self._place,
            organization_id,
            [
                (by.key, row, to_json(_said(person)))
                for by, (row, person) in zip(of, people, strict=True)
            ],
        )
        # Of a list many are of one company.
        companies = {
            company: self._seal.hashed(organization_id, COMPANY, company_key(company))
            for company in {person.company for _, person in people}
        }
        return [
            {
                **_EMPTY,
                "public_identifier": by.subject,
                "company": companies[person.company],
                "variables": dict.fromkeys(person.variables, ""),
                "person": value,
            }
            for by, (_, person), value in zip(of, people, sealed, strict=True)
        ]

    def read(self, row: Row, row_id: str) -> Person:
        """The person of a row; one whose details do not open says so to whoever asks for them."""
        sealed = row["person"]
        if sealed is None:
            return _person({name: row[name] for name in _NAMES})
        try:
            value = self._seal.open(
                self._place, row["organization_id"], row_id, sealed, row["person_key"]
            )
        except ValueUnreadable as unreadable:
            return UnreadablePerson(str(unreadable))
        return _person(from_json(value))


def person_columns(table: str) -> str:
    """What `PeopleSeal.read` reads beside the columns of a person."""
    return f"organization_id, person, {wrapped_key(table, 'person')} AS person_key"


def _in_clear(person: Person) -> dict[str, Any]:
    values = {name: getattr(person, name) for name in _NAMES}
    return {**values, "variables": dict(person.variables), "literal": list(person.literal)}


def _said(person: Person) -> dict[str, Any]:
    """What there is of a person, as JSON has it."""
    said = {name: value for name, value in vars(person).items() if value}
    if person.variables:
        said["variables"] = dict(person.variables)
    return said


def _person(said: Mapping[str, Any]) -> Person:
    return Person(**{**said, "literal": tuple(said.get("literal", ()))})


_EMPTY = _in_clear(Person(public_identifier=""))


def _as_listed(asked: str) -> str:
    """Whom somebody means by an address or a name, as lists have them; else what was written."""
    return person_named(asked) or asked
