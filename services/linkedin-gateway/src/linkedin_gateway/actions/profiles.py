"""What is known of people: read at LinkedIn when it must be, within the account's budget."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from servicekit.clock import Clock
from servicekit.telemetry.logs import get_logger

from linkedin_gateway.accounts.cool_downs import THROTTLED, CoolDowns
from linkedin_gateway.actions.profile_repository import ProfileRepository
from linkedin_gateway.actions.suppressed_person_repository import SuppressedPersonRepository
from linkedin_gateway.errors import ActionFailed, ActionMustWait
from linkedin_gateway.kinds.targets import FRESH_FOR, profile_seen, words_seen
from linkedin_gateway.ledger.metered_reads import MeteredReads
from linkedin_gateway.models import Account, Kind, Person, Product, Profile, ProfileWords
from linkedin_gateway.people.resolver import PersonResolver
from linkedin_gateway.unipile import PostSeen, ProfileSeen, Unipile, UnipileError
from linkedin_gateway.unipile.error_table import ErrorClass

_NOBODY = frozenset(
    {
        ErrorClass.NOT_FOUND,
        ErrorClass.LEAD_FAILED,
        ErrorClass.STEP_FAILED,
        ErrorClass.MALFORMED,
    }
)
"""Classes of an answer by which nobody can be found by an id, however often it is asked."""

NAME_EVERY = timedelta(minutes=15)
"""How often an organization looks up a suppressed name for which nobody waits: out of the same
budget as its leads, so a few of what an account may read."""

log = get_logger(__name__)


class Profiles:
    def __init__(
        self,
        repository: ProfileRepository,
        suppressed: SuppressedPersonRepository,
        unipile: Unipile,
        reads: MeteredReads,
        resolver: PersonResolver,
        cool_downs: CoolDowns,
        clock: Clock,
    ) -> None:
        self._repository = repository
        self._suppressed = suppressed
        self._unipile = unipile
        self._reads = reads
        self._resolver = resolver
        self._cool_downs = cool_downs
        self._clock = clock

    async def known(self, account: Account, person: Person) -> tuple[Profile, ProfileWords]:
        """What is known, read again when it is older than a day or does not open."""
        profile = await self._repository.read(account.account_id, person.person_id)
        fresh_since = self._clock.now() - FRESH_FOR
        if profile is not None and profile.read_at is not None and profile.read_at > fresh_since:
            words = await self._repository.words(account, person.person_id)
            if words is not None:
                return profile, words
        seen, person = await self._read(account, person)
        profile = await self._repository.read(account.account_id, person.person_id)
        return profile or Profile(person_id=person.person_id), words_seen(seen)

    async def look_up(self, account: Account, person: Person) -> ProfileSeen:
        """Read a profile without being seen, and keep what it says and whose it is.

        Raises `ActionMustWait` when the account's budget of reads is used up, `ActionFailed`
        when it is somebody else's than is known of the person, and `UnipileError` when there
        is no answer that can be used.
        """
        seen, _ = await self._read(account, person)
        return seen

    async def _read(self, account: Account, person: Person) -> tuple[ProfileSeen, Person]:
        """A profile, and who its owner turned out to be."""
        name = await self._name(account, person)
        async with self._reads.reserved(account, Kind.LOOKUP, person):
            seen = await self._unipile.people.profile(
                account.unipile_account_id, name, visit=False, kind=Kind.LOOKUP
            )
        person = await self._resolver.resolve(account, person, seen)
        now = self._clock.now()
        profile = profile_seen(person.person_id, seen, read_at=now)
        await self._repository.remember(account, profile, read_at=now)
        await self._repository.keep_words(
            account, person.person_id, seen.provider_id, words_seen(seen)
        )
        if seen.connected:
            await self._repository.remember_connected(account, person.person_id, at=now)
        await self._rest_if_throttled(account, seen)
        return seen, person

    async def product_id(self, account: Account, person: Person, product: Product) -> str:
        """The id of a person in a product beside the classic one, read unless it was before.

        It is one more thing that they are called by; what else is known of them stays. Raises
        what `look_up` raises.
        """
        # What was read a moment ago may have shown that they are somebody who is known already.
        person = await self._resolver.identify(
            account.organization_id, account.account_id, person.identifier
        )
        known = await self._resolver.provider_id(account, person, product)
        if known:
            return known
        name = await self._name(account, person)
        async with self._reads.reserved(account, Kind.LOOKUP, person):
            seen = await self._unipile.people.profile_in(account.unipile_account_id, name, product)
        await self._resolver.resolve(account, person, seen)
        await self._rest_if_throttled(account, seen)
        return seen.provider_id

    async def read_suppressed(self, account: Account) -> bool:
        """Look up somebody whom a suppression names and no profile has shown.

        False if others do so, or there is nobody. Whatever they are called by counts as suppressed
        from then on. Raises what `look_up` raises, but where nobody is to be found by it.
        """
        organization_id = account.organization_id
        identifier = await self._suppressed.take_first(organization_id, now=self._clock.now())
        if identifier is None:
            return False
        try:
            await self._read_suppressed(account, identifier)
        except BaseException:
            await self._suppressed.give_back(organization_id, identifier)
            raise
        return True

    async def read_suppressed_due(self) -> None:
        """Look up one of the names that nobody waits for, of each organization that has any."""
        due = await self._suppressed.take_later(now=self._clock.now(), every=NAME_EVERY)
        for account, identifier in due:
            try:
                await self._read_suppressed(account, identifier)
            except ActionMustWait:
                # Leads need the budget of reads.
                continue
            except UnipileError as error:
                log.warning(
                    "suppressed_name_not_read", account_id=account.account_id, error=str(error)
                )

    async def _read_suppressed(self, account: Account, identifier: str) -> None:
        organization_id = account.organization_id
        person = await self._resolver.identify(organization_id, account.account_id, identifier)
        person_id = ""
        try:
            _, found = await self._read(account, person)
            person_id = found.person_id
        except UnipileError as error:
            if error.error_class not in _NOBODY:
                raise
        except ActionFailed:
            log.info("suppressed_id_of_somebody_else", account_id=account.account_id)
        await self._suppressed.looked_up(
            organization_id, identifier, person_id, now=self._clock.now()
        )

    async def _name(self, account: Account, person: Person) -> str:
        """What to ask the provider for a person by."""
        known = await self._repository.read(account.account_id, person.person_id)
        provider_id = known.provider_id if known is not None else ""
        return provider_id or await self._resolver.name(account, person)

    async def _rest_if_throttled(self, account: Account, seen: ProfileSeen) -> None:
        """What was asked for is there; what LinkedIn left out says that it is enough."""
        if seen.throttled:
            await self._cool_downs.refused(account, Kind.LOOKUP, cause=THROTTLED)

    async def posts(self, account: Account, person: Person) -> tuple[str, Sequence[PostSeen]]:
        """A person's id and newest posts.

        Raises `ActionMustWait` when the account's budget of reads is used up, and
        `UnipileError` when there is no answer that can be used.
        """
        profile = await self._repository.read(account.account_id, person.person_id)
        provider_id = profile.provider_id if profile is not None else ""
        if not provider_id:
            provider_id = (await self.look_up(account, person)).provider_id
        async with self._reads.reserved(account, Kind.POST_LIST, person):
            posts = await self._unipile.posts.of(account.unipile_account_id, provider_id)
        return provider_id, posts
