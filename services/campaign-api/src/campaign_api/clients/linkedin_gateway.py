"""What this service asks of linkedin-gateway."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

import grpc
from campaigns.models import Campaign, Person, SendingWindow
from campaigns.repositories.reply_scope_repository import LeadInScope
from campaigns.workflow.control import OnTheWire
from google.protobuf.timestamp_pb2 import Timestamp
from outreach.linkedin.v1 import (
    account_pb2,
    account_service_pb2,
    action_pb2,
    action_service_pb2,
    hold_pb2,
    hold_service_pb2,
    pace_service_pb2,
    person_pb2,
    suppression_service_pb2,
)
from outreach.linkedin.v1.account_service_pb2_grpc import AccountServiceStub
from outreach.linkedin.v1.action_service_pb2_grpc import ActionServiceStub
from outreach.linkedin.v1.hold_service_pb2_grpc import HoldServiceStub
from outreach.linkedin.v1.pace_service_pb2_grpc import PaceServiceStub
from outreach.linkedin.v1.suppression_service_pb2_grpc import SuppressionServiceStub
from servicekit.errors import InvalidArgument, NotFound

from campaign_api.clients.errors import mapped_errors
from campaign_api.clients.sending_windows import window_from_proto

NAME = "linkedin-gateway"

_OPEN_STATES = (
    action_pb2.ACTION_STATE_SENDING,
    action_pb2.ACTION_STATE_UNKNOWN,
    action_pb2.ACTION_STATE_QUEUED,
)
_RECENT_ACTIONS = 10
_REMOVED = "removed"


@dataclass(frozen=True, kw_only=True)
class SendingAccount:
    """A LinkedIn account as far as a campaign cares; `pays` is None where its plan is not known."""

    id: str
    organization_id: str
    name: str
    connected: bool
    state: str
    state_reason: str = ""
    pays: bool | None = None
    hours: SendingWindow | None = None
    """Its working hours with its days off; None where they are not told."""

    @property
    def removed(self) -> bool:
        """It is gone at the provider: only a new connection of the same member brings it back."""
        return self.state == _REMOVED


@dataclass(frozen=True, kw_only=True)
class Obstacle:
    """Something that stands between an action and its performance."""

    reason: str
    description: str
    free_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """Leads of a campaign that wait on an account for the same with one kind of action."""

    account_id: str
    action: str
    reason: str
    leads: int
    first_at: datetime | None = None


class HoldScope(StrEnum):
    """What a hold covers; `hold.proto` says what each means."""

    CAMPAIGN = "campaign"
    ACCOUNT = "account"
    ORGANIZATION = "organization"
    EVERYTHING = "everything"
    KIND = "kind"


@dataclass(frozen=True, kw_only=True)
class Hold:
    """A stop in force, and what is held."""

    scope: HoldScope
    subject_id: str
    reason: str
    by_database: bool = False
    """Nobody put it: the database refuses to write, and nothing goes that is not written down."""


def database_hold(refusal: str) -> Hold:
    """What stops everything while the database refuses to write."""
    return Hold(scope=HoldScope.EVERYTHING, subject_id="", reason=refusal, by_database=True)


class Gateway:
    """Thin: every method is one question, every failure one of our errors.

    `glance` bounds the questions whose answer only explains something: they must
    not keep a reader waiting.
    """

    def __init__(
        self, channel: grpc.aio.Channel, *, glance: timedelta = timedelta(seconds=2)
    ) -> None:
        self._accounts = AccountServiceStub(channel)
        self._actions = ActionServiceStub(channel)
        self._holds = HoldServiceStub(channel)
        self._pace = PaceServiceStub(channel)
        self._suppressions = SuppressionServiceStub(channel)
        self._glance = glance.total_seconds()

    async def account(self, account_id: str) -> SendingAccount | None:
        """The account, or None if there is no such one."""
        return await self._account(account_id)

    async def glance_at_account(self, account_id: str) -> SendingAccount | None:
        """`account`, for an explanation."""
        return await self._account(account_id, within=self._glance)

    async def _account(
        self, account_id: str, *, within: float | None = None
    ) -> SendingAccount | None:
        if not account_id.isprintable():
            return None
        request = account_service_pb2.GetAccountRequest(account_id=account_id)
        try:
            async with mapped_errors(NAME):
                answer = await self._accounts.GetAccount(request, timeout=within)
        except (NotFound, InvalidArgument):
            return None
        return _account(answer.account)

    async def suppressed(self, organization_id: str, people: Sequence[Person]) -> set[int]:
        """The places, among at most a thousand people, of those who must not be contacted."""
        request = suppression_service_pb2.FindSuppressedRequest(
            organization_id=organization_id,
            people=[
                person_pb2.Person(
                    public_identifier=person.public_identifier,
                    email=person.email,
                    company=person.company,
                )
                for person in people
            ],
        )
        async with mapped_errors(NAME):
            answer = await self._suppressions.FindSuppressed(request)
        return set(answer.suppressed)

    async def hold(self, campaign: Campaign, *, reason: str) -> OnTheWire:
        """Stop everything of the campaign; when it returns nothing more of it begins."""
        request = hold_service_pb2.PutHoldRequest(
            scope=hold_pb2.HOLD_SCOPE_CAMPAIGN,
            subject_id=campaign.id,
            organization_id=campaign.organization_id,
            reason=reason,
        )
        async with mapped_errors(NAME):
            begun = (await self._holds.PutHold(request)).on_the_wire
        return OnTheWire(
            actions=begun.actions,
            action_ids=tuple(begun.action_ids),
            until=_instant(begun.until) if begun.HasField("until") else None,
        )

    async def lift_hold(self, campaign: Campaign) -> None:
        """Let the campaign go on, and wake what waited for it."""
        request = hold_service_pb2.LiftHoldRequest(
            scope=hold_pb2.HOLD_SCOPE_CAMPAIGN, subject_id=campaign.id
        )
        async with mapped_errors(NAME):
            await self._holds.LiftHold(request)

    async def record_replies(
        self, organization_id: str, leads: Sequence[LeadInScope], *, at: datetime
    ) -> None:
        """Have leads left in peace; in force when it returns. Who answered is remembered."""
        request = suppression_service_pb2.RecordRepliesRequest(
            organization_id=organization_id,
            leads=[
                suppression_service_pb2.RepliedLead(
                    campaign_id=each.campaign_id,
                    lead_id=each.lead_id,
                    by_another=not each.same_person,
                )
                for each in leads
            ],
        )
        request.reply_time.FromDatetime(at)
        async with mapped_errors(NAME):
            await self._suppressions.RecordReplies(request)

    async def holds(self) -> Sequence[Hold]:
        """The oldest holds in force, and before them what no hold is and stops everything."""
        request = hold_service_pb2.ListHoldsRequest(page_size=1000)
        async with mapped_errors(NAME):
            answer = await self._holds.ListHolds(request, timeout=self._glance)
        held = [
            Hold(
                scope=HoldScope[hold_pb2.HoldScope.Name(hold.scope).removeprefix("HOLD_SCOPE_")],
                subject_id=hold.subject_id,
                reason=hold.reason,
            )
            for hold in answer.holds
        ]
        return [database_hold(answer.write_refusal), *held] if answer.write_refusal else held

    async def waiting(self, campaign: Campaign) -> Sequence[Waiting]:
        """What the campaign's actions wait for, the most first."""
        request = pace_service_pb2.CountWaitingRequest(
            campaign_id=campaign.id, account_ids=campaign.account_ids
        )
        async with mapped_errors(NAME):
            answer = await self._pace.CountWaiting(request, timeout=self._glance)
        return [
            Waiting(
                account_id=each.account_id,
                action=_word(action_pb2.ActionKind.Name(each.kind), "ACTION_KIND_"),
                reason=each.reason,
                leads=each.actions,
                first_at=_instant(each.first_turn_time)
                if each.HasField("first_turn_time")
                else None,
            )
            for each in answer.waiting
        ]

    async def obstacles(self, campaign: Campaign, lead_id: str) -> Sequence[Obstacle] | None:
        """What the lead's open action waits for; None if no action of it is open."""
        request = action_service_pb2.ListActionsRequest(
            organization_id=campaign.organization_id,
            campaign_id=campaign.id,
            lead_id=lead_id,
            page_size=_RECENT_ACTIONS,
        )
        async with mapped_errors(NAME):
            answer = await self._actions.ListActions(request, timeout=self._glance)
        opened = next((found for found in answer.actions if found.state in _OPEN_STATES), None)
        if opened is None:
            return None
        named = {"organization_id": campaign.organization_id, "action_id": opened.action_id}
        asked = action_service_pb2.ExplainActionRequest(**named)
        try:
            async with mapped_errors(NAME):
                explained = await self._actions.ExplainAction(asked, timeout=self._glance)
        except NotFound:
            return None
        return [
            Obstacle(
                reason=obstacle.reason,
                description=obstacle.description,
                free_at=_instant(obstacle.free_time) if obstacle.HasField("free_time") else None,
            )
            for obstacle in explained.obstacles
        ]


def _account(account: account_pb2.Account) -> SendingAccount:
    return SendingAccount(
        id=account.account_id,
        organization_id=account.organization_id,
        name=account.name,
        connected=account.state == account_pb2.ACCOUNT_STATE_CONNECTED,
        state=_word(account_pb2.AccountState.Name(account.state), "ACCOUNT_STATE_"),
        state_reason=account.state_reason,
        pays=_pays(account.tier),
        hours=window_from_proto(account.working_hours, account.holidays)
        if account.HasField("working_hours")
        else None,
    )


def _pays(tier: account_pb2.AccountTier.ValueType) -> bool | None:
    if tier == account_pb2.ACCOUNT_TIER_UNSPECIFIED:
        return None
    return tier != account_pb2.ACCOUNT_TIER_FREE


def _word(name: str, prefix: str) -> str:
    return name.removeprefix(prefix).lower()


def _instant(timestamp: Timestamp) -> datetime:
    return timestamp.ToDatetime(UTC)
