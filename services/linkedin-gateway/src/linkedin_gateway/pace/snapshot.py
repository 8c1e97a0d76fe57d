"""What a decision is based on: the rules for all accounts, what is known of one request. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from linkedin_gateway.models import (
    Account,
    Action,
    EnrolmentPolicy,
    HoldScope,
    InvitationScope,
    Invited,
    Profile,
)
from linkedin_gateway.models.end_times import EndTimes
from linkedin_gateway.pace.slots import fraction


@dataclass(frozen=True, kw_only=True)
class GapRange:
    """The random pause between two writes of an account."""

    shortest: timedelta = timedelta(seconds=45)
    longest: timedelta = timedelta(seconds=180)

    @property
    def mean(self) -> timedelta:
        return (self.shortest + self.longest) / 2

    @property
    def between_turns(self) -> timedelta:
        """How far apart turns are told: as the longest pause, so that few come in vain."""
        return self.longest

    def after(self, account_id: str, action_id: str) -> timedelta:
        """The pause after one action: random, and the same whoever asks."""
        return self.shortest + (self.longest - self.shortest) * fraction(account_id, action_id)


@dataclass(frozen=True, kw_only=True)
class PaceRules:
    """What holds for every account."""

    gap: GapRange = field(default_factory=GapRange)
    slow_check: timedelta = timedelta(hours=6)
    """How long to wait where nobody can know the end."""
    grace: timedelta = timedelta(minutes=2)
    """How late somebody may be for a turn and still be waited for."""
    in_flight_check: timedelta = timedelta(seconds=5)
    """When to ask again for an action that is in flight."""
    latest_start: timedelta = timedelta(minutes=15)
    """How much after its opening an account begins at most; drawn anew each day."""
    invitation_scope: InvitationScope = InvitationScope.ORGANIZATION
    """Whose open invitation to a person stands in the way of another."""
    enrolment_policy: EnrolmentPolicy = EnrolmentPolicy.WAIT
    """What becomes of a lead whose person another campaign works on."""
    daily_variation: float = 0.0
    """By how much of it a day's cap is lower at most; drawn anew for each day and kind."""
    open: bool = False
    """No caps, gaps or hours: for load runs in the sandbox."""


@dataclass(frozen=True, kw_only=True)
class Counted:
    """The actions of one kind that count in its windows."""

    ended: Sequence[datetime] = ()
    open_ends: int = 0

    def together_with(self, other: Counted) -> Counted:
        """What counts where two share a cap: two kinds, or two accounts of one member."""
        one, two = self.ended, other.ended
        if isinstance(one, EndTimes) and isinstance(two, EndTimes):
            ended: Sequence[datetime] = one.merged_with(two)
        else:
            ended = sorted((*one, *two))
        return Counted(ended=ended, open_ends=self.open_ends + other.open_ends)


@dataclass(frozen=True, kw_only=True)
class ProfileReads:
    """What the account has read of profiles, where one must be read before a request goes."""

    lookups: Counted = field(default_factory=Counted)
    visits: Counted = field(default_factory=Counted)
    cools_until: datetime | None = None
    """Until when lookups rest."""


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """Everything a decision about one request is based on, read under the account's lock."""

    account: Account
    action: Action | None
    profile: Profile | None
    holds: Sequence[HoldScope] = ()
    suppressed: bool = False
    suppressions_unread: bool = False
    """The organization suppresses somebody, and must know first who that is."""
    resolved: bool = True
    """A profile has shown who the person is."""
    enrolled: bool = False
    """The lead has acted on the person."""
    duplicate: bool = False
    """Another lead of the campaign is the same person, and acted first."""
    elsewhere: bool = False
    """A lead of another campaign acts on the person, and began first."""
    responded_before: bool = False
    """The person accepted or answered a sender of the organization before the lead began."""
    merged_into: str = ""
    """Who the person turned out to be, if that is somebody else by now."""
    invited: Sequence[Invited] = ()
    """For an invitation: the earlier ones to the same person."""
    replied: bool = False
    answered_at: datetime | None = None
    """When the person wrote last."""
    owner_wrote_at: datetime | None = None
    """When the account's owner wrote to the person last by hand, since the lead began."""
    automatic_at: datetime | None = None
    """When the person's last automatic reply came."""
    post_taken: bool = False
    cools_until: datetime | None = None
    counted: Counted = field(default_factory=Counted)
    counted_noted: Counted = field(default_factory=Counted)
    counted_sibling: Counted = field(default_factory=Counted)
    """For a lookup the visits, for a visit the lookups; likewise messages and InMails."""
    reads: ProfileReads | None = None
    """None if the person need not be looked up before the request goes."""
    in_flight_until: datetime | None = None
    """Another write of the account is in flight, at most until then."""
    last_write: tuple[str, datetime] | None = None
    """The last write that was answered: its request and when."""
    newest_at: datetime | None = None
    """The newest time that the ledger knows of the account's actions, as far as they count here."""
    due_ahead: int = 0
    """Better-ranked requests whose turn is now."""
    priority: int = 9
    virtual_finish: float = 0.0


def times_of(snapshots: Iterable[Snapshot], *, read_at: datetime | None) -> dict[str, datetime]:
    """When each account is decided about, by its id: `read_at`, as the clock was read.

    But never before the newest time that the ledger knows of it. After a fail-over to a clock
    that is slow nothing seems to be longer ago than it is.
    """
    times: dict[str, datetime] = {}
    for snapshot in snapshots:
        account_id = snapshot.account.account_id
        known = (read_at, snapshot.newest_at, times.get(account_id))
        times[account_id] = max(at for at in known if at is not None)
    return times
