"""What this service asks of linkedin-gateway."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

import grpc
from campaigns.models import Campaign, Person
from campaigns.repositories.reply_scope_repository import LeadInScope
from campaigns.texts.lengths import within
from campaigns.workflow.control import OnTheWire
from google.protobuf.timestamp_pb2 import Timestamp
from outreach.linkedin.v1 import (
    account_service_pb2,
    action_pb2,
    action_service_pb2,
    hold_pb2,
    hold_service_pb2,
    pace_pb2,
    pace_service_pb2,
    person_pb2,
    person_service_pb2,
    suppression_service_pb2,
)
from outreach.linkedin.v1.account_service_pb2_grpc import AccountServiceStub
from outreach.linkedin.v1.action_service_pb2_grpc import ActionServiceStub
from outreach.linkedin.v1.hold_service_pb2_grpc import HoldServiceStub
from outreach.linkedin.v1.pace_service_pb2_grpc import PaceServiceStub
from outreach.linkedin.v1.person_service_pb2_grpc import PersonServiceStub
from outreach.linkedin.v1.suppression_service_pb2_grpc import SuppressionServiceStub
from servicekit.errors import InvalidArgument, NotFound
from servicekit.rehearsals.rehearsal import rehearsing

from campaign_api.clients.accounts import account_from_proto
from campaign_api.clients.errors import mapped_errors
from campaign_api.clients.gateway_answers import (
    Hold,
    HoldScope,
    KnownPeople,
    Obstacle,
    SendingAccount,
    Waiting,
    database_hold,
)

NAME = "linkedin-gateway"

_OPEN_STATES = (
    action_pb2.ACTION_STATE_SENDING,
    action_pb2.ACTION_STATE_UNKNOWN,
    action_pb2.ACTION_STATE_QUEUED,
)
_RECENT_ACTIONS = 10
_MOST_ACCOUNTS = 100
"""Of which the gateway counts in one call."""
_LONGEST_EMAIL = 320
_LONGEST_COMPANY = 500
_MOST_LISTED = 1000
"""Accounts that it lists in one."""


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
        self._people = PersonServiceStub(channel)
        self._suppressions = SuppressionServiceStub(channel)
        self._glance = glance.total_seconds()

    async def account(self, account_id: str) -> SendingAccount | None:
        """The account, or None if there is no such one."""
        return await self._account(account_id)

    async def glance_at_account(self, account_id: str) -> SendingAccount | None:
        """`account`, for an explanation."""
        return await self._account(account_id, within=self._glance)

    async def accounts(
        self, organization_id: str, account_ids: Iterable[str]
    ) -> Mapping[str, SendingAccount]:
        """Those of the accounts that the organization has, by id; asked for all at once."""
        return await self._listed(organization_id, account_ids)

    async def glance_at_accounts(
        self, organization_id: str, account_ids: Iterable[str]
    ) -> Mapping[str, SendingAccount]:
        """`accounts`, for an explanation."""
        return await self._listed(organization_id, account_ids, within=self._glance)

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
        return account_from_proto(answer.account)

    async def _listed(
        self, organization_id: str, account_ids: Iterable[str], *, within: float | None = None
    ) -> Mapping[str, SendingAccount]:
        named = sorted({each for each in account_ids if each and each.isprintable()})
        listed: dict[str, SendingAccount] = {}
        for begins in range(0, len(named), _MOST_LISTED):
            request = account_service_pb2.ListAccountsRequest(
                organization_id=organization_id,
                account_ids=named[begins : begins + _MOST_LISTED],
                page_size=_MOST_LISTED,
            )
            try:
                async with mapped_errors(NAME):
                    answer = await self._accounts.ListAccounts(request, timeout=within)
            except InvalidArgument:
                # It is no organization's name.
                return {}
            listed |= {each.account_id: account_from_proto(each) for each in answer.accounts}
        return listed

    async def suppressed(self, organization_id: str, people: Sequence[Person]) -> set[int]:
        """The places, among at most a thousand people, of those who must not be contacted."""
        request = suppression_service_pb2.FindSuppressedRequest(
            organization_id=organization_id,
            people=[
                person_pb2.Person(
                    public_identifier=person.public_identifier,
                    # One that is too long would have nobody of them looked up.
                    email=within(person.email, _LONGEST_EMAIL),
                    company=within(person.company, _LONGEST_COMPANY),
                )
                for person in people
            ],
        )
        async with mapped_errors(NAME):
            answer = await self._suppressions.FindSuppressed(request)
        return set(answer.suppressed)

    async def known(self, organization_id: str, identifiers: Sequence[str]) -> KnownPeople:
        """What else at most a hundred people are called who are called so, and their leads."""
        request = person_service_pb2.FindPeopleRequest(
            organization_id=organization_id, identifiers=identifiers
        )
        async with mapped_errors(NAME):
            answer = await self._people.FindPeople(request)
        return KnownPeople(
            names=tuple(answer.identifiers), lead_ids=tuple(each.lead_id for each in answer.leads)
        )

    async def hold(self, campaign: Campaign, *, reason: str) -> OnTheWire:
        """Stop everything of the campaign; when it returns nothing more of it begins."""
        if rehearsing():  # It is never refused, and who knows what is on the wire by then.
            return OnTheWire()
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
        if rehearsing():
            return
        request = hold_service_pb2.LiftHoldRequest(
            scope=hold_pb2.HOLD_SCOPE_CAMPAIGN, subject_id=campaign.id, allow_missing=True
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

    async def waiting(self, campaigns: Sequence[Campaign]) -> Mapping[str, Sequence[Waiting]]:
        """What the actions of each of at most a hundred campaigns wait for, the most first."""
        first, *others = [campaign.id for campaign in campaigns]
        account_ids = sorted({each for campaign in campaigns for each in campaign.account_ids})
        waiting: dict[str, list[Waiting]] = defaultdict(list)
        for begins in range(0, len(account_ids), _MOST_ACCOUNTS):
            request = pace_service_pb2.CountWaitingRequest(
                campaign_id=first,
                campaign_ids=others,
                account_ids=account_ids[begins : begins + _MOST_ACCOUNTS],
            )
            async with mapped_errors(NAME):
                answer = await self._pace.CountWaiting(request, timeout=self._glance)
            for each in answer.waiting:
                # A gateway that counts one campaign only does not name it.
                waiting[each.campaign_id or first].append(_waiting(each))
        most_first = {
            campaign_id: sorted(found, key=lambda each: -each.leads)
            for campaign_id, found in waiting.items()
        }
        return {campaign.id: most_first.get(campaign.id, ()) for campaign in campaigns}

    async def obstacles(self, campaign: Campaign, lead_id: str) -> Sequence[Obstacle] | None:
        """What the lead's open action waits for; None if no action of it is open."""
        opened = await self._open_action(campaign, lead_id)
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

    async def under_way(self, campaign: Campaign, lead_id: str) -> bool:
        """Whether an action of the lead is on the wire, or is looked for."""
        opened = await self._open_action(campaign, lead_id)
        return opened is not None and opened.state != action_pb2.ACTION_STATE_QUEUED

    async def _open_action(self, campaign: Campaign, lead_id: str) -> action_pb2.Action | None:
        request = action_service_pb2.ListActionsRequest(
            organization_id=campaign.organization_id,
            campaign_id=campaign.id,
            lead_id=lead_id,
            page_size=_RECENT_ACTIONS,
        )
        async with mapped_errors(NAME):
            answer = await self._actions.ListActions(request, timeout=self._glance)
        return next((found for found in answer.actions if found.state in _OPEN_STATES), None)


def _waiting(waiting: pace_pb2.WaitingActions) -> Waiting:
    turn = waiting.first_turn_time if waiting.HasField("first_turn_time") else None
    return Waiting(
        account_id=waiting.account_id,
        action=action_pb2.ActionKind.Name(waiting.kind).removeprefix("ACTION_KIND_").lower(),
        reason=waiting.reason,
        leads=waiting.actions,
        first_at=_instant(turn) if turn is not None else None,
    )


def _instant(timestamp: Timestamp) -> datetime:
    return timestamp.ToDatetime(UTC)
