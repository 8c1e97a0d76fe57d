"""Is the ledger true? Compared with the provider's own list of pending invitations.

Two things may be found. An invitation that the ledger does not know was sent by somebody
else, or twice: that must never be ours. Of one that the ledger expects and that is not
listed the person's profile shows what became of it: who declined has answered, which is no
discrepancy; what was taken back by hand, or removed by LinkedIn, is. Either way the ledger
learns it, so that it counts once.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from enum import StrEnum
from typing import assert_never

from servicekit.clock import Clock
from servicekit.telemetry.logs import get_logger

from linkedin_gateway.actions.failures import FailureHandling
from linkedin_gateway.actions.profiles import Profiles
from linkedin_gateway.actions.results import Attempt
from linkedin_gateway.errors import ActionFailed, ActionMustWait
from linkedin_gateway.inbound.invitation_audit_repository import InvitationAuditRepository, Invitee
from linkedin_gateway.models import Account, Kind, Person, SentInvitation, Target, person_key
from linkedin_gateway.pace.eligibility import LAPSES_AFTER
from linkedin_gateway.unipile import InvitationSeen, ProfileSeen, UnipileError
from linkedin_gateway.unipile.error_table import ErrorClass

_SETTLED = timedelta(hours=1)
"""How old an invitation is before its absence from the list means anything."""
_DATED_BY_DAY = timedelta(days=1)
"""The provider gives the age of an invitation in days at best."""
_PROFILES_READ = 10
"""In one audit: they come out of the budget that leads need too."""

log = get_logger(__name__)


class Discrepancy(StrEnum):
    """In which way the ledger and the list disagree."""

    UNKNOWN_INVITATION = "unknown_invitation"
    """Pending at the provider; the ledger has no such action."""
    MISSING_INVITATION = "missing_invitation"
    """Pending by the ledger; at the provider neither pending, accepted nor declined."""


class InvitationStatus(StrEnum):
    """What became of an invitation that is not listed."""

    OPEN = "open"
    """Pending or accepted after all, the lists being a little behind each other; or not known."""
    DECLINED = "declined"
    GONE = "gone"
    """Taken back past the gateway, lapsed, or removed by LinkedIn."""

    @property
    def ended(self) -> bool:
        """It is in no list any more: the ledger stops expecting it."""
        match self:
            case InvitationStatus.OPEN:
                return False
            case InvitationStatus.DECLINED | InvitationStatus.GONE:
                return True
            case _:
                assert_never(self)

    @property
    def missing(self) -> bool:
        """It should be in the list and is not, with nothing that explains it."""
        match self:
            case InvitationStatus.GONE:
                return True
            case InvitationStatus.OPEN | InvitationStatus.DECLINED:
                return False
            case _:
                assert_never(self)


class InvitationAudit:
    def __init__(
        self,
        repository: InvitationAuditRepository,
        profiles: Profiles,
        failure_handling: FailureHandling,
        clock: Clock,
    ) -> None:
        self._repository = repository
        self._profiles = profiles
        self._failure_handling = failure_handling
        self._clock = clock

    async def expected(self, account: Account) -> Sequence[Invitee]:
        """Whose invitations should be listed. To be asked before the list is read."""
        now = self._clock.now()
        return await self._repository.expected(
            account.account_id, sent_before=now - _SETTLED, at_most=LAPSES_AFTER
        )

    async def compare(
        self, account: Account, expected: Sequence[Invitee], listed: Sequence[InvitationSeen]
    ) -> dict[str, int]:
        """How far the ledger is from the whole list; kept until the next audit."""
        unknown = self._unknown(account, listed, await self._repository.invited(account.account_id))
        statuses = await self._statuses(account, await self._unlisted(account, expected, listed))
        now = self._clock.now()
        ended = [each for each, status in statuses.items() if status.ended]
        missing = [each for each, status in statuses.items() if status.missing]
        if ended:
            await self._repository.gone(account.account_id, ended, at=now)
        found = {
            each.value: _counted(each, unknown=len(unknown), missing=len(missing))
            for each in Discrepancy
        }
        await self._repository.keep(account.account_id, found, at=now)
        if any(found.values()):
            log.warning("ledger_discrepancy_found", account_id=account.account_id, **found)
        return found

    async def _unlisted(
        self, account: Account, expected: Sequence[Invitee], listed: Sequence[InvitationSeen]
    ) -> list[Person]:
        """People whose invitation is expected in the list and is not there."""
        ids = {each.provider_id for each in listed}
        people = {person_key(each.public_identifier) for each in listed}
        # Who has accepted since is expected no more.
        still = {each.person.person_id for each in await self.expected(account)}
        return [
            each.person
            for each in expected
            if each.person.person_id in still
            and each.provider_id not in ids
            and each.person.identifier not in people
        ]

    async def _statuses(
        self, account: Account, people: Sequence[Person]
    ) -> dict[Person, InvitationStatus]:
        """What became of their invitations; who cannot be looked at now is left for later."""
        statuses: dict[Person, InvitationStatus] = {}
        for person in people[:_PROFILES_READ]:
            try:
                seen = await self._profiles.look_up(account, person)
            except ActionMustWait:
                break
            except ActionFailed:
                # The address belongs to somebody else by now.
                statuses[person] = InvitationStatus.GONE
            except UnipileError as error:
                if error.error_class is not ErrorClass.NOT_FOUND:
                    await self._refused(error, account, person)
                    break
                # Who has left LinkedIn answers nothing.
                statuses[person] = InvitationStatus.DECLINED
            else:
                statuses[person] = status_of(seen)
        return statuses

    async def _refused(self, error: UnipileError, account: Account, person: Person) -> None:
        """LinkedIn may have asked the account to slow down, or the account is down."""
        attempt = Attempt(
            action_id=f"audit/{account.account_id}/{person.person_id}",
            person=person,
            kind=Kind.LOOKUP,
            target=Target(),
        )
        await self._failure_handling.of(error, attempt, account, failing=Kind.LOOKUP)

    @staticmethod
    def _unknown(
        account: Account, listed: Sequence[InvitationSeen], invited: Sequence[Invitee]
    ) -> list[InvitationSeen]:
        """What is listed and not ours; what was sent before we knew the account is not counted."""
        ids = {each.provider_id for each in invited} - {""}
        people = {each.person.identifier for each in invited} - {""}
        since = account.created_at + _DATED_BY_DAY
        return [
            each
            for each in listed
            if each.provider_id not in ids
            and person_key(each.public_identifier) not in people
            and each.sent_at is not None
            and each.sent_at > since
        ]


def _counted(discrepancy: Discrepancy, *, unknown: int, missing: int) -> int:
    match discrepancy:
        case Discrepancy.UNKNOWN_INVITATION:
            return unknown
        case Discrepancy.MISSING_INVITATION:
            return missing
        case _:
            assert_never(discrepancy)


def status_of(seen: ProfileSeen) -> InvitationStatus:
    """What a person's profile says of the invitation that they were sent."""
    if seen.connected:
        return InvitationStatus.OPEN
    match seen.invitation:
        case SentInvitation.IGNORED:
            return InvitationStatus.DECLINED
        case SentInvitation.NONE if seen.throttled:
            # LinkedIn left parts of the profile out: this may be one of them.
            return InvitationStatus.OPEN
        case SentInvitation.WITHDRAWN | SentInvitation.NONE:
            return InvitationStatus.GONE
        case SentInvitation.PENDING | SentInvitation.UNKNOWN:
            return InvitationStatus.OPEN
        case _:
            assert_never(seen.invitation)
