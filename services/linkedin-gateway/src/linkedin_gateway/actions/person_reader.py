"""What callers may read of people: a profile, and posts to write about."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from servicekit.clock import Clock

from linkedin_gateway.actions.failures import FailureHandling
from linkedin_gateway.actions.profiles import Profiles
from linkedin_gateway.actions.results import Attempt, raise_result
from linkedin_gateway.kinds.posts import recent
from linkedin_gateway.models import Account, Kind, Person, Profile, ProfileWords, Target
from linkedin_gateway.people.resolver import PersonResolver
from linkedin_gateway.unipile import PostSeen, UnipileError


class PersonReader:
    def __init__(
        self,
        profiles: Profiles,
        failure_handling: FailureHandling,
        resolver: PersonResolver,
        clock: Clock,
    ) -> None:
        self._profiles = profiles
        self._failure_handling = failure_handling
        self._resolver = resolver
        self._clock = clock

    async def profile(self, account: Account, identifier: str) -> tuple[Profile, ProfileWords]:
        """What is known of a person, read anew once a day at most."""
        person = await self._identify(account, identifier)
        try:
            return await self._profiles.known(account, person)
        except UnipileError as error:
            await self._refused(error, account, person, Kind.LOOKUP)
            raise

    async def posts(
        self, account: Account, identifier: str, *, within: timedelta
    ) -> Sequence[PostSeen]:
        """A person's own posts of late, newest first."""
        person = await self._identify(account, identifier)
        try:
            _, posts = await self._profiles.posts(account, person)
        except UnipileError as error:
            await self._refused(error, account, person, Kind.POST_LIST)
            raise
        return recent(posts, within=within, now=self._clock.now())

    async def _identify(self, account: Account, identifier: str) -> Person:
        return await self._resolver.identify(
            account.organization_id, account.account_id, identifier
        )

    async def _refused(
        self, error: UnipileError, account: Account, person: Person, kind: Kind
    ) -> None:
        """Tell the caller as PerformAction would."""
        attempt = Attempt(
            action_id=f"read/{account.account_id}/{person.person_id}",
            person=person,
            kind=kind,
            target=Target(),
        )
        ended = await self._failure_handling.of(error, attempt, account, failing=kind)
        raise_result(ended, now=self._clock.now())
