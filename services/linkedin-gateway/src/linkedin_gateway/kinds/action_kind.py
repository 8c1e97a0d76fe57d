"""What has to be decided about a kind of action: the form that every kind fills in. Pure.

A kind holds no connection. What it needs of the outside it is handed with each call.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import TYPE_CHECKING, Protocol

from linkedin_gateway.kinds.limits import Budget, ByTier
from linkedin_gateway.kinds.targets import Resolution
from linkedin_gateway.models import (
    Account,
    Action,
    ActionRequest,
    Kind,
    Outcome,
    Person,
    Product,
    Profile,
    Target,
    Tier,
)

if TYPE_CHECKING:
    # Its types only: at run time it brings HTTP along, and whoever decides must not.
    from linkedin_gateway.unipile import PostSeen, ProfileSeen, Unipile, UnipileError


@dataclass(frozen=True, kw_only=True)
class Known:
    """What is known of a request when it is asked what it is aimed at."""

    request: ActionRequest
    account: Account
    profile: Profile | None
    prepared: Target | None = None
    """What its preparation found."""
    now: datetime


@dataclass(frozen=True, kw_only=True)
class Sending:
    """An action that goes on the wire now."""

    request: ActionRequest
    action: Action
    account: Account
    name: str
    """What to ask the provider for the person by, where no id is known."""
    now: datetime


@dataclass(frozen=True, kw_only=True)
class Sent:
    """What came back, and what was learnt of the person."""

    outcome: Outcome
    profile: Profile
    seen: ProfileSeen | None = None
    """The profile that was shown, of a visit."""
    usage: int = 0
    """Percent of the provider's quota, when it said so."""
    throttled: bool = False
    """It was done, and LinkedIn let it be known that it is enough."""
    invitation_ended: bool = False
    """The invitation that was pending is no more."""


@dataclass(frozen=True, kw_only=True)
class Twins:
    """Other actions of the account to the same person, and what they have made."""

    owned: Collection[str] = ()
    """Those of the ids asked about that are their outcome."""
    unnamed: int = 0
    """How many with the same words are done without having been told an id."""
    on_the_wire: bool = False
    """One with the same words may be carried out at this moment."""


class ReadsInBudget(Protocol):
    """Reads at LinkedIn, each within the account's budget.

    All raise `ActionMustWait` when the budget is used up, and `UnipileError` when there is
    no answer that can be used.
    """

    async def look_up(self, account: Account, person: Person) -> ProfileSeen:
        """A profile, without being seen."""

    async def product_id(self, account: Account, person: Person, product: Product) -> str:
        """The id of a person in a product beside the classic one, without being seen."""

    async def read_suppressed(self, account: Account) -> bool:
        """Look up somebody whom a suppression names; False if others do so, or nobody."""

    async def posts(self, account: Account, person: Person) -> tuple[str, Sequence[PostSeen]]:
        """A person's id and newest posts."""


@dataclass(frozen=True, kw_only=True)
class Ports:
    """What a kind reaches the outside by."""

    unipile: Unipile
    reads: ReadsInBudget
    used_posts: Callable[[str, str, Kind], Awaitable[Collection[str]]]
    """Posts of a person that actions of the account, of this kind, took or may have taken."""
    twins: Callable[[Action, Collection[str]], Awaitable[Twins]]
    """What other actions to the person are known to have made of what was found."""


class NotFoundMeans(Enum):
    """What is not there when the provider finds nothing."""

    PERSON = "person"
    POST = "post"
    INVITATION = "invitation"
    """Which is as good as withdrawn."""
    CHAT = "chat"
    """If the action was aimed at one; otherwise the person."""


@dataclass(frozen=True, kw_only=True)
class Found:
    """It is there."""

    outcome: Outcome
    profile: Profile | None = None
    claims: str = ""
    """The provider's id of what the action has made, which no other action can have made."""


@dataclass(frozen=True, kw_only=True)
class Missing:
    """It is not there, as of now."""


@dataclass(frozen=True, kw_only=True)
class Inconclusive:
    """This look said neither; another may."""


@dataclass(frozen=True, kw_only=True)
class Unverifiable:
    """No look can say."""


@dataclass(frozen=True, kw_only=True)
class Deferred:
    """Nobody could be asked; who cannot be asked has said nothing."""


Finding = Found | Missing | Inconclusive | Unverifiable | Deferred
"""What a look for an action whose answer was lost can find."""


@dataclass(frozen=True, kw_only=True)
class Verification:
    """How a lost answer is made up for: the provider is asked what is there."""

    look: Callable[[Action, Account, Ports], Awaitable[Finding]]
    """Raises what the ports raise."""
    gone_is_inconclusive: bool
    """True if a look that finds the place itself gone (a 404) says nothing of the action."""


OtherCall = Callable[[], Awaitable[Sent]]
"""A call that is made where the usual one was refused. Raises `UnipileError`."""


@dataclass(frozen=True, kw_only=True)
class ActionKind:
    """What is decided about every kind; a read is no more than this."""

    kind: Kind
    public: bool
    """Callers know of it: it has a name on the wire."""
    ceiling: int | None
    """Per rolling hour; nobody goes above, whatever the plan and the customer say."""
    caps: ByTier
    """What is safe for an account of that plan."""
    budget: Budget | None
    """What it draws on together with another kind."""
    priority: int
    """Smaller goes first."""
    cool_down: timedelta
    """How long it rests when LinkedIn asks to slow down for the first time."""
    absent: NotFoundMeans
    malformed_is_done: bool = False
    """The provider calls a request malformed when there is nothing left to do."""
    throttle_may_be_personal: bool = False
    """A refusal as too much may be about the one person: their profile tells."""


@dataclass(frozen=True, kw_only=True)
class Read(ActionKind):
    """It changes nothing on LinkedIn: no gap before it, no turn, no hours."""


@dataclass(frozen=True, kw_only=True)
class Write(ActionKind):
    """It changes something on LinkedIn, and somebody may see it."""

    request_field: str
    """The field of a `PerformActionRequest` that asks for it."""
    contacts: bool
    """The person hears of the account: not who is suppressed, has answered or is away."""
    looks_for_reply: bool
    """Right before it goes, the chat is looked at: not after they have written."""
    makes_message: bool
    """It makes a message or an invitation, whose id is no other action's; its words come back
    in the chat, where they are not taken for what the owner has written by hand."""
    reply_priority: int
    """Its priority once the person has written."""
    note_caps: Mapping[Tier, Sequence[tuple[timedelta, int]]] | None = None
    """How many LinkedIn lets an account of that plan send with a note; None if it takes none."""
    longest_text: int
    """0 if it takes none."""
    longest_subject: int
    prepared_by: Kind
    """The read that its preparation makes, which then is what may be refused."""
    resolve: Callable[[Known], Resolution]
    """What exactly it is aimed at, as far as that can be told without asking anybody."""
    prepare: Callable[[Known, Ports], Awaitable[Target]]
    """Read what is missing.

    Raises `ActionFailed` when that shows it to be impossible, and what the ports raise.
    """
    send: Callable[[Sending, Unipile], Awaitable[Sent]]
    """Make the call; exactly one. Raises `UnipileError`."""
    otherwise: Callable[[Sending, UnipileError, Unipile], Awaitable[OtherCall | None]] | None = None
    """What another call may make of a refusal, and what is to be read for it; made once.

    Raises `ActionFailed` when there is a reason of its own, and `UnipileError`.
    """
    verification: Verification | None
    """None if it leaves nothing to look for; its outcome then stays unknown."""
