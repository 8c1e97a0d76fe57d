"""linkedin-gateway as outreach-worker sees it: a ledger that performs each action once."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

from linkedin_gateway.convert.action_requests import action_request
from outreach.linkedin.v1 import (
    account_pb2,
    account_service_pb2,
    account_service_pb2_grpc,
    action_pb2,
    action_service_pb2,
    action_service_pb2_grpc,
    hold_service_pb2,
    hold_service_pb2_grpc,
    pace_pb2,
    pace_service_pb2,
    pace_service_pb2_grpc,
    person_pb2,
    person_service_pb2,
    person_service_pb2_grpc,
)
from prometheus_client import CollectorRegistry
from servicekit.clock import Clock
from servicekit.errors import FailedPrecondition, InvalidArgument, NotYet, ServiceError
from servicekit.grpc.calls import Context
from servicekit.grpc.interceptors import standard_interceptor
from servicekit.grpc.server import GrpcServer

# ruff: noqa: N802 - the methods have the names of the rpcs

Comes = Callable[
    [action_service_pb2.PerformActionRequest], Awaitable[action_pb2.ActionOutcome | None]
]
"""What an action comes to; it may raise what the gateway raises. None is a plain success."""


def refusal(reason: str, *, effect: str = "step_failed") -> FailedPrecondition:
    """An action that will never be performed."""
    refused = FailedPrecondition(reason.lower(), metadata={"effect": effect})
    refused.__dict__["reason"] = reason
    return refused


def not_yet(reason: str, **delay: object) -> NotYet:
    """An action that must wait."""
    waits = NotYet(reason.lower(), **delay)  # type: ignore[arg-type]
    waits.__dict__["reason"] = reason
    return waits


class FakeGateway(
    account_service_pb2_grpc.AccountServiceServicer,
    action_service_pb2_grpc.ActionServiceServicer,
    hold_service_pb2_grpc.HoldServiceServicer,
    pace_service_pb2_grpc.PaceServiceServicer,
    person_service_pb2_grpc.PersonServiceServicer,
):
    """All services of the gateway that the worker calls.

    `comes` decides by kind of action; `asked` are the calls, `sent` what was performed.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.comes: dict[str, Comes] = {}
        self.posts: list[person_pb2.Post] = []
        self.profile: person_pb2.Profile | ServiceError = person_pb2.Profile()
        self.profiles_read: list[person_service_pb2.GetProfileRequest] = []
        self.account = account_pb2.Account(
            name="Ada Example", tier=account_pb2.ACCOUNT_TIER_PREMIUM
        )
        self.asked: list[action_service_pb2.PerformActionRequest] = []
        self.sent: list[action_service_pb2.PerformActionRequest] = []
        self.actions: dict[str, action_pb2.Action] = {}
        self.ended: list[tuple[str, str]] = []
        """Leads that are over, as it was told."""
        self.parked: set[str] = set()
        """Accounts that cannot act."""
        self.free: dict[str, int] = {}
        """Actions of each kind that accounts can do in a week, where it is not 100."""
        self.held: dict[str, str] = {}
        """The campaigns on hold, each with why."""

    def always(self, action: str, come_to: ServiceError | action_pb2.ActionOutcome) -> None:
        """Every action of a kind (`send_invitation`) comes to the same."""

        async def comes(_: action_service_pb2.PerformActionRequest) -> action_pb2.ActionOutcome:
            if isinstance(come_to, ServiceError):
                raise come_to
            return come_to

        self.comes[action] = comes

    def sent_to(self, public_identifier: str) -> list[str]:
        """The kinds of the actions that reached a person, in order."""
        return [
            request.WhichOneof("action") or ""
            for request in self.sent
            if request.person.public_identifier == public_identifier
        ]

    async def PerformAction(
        self, request: action_service_pb2.PerformActionRequest, _: Context
    ) -> action_service_pb2.PerformActionResponse:
        self.asked.append(request)
        # What the real one refuses, it refuses.
        action_request(request)
        action = self.actions.setdefault(
            request.action_id,
            action_pb2.Action(
                action_id=request.action_id,
                state=action_pb2.ACTION_STATE_QUEUED,
                campaign_id=request.campaign_id,
                lead_id=request.lead_id,
            ),
        )
        if action.state == action_pb2.ACTION_STATE_CANCELLED:
            raise refusal("ACTION_CANCELLED")
        if request.account_id in self.parked:
            raise not_yet("ACCOUNT_PARKED", retry_after=timedelta(days=4000))
        if request.campaign_id in self.held:
            raise not_yet("HELD", retry_after=timedelta(hours=6))
        if action.state != action_pb2.ACTION_STATE_DONE:
            action.outcome.CopyFrom(await self._outcome(request, action))
            action.state = action_pb2.ACTION_STATE_DONE
            self.sent.append(request)
        return action_service_pb2.PerformActionResponse(outcome=action.outcome)

    async def EndLead(
        self, request: action_service_pb2.EndLeadRequest, _: Context
    ) -> action_service_pb2.EndLeadResponse:
        self.ended.append((request.campaign_id, request.lead_id))
        return action_service_pb2.EndLeadResponse()

    async def _outcome(
        self, request: action_service_pb2.PerformActionRequest, action: action_pb2.Action
    ) -> action_pb2.ActionOutcome:
        comes = self.comes.get(request.WhichOneof("action") or "")
        try:
            outcome = await comes(request) if comes else None
        except FailedPrecondition as refused:
            action.state = action_pb2.ACTION_STATE_FAILED
            action.reason = refused.reason
            raise
        outcome = outcome or action_pb2.ActionOutcome()
        if not outcome.HasField("performed_time"):
            outcome.performed_time.FromDatetime(self._clock.now())
        return outcome

    async def CancelAction(
        self, request: action_service_pb2.CancelActionRequest, _: Context
    ) -> action_service_pb2.CancelActionResponse:
        if not request.organization_id:
            raise InvalidArgument("A service says whose action it calls off.")
        action = self.actions.setdefault(
            request.action_id,
            action_pb2.Action(action_id=request.action_id, state=action_pb2.ACTION_STATE_QUEUED),
        )
        if action.state == action_pb2.ACTION_STATE_QUEUED:
            action.state = action_pb2.ACTION_STATE_CANCELLED
        return action_service_pb2.CancelActionResponse(action=action)

    async def ListActions(
        self, request: action_service_pb2.ListActionsRequest, _: Context
    ) -> action_service_pb2.ListActionsResponse:
        about = (request.campaign_id, request.lead_id, request.state)
        return action_service_pb2.ListActionsResponse(
            actions=[
                action
                for action in self.actions.values()
                if (action.campaign_id, action.lead_id, action.state) == about
            ]
        )

    def queued(self, lead_id: str) -> list[str]:
        """What of a lead waits for its turn."""
        return [
            action.action_id
            for action in self.actions.values()
            if (action.lead_id, action.state) == (lead_id, action_pb2.ACTION_STATE_QUEUED)
        ]

    async def PutHold(
        self, request: hold_service_pb2.PutHoldRequest, _: Context
    ) -> hold_service_pb2.PutHoldResponse:
        self.held.setdefault(request.subject_id, request.reason)
        return hold_service_pb2.PutHoldResponse()

    async def LiftHold(
        self, request: hold_service_pb2.LiftHoldRequest, _: Context
    ) -> hold_service_pb2.LiftHoldResponse:
        self.held.pop(request.subject_id, None)
        return hold_service_pb2.LiftHoldResponse()

    async def ForecastAccount(
        self, request: pace_service_pb2.ForecastAccountRequest, _: Context
    ) -> pace_service_pb2.ForecastAccountResponse:
        kinds = [
            pace_pb2.KindForecast(
                kind=kind,
                actions=self.free.get(request.account_id, 100),
                new_people=self.free.get(request.account_id, 100),
                together=self.free.get(request.account_id, 100) if kind in request.kinds else 0,
            )
            for kind in action_pb2.ActionKind.values()
            if kind
        ]
        return pace_service_pb2.ForecastAccountResponse(days=[pace_pb2.DayForecast(kinds=kinds)])

    async def ListPosts(
        self, _request: person_service_pb2.ListPostsRequest, _: Context
    ) -> person_service_pb2.ListPostsResponse:
        return person_service_pb2.ListPostsResponse(posts=self.posts)

    async def GetProfile(
        self, request: person_service_pb2.GetProfileRequest, _: Context
    ) -> person_service_pb2.GetProfileResponse:
        self.profiles_read.append(request)
        if isinstance(self.profile, ServiceError):
            raise self.profile
        return person_service_pb2.GetProfileResponse(profile=self.profile)

    async def GetAccount(
        self, request: account_service_pb2.GetAccountRequest, _: Context
    ) -> account_service_pb2.GetAccountResponse:
        account = account_pb2.Account()
        account.CopyFrom(self.account)
        parked = request.account_id in self.parked
        account.state = (
            account_pb2.ACCOUNT_STATE_DISCONNECTED
            if parked
            else account_pb2.ACCOUNT_STATE_CONNECTED
        )
        return account_service_pb2.GetAccountResponse(account=account)


@asynccontextmanager
async def running_gateway(gateway: FakeGateway) -> AsyncIterator[str]:
    """The address at which a fake gateway serves."""
    server = GrpcServer(interceptors=[standard_interceptor(CollectorRegistry())])
    server.add(account_service_pb2_grpc.add_AccountServiceServicer_to_server, gateway)
    server.add(action_service_pb2_grpc.add_ActionServiceServicer_to_server, gateway)
    server.add(hold_service_pb2_grpc.add_HoldServiceServicer_to_server, gateway)
    server.add(pace_service_pb2_grpc.add_PaceServiceServicer_to_server, gateway)
    server.add(person_service_pb2_grpc.add_PersonServiceServicer_to_server, gateway)
    async with server:
        yield server.address
