"""Who is meant: a person of the organization, whatever they are called by."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from servicekit.clock import Clock
from servicekit.ttl_cache import TtlCache

from linkedin_gateway.models import Account, ActionRequest, Person, Product
from linkedin_gateway.people.aliases import Alias, alias_of, shown
from linkedin_gateway.people.people_repository import PeopleRepository
from linkedin_gateway.people.shown_repository import Shown

if TYPE_CHECKING:
    from linkedin_gateway.unipile import ProfileSeen

_KNOWN_FOR = timedelta(minutes=10)
"""How long an answer is good, real time: who has become another is found out by the ledger."""


class PersonResolver:
    def __init__(self, repository: PeopleRepository, clock: Clock) -> None:
        self._repository = repository
        self._clock = clock
        self._known: TtlCache[tuple[str, Alias], str] = TtlCache(_KNOWN_FOR, most=100_000)

    async def identify(self, organization_id: str, account_id: str, identifier: str) -> Person:
        """Who is called so by somebody who asks of this account."""
        alias = alias_of(identifier, account_id)
        key = (organization_id, alias)
        person_id = self._known.get(key)
        if person_id is None:
            now = self._clock.now()
            person_id = await self._repository.identify(organization_id, alias, now=now)
            self._known.put(key, person_id)
        return Person(person_id=person_id, identifier=identifier)

    async def identified(self, request: ActionRequest) -> ActionRequest:
        """The same request, with the person whom it is for."""
        person = await self.identify(
            request.organization_id, request.account_id, request.identifier
        )
        if person.person_id == request.person_id:
            return request
        return replace(request, person_id=person.person_id)

    def merged(self, request: ActionRequest, *, into: str) -> ActionRequest:
        """The same request, for whom its person turned out to be."""
        alias = alias_of(request.identifier, request.account_id)
        self._known.put((request.organization_id, alias), into)
        return replace(request, person_id=into)

    async def name(self, account: Account, person: Person) -> str:
        """What to ask the provider for, if the account knows the person by no id of its own."""
        return await self._repository.name(account.organization_id, person.person_id) or (
            person.identifier
        )

    async def provider_id(self, account: Account, person: Person, product: Product) -> str:
        """The id of a person that an account was shown in a product; empty if it was not."""
        return await self._repository.provider_id(
            account.organization_id, person.person_id, account.account_id, product
        )

    async def resolve(self, account: Account, person: Person, seen: ProfileSeen) -> Person:
        """Learn from a profile that an account was shown who a person is.

        Raises `ActionFailed` when it is the profile of somebody else.
        """
        person_id = await self._repository.resolve(
            account.organization_id,
            person.person_id,
            Shown(
                aliases=shown(
                    account.account_id,
                    provider_id=seen.provider_id,
                    public_identifier=seen.public_identifier,
                    urn=seen.member_urn,
                ),
                public_identifier=seen.public_identifier,
            ),
            now=self._clock.now(),
        )
        if person_id != person.person_id:
            alias = alias_of(person.identifier, account.account_id)
            self._known.put((account.organization_id, alias), person_id)
        return replace(person, person_id=person_id)
