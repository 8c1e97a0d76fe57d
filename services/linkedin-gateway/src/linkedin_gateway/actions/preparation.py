"""What has to be read before an action can go: the person, the post, the credit."""

from __future__ import annotations

from servicekit.clock import Clock

from linkedin_gateway.actions.posts import choose
from linkedin_gateway.actions.profile_repository import ProfileRepository
from linkedin_gateway.actions.profiles import Profiles
from linkedin_gateway.errors import action_failed
from linkedin_gateway.ledger.ledger import Ledger, Prepare
from linkedin_gateway.ledger.metered_reads import Reads
from linkedin_gateway.models import Account, ActionRequest, Kind, Profile, Target, Tier
from linkedin_gateway.pace.targets import fresh
from linkedin_gateway.unipile import InvitationSeen, PostSeen, Unipile


class Preparation:
    def __init__(
        self,
        unipile: Unipile,
        ledger: Ledger,
        profiles: Profiles,
        repository: ProfileRepository,
        reads: Reads,
        clock: Clock,
    ) -> None:
        self._unipile = unipile
        self._ledger = ledger
        self._profiles = profiles
        self._repository = repository
        self._reads = reads
        self._clock = clock

    async def prepare(self, request: ActionRequest, prepare: Prepare) -> Target:
        """Read what is missing.

        Raises `ActionFailed` when the action turns out to be impossible, `ActionMustWait`
        when the account may not read now, and `UnipileError`.
        """
        account = prepare.account
        match request.kind:
            case Kind.WITHDRAWAL:
                return await self._invitation(request, account, prepare.profile)
            case Kind.REACTION | Kind.COMMENT:
                return await self._post(request, account, prepare.profile)
            case Kind.INMAIL:
                return await self._inmail(request, account, prepare.profile)
            case _:
                seen = await self._profiles.look_up(account, request.person)
                return Target(provider_id=seen.provider_id, connected=seen.connected)

    async def posts(self, account: Account, person: str) -> tuple[str, list[PostSeen]]:
        """A person's id and newest posts."""
        profile = await self._repository.read(account.account_id, person)
        provider_id = await self._provider_id(account, person, profile)
        async with self._reads.reserved(account, Kind.POST_LIST, person):
            posts = await self._unipile.posts.of(account.unipile_account_id, provider_id)
        return provider_id, list(posts)

    async def _provider_id(self, account: Account, person: str, profile: Profile | None) -> str:
        if profile is not None and profile.provider_id:
            return profile.provider_id
        return (await self._profiles.look_up(account, person)).provider_id

    async def _post(
        self, request: ActionRequest, account: Account, _profile: Profile | None
    ) -> Target:
        provider_id, posts = await self.posts(account, request.person)
        used = await self._ledger.used_posts(account.account_id, request.person, request.kind)
        post = choose(
            posts,
            request.kind,
            within=request.recent_within,
            used=used,
            wanted=request.post_id,
            now=self._clock.now(),
        )
        if isinstance(post, str):
            raise action_failed(post)
        return Target(provider_id=provider_id, post_id=post.post_id, post_ref=post.post_ref)

    async def _inmail(
        self, request: ActionRequest, account: Account, profile: Profile | None
    ) -> Target:
        if profile is None or not profile.provider_id or not fresh(profile, self._clock.now()):
            seen = await self._profiles.look_up(account, request.person)
            provider_id, free = seen.provider_id, seen.connected or seen.open_profile
        else:
            provider_id, free = profile.provider_id, profile.connected or profile.open_profile
        if not free and account.tier is not Tier.FREE:
            balance = await self._unipile.accounts.inmail_balance(account.unipile_account_id)
            left = [balance.get(product) for product in _PRODUCTS]
            if not any(isinstance(credit, int | float) and credit > 0 for credit in left):
                raise action_failed("INMAIL_CREDITS_EXHAUSTED")
        return Target(provider_id=provider_id)

    async def _invitation(
        self, request: ActionRequest, account: Account, profile: Profile | None
    ) -> Target:
        """The invitation to withdraw; without an id there is none."""
        provider_id = profile.provider_id if profile is not None else ""
        async for invitation in self._unipile.invitations.pending(account.unipile_account_id):
            if _is_to(invitation, request.person, provider_id):
                return Target(
                    provider_id=provider_id or invitation.provider_id,
                    invitation_id=invitation.invitation_id,
                )
        return Target(provider_id=provider_id)


_PRODUCTS = ("premium", "sales_navigator", "recruiter")


def _is_to(invitation: InvitationSeen, person: str, provider_id: str) -> bool:
    if provider_id:
        return invitation.provider_id == provider_id
    return invitation.public_identifier.lower() == person


def read_of(kind: Kind) -> Kind:
    """Which read an action's preparation makes that can be refused."""
    return Kind.POST_LIST if kind in {Kind.REACTION, Kind.COMMENT} else Kind.LOOKUP
