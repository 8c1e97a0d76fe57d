"""The two services that campaign-api calls, as servicers that remember what they were asked."""

from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

from outreach.common.v1 import on_the_wire_pb2
from outreach.linkedin.v1 import (
    account_pb2,
    account_service_pb2,
    account_service_pb2_grpc,
    action_pb2,
    action_service_pb2,
    action_service_pb2_grpc,
    hold_pb2,
    hold_service_pb2,
    hold_service_pb2_grpc,
    pace_pb2,
    pace_service_pb2,
    pace_service_pb2_grpc,
    person_service_pb2,
    person_service_pb2_grpc,
    suppression_service_pb2,
    suppression_service_pb2_grpc,
)
from outreach.webhook.v1 import event_pb2, webhook_service_pb2_grpc
from outreach.webhook.v1 import webhook_service_pb2 as webhook_pb
from prometheus_client import CollectorRegistry
from servicekit.errors import (
    AlreadyExists,
    BadInput,
    FieldViolation,
    InvalidArgument,
    NotFound,
    ServiceError,
    Unavailable,
)
from servicekit.grpc.calls import Context
from servicekit.grpc.interceptors import standard_interceptor
from servicekit.grpc.server import GrpcServer
from servicekit.rehearsals.rehearsal import rehearsing

ORGANIZATION = "org_north"
# ruff: noqa: N802 - the methods have the names of the rpcs


class AccountNotFound(NotFound):
    """There is no such account."""

    reason = "ACCOUNT_NOT_FOUND"


class ActionNotFound(NotFound):
    """There is no such action."""

    reason = "ACTION_NOT_FOUND"


class EndpointNotFound(NotFound):
    """There is no such endpoint."""

    reason = "ENDPOINT_NOT_FOUND"


class FakeLinkedIn(
    account_service_pb2_grpc.AccountServiceServicer,
    action_service_pb2_grpc.ActionServiceServicer,
    hold_service_pb2_grpc.HoldServiceServicer,
    pace_service_pb2_grpc.PaceServiceServicer,
    person_service_pb2_grpc.PersonServiceServicer,
    suppression_service_pb2_grpc.SuppressionServiceServicer,
):
    """All services of the gateway; accounts, holds and actions are as a test sets them.

    `asked` names the writes in order.
    """

    def __init__(self) -> None:
        self.accounts: dict[str, account_pb2.Account] = {}
        self.held: dict[str, str] = {}
        self.vouched: dict[str, str] = {}
        """Whose each is, by campaign-api's word."""
        self.on_the_wire = on_the_wire_pb2.OnTheWire()
        self.replied: set[tuple[str, str]] = set()
        self.answered: set[tuple[str, str]] = set()
        """Of those who replied: leads whose person has."""
        self.suppressed: set[str] = set()
        self.suppressions_unread = False
        """Whether it cannot say who is, and answers everything else."""
        self.called: list[set[str]] = []
        """By what people are called, each."""
        self.acting: dict[str, list[tuple[str, str]]] = {}
        """Leads that have acted on whoever is called so."""
        self.waiting: list[pace_pb2.WaitingActions] = []
        self.actions: list[action_pb2.Action] = []
        self.obstacles: dict[str, list[action_pb2.Obstacle]] = {}
        self.asked: list[str] = []
        self.questions = 0
        self.refusal: ServiceError | None = None
        self.listed: list[list[str]] = []
        """Which accounts were listed, call by call."""
        self.write_refusal = ""
        """Why its database refuses to write, if it does."""

    def add_account(
        self,
        account_id: str,
        *,
        organization_id: str = ORGANIZATION,
        state: account_pb2.AccountState.ValueType = account_pb2.ACCOUNT_STATE_CONNECTED,
        reason: str = "",
    ) -> None:
        self.accounts[account_id] = account_pb2.Account(
            account_id=account_id,
            organization_id=organization_id,
            name=account_id.removeprefix("acct_").title(),
            state=state,
            state_reason=reason,
        )

    def go_away(self) -> None:
        """Answer everything with UNAVAILABLE until `come_back`."""
        self.refusal = Unavailable("The gateway is away.")

    def come_back(self) -> None:
        self.refusal = None

    def _answer(self) -> None:
        self.questions += 1
        if self.refusal is not None:
            raise self.refusal

    async def GetAccount(
        self, request: account_service_pb2.GetAccountRequest, _: Context
    ) -> account_service_pb2.GetAccountResponse:
        self._answer()
        if request.account_id not in self.accounts:
            raise AccountNotFound
        return account_service_pb2.GetAccountResponse(account=self.accounts[request.account_id])

    async def ListAccounts(
        self, request: account_service_pb2.ListAccountsRequest, _: Context
    ) -> account_service_pb2.ListAccountsResponse:
        self._answer()
        self.listed.append(list(request.account_ids))
        return account_service_pb2.ListAccountsResponse(
            accounts=[
                account
                for account in self.accounts.values()
                if account.organization_id == request.organization_id
                and (not request.account_ids or account.account_id in request.account_ids)
            ][: request.page_size or None]
        )

    async def PutHold(
        self, request: hold_service_pb2.PutHoldRequest, _: Context
    ) -> hold_service_pb2.PutHoldResponse:
        self._answer()
        assert request.scope == hold_pb2.HOLD_SCOPE_CAMPAIGN
        self.asked.append("hold")
        self.held[request.subject_id] = request.reason
        self.vouched[request.subject_id] = request.organization_id
        return hold_service_pb2.PutHoldResponse(on_the_wire=self.on_the_wire)

    async def LiftHold(
        self, request: hold_service_pb2.LiftHoldRequest, _: Context
    ) -> hold_service_pb2.LiftHoldResponse:
        self._answer()
        self.asked.append("lift")
        self.held.pop(request.subject_id, None)
        return hold_service_pb2.LiftHoldResponse()

    async def RecordReplies(
        self, request: suppression_service_pb2.RecordRepliesRequest, _: Context
    ) -> suppression_service_pb2.RecordRepliesResponse:
        self._answer()
        self.replied |= {(lead.campaign_id, lead.lead_id) for lead in request.leads}
        self.answered |= {
            (lead.campaign_id, lead.lead_id) for lead in request.leads if not lead.by_another
        }
        return suppression_service_pb2.RecordRepliesResponse()

    async def FindPeople(
        self, request: person_service_pb2.FindPeopleRequest, _: Context
    ) -> person_service_pb2.FindPeopleResponse:
        self._answer()
        asked = set(request.identifiers)
        names = asked.union(*(each for each in self.called if each & asked))
        return person_service_pb2.FindPeopleResponse(
            identifiers=sorted(names),
            leads=[
                person_service_pb2.PersonLead(campaign_id=campaign_id, lead_id=lead_id)
                for name in sorted(names)
                for campaign_id, lead_id in self.acting.get(name, ())
            ],
        )

    async def FindSuppressed(
        self, request: suppression_service_pb2.FindSuppressedRequest, _: Context
    ) -> suppression_service_pb2.FindSuppressedResponse:
        self._answer()
        if self.suppressions_unread:
            raise Unavailable("Its suppressions cannot be read.")
        return suppression_service_pb2.FindSuppressedResponse(
            suppressed=[
                place
                for place, person in enumerate(request.people)
                if person.public_identifier in self.suppressed
            ]
        )

    async def ListHolds(
        self, _request: hold_service_pb2.ListHoldsRequest, _: Context
    ) -> hold_service_pb2.ListHoldsResponse:
        self._answer()
        return hold_service_pb2.ListHoldsResponse(
            holds=[
                hold_pb2.Hold(
                    scope=hold_pb2.HOLD_SCOPE_CAMPAIGN, subject_id=subject_id, reason=reason
                )
                for subject_id, reason in self.held.items()
            ],
            write_refusal=self.write_refusal,
        )

    async def CountWaiting(
        self, request: pace_service_pb2.CountWaitingRequest, _: Context
    ) -> pace_service_pb2.CountWaitingResponse:
        self._answer()
        return pace_service_pb2.CountWaitingResponse(
            waiting=[
                each
                for each in self.waiting
                if each.account_id in request.account_ids
                and each.campaign_id in ("", request.campaign_id, *request.campaign_ids)
            ]
        )

    async def GetAccountHealth(
        self, _request: pace_service_pb2.GetAccountHealthRequest, _: Context
    ) -> pace_service_pb2.GetAccountHealthResponse:
        self._answer()
        return pace_service_pb2.GetAccountHealthResponse(
            health=pace_pb2.AccountHealth(multiplier=1.0)
        )

    async def ForecastAccount(
        self, request: pace_service_pb2.ForecastAccountRequest, _: Context
    ) -> pace_service_pb2.ForecastAccountResponse:
        self._answer()
        kinds = [pace_pb2.KindForecast(kind=kind, actions=12, planned=2) for kind in request.kinds]
        return pace_service_pb2.ForecastAccountResponse(
            days=[pace_pb2.DayForecast(kinds=kinds)] * request.days
        )

    async def ListActions(
        self, request: action_service_pb2.ListActionsRequest, _: Context
    ) -> action_service_pb2.ListActionsResponse:
        self._answer()
        return action_service_pb2.ListActionsResponse(
            actions=[each for each in self.actions if each.lead_id == request.lead_id]
        )

    async def ExplainAction(
        self, request: action_service_pb2.ExplainActionRequest, _: Context
    ) -> action_service_pb2.ExplainActionResponse:
        self._answer()
        if not request.organization_id:
            raise InvalidArgument("A service says whose action it asks about.")
        if request.action_id not in self.obstacles:
            raise ActionNotFound
        return action_service_pb2.ExplainActionResponse(obstacles=self.obstacles[request.action_id])


class FakeWebhookService(webhook_service_pb2_grpc.WebhookServiceServicer):
    """Endpoints and events in memory."""

    def __init__(self) -> None:
        self.endpoints: list[webhook_pb.Endpoint] = []
        self.requests: dict[str, webhook_pb.Endpoint] = {}
        self.events: dict[str, event_pb2.Event] = {}
        self.refusal: ServiceError | None = None

    def add_endpoint(
        self, endpoint_id: str, *, builder_webhook_id: str = "", organization_id: str = ORGANIZATION
    ) -> None:
        self.endpoints.append(
            webhook_pb.Endpoint(
                endpoint_id=endpoint_id,
                organization_id=organization_id,
                builder_webhook_id=builder_webhook_id,
            )
        )

    def go_away(self) -> None:
        """Answer everything with UNAVAILABLE until `come_back`."""
        self.refusal = Unavailable("The dispatcher is away.")

    def come_back(self) -> None:
        self.refusal = None

    def _answer(self) -> None:
        if self.refusal is not None:
            raise self.refusal

    async def GetEndpoint(
        self, request: webhook_pb.GetEndpointRequest, _: Context
    ) -> webhook_pb.GetEndpointResponse:
        self._answer()
        key = request.WhichOneof("key") or "endpoint_id"
        for endpoint in self.endpoints:
            if endpoint.organization_id == request.organization_id and getattr(
                endpoint, key
            ) == getattr(request, key):
                return webhook_pb.GetEndpointResponse(endpoint=endpoint)
        raise EndpointNotFound

    async def CreateEndpoint(
        self, request: webhook_pb.CreateEndpointRequest, _: Context
    ) -> webhook_pb.CreateEndpointResponse:
        self._answer()
        if request.url.startswith("http://10."):
            violation = FieldViolation("url", "A private address.", "DESTINATION_FORBIDDEN")
            raise BadInput([violation])
        if request.request_id not in self.requests:
            taken = {each.builder_webhook_id for each in self.endpoints}
            if request.builder_webhook_id in taken:
                raise AlreadyExists
            if rehearsing():
                return webhook_pb.CreateEndpointResponse()
            self.requests[request.request_id] = webhook_pb.Endpoint(
                endpoint_id=f"ep_{len(self.endpoints) + 1}",
                organization_id=request.organization_id,
                url=request.url,
                event_types=request.event_types,
                builder_webhook_id=request.builder_webhook_id,
            )
            self.endpoints.append(self.requests[request.request_id])
        return webhook_pb.CreateEndpointResponse(
            endpoint=self.requests[request.request_id], secret="whsec_invented"
        )

    async def PublishEvent(
        self, request: webhook_pb.PublishEventRequest, _: Context
    ) -> webhook_pb.PublishEventResponse:
        self._answer()
        self.events.setdefault(request.event.event_id, request.event)
        return webhook_pb.PublishEventResponse()


@dataclass
class Neighbours:
    """Both services, each on a real gRPC server."""

    linkedin: FakeLinkedIn = field(default_factory=FakeLinkedIn)
    webhooks: FakeWebhookService = field(default_factory=FakeWebhookService)
    gateway_address: str = ""
    dispatcher_address: str = ""


@asynccontextmanager
async def running_neighbours(accounts: Iterable[str] = ()) -> AsyncIterator[Neighbours]:
    """Serve both while the block runs."""
    neighbours = Neighbours()
    for account_id in accounts:
        neighbours.linkedin.add_account(account_id)
    gateway, dispatcher = _server(), _server()
    gateway.add(account_service_pb2_grpc.add_AccountServiceServicer_to_server, neighbours.linkedin)
    gateway.add(action_service_pb2_grpc.add_ActionServiceServicer_to_server, neighbours.linkedin)
    gateway.add(hold_service_pb2_grpc.add_HoldServiceServicer_to_server, neighbours.linkedin)
    gateway.add(pace_service_pb2_grpc.add_PaceServiceServicer_to_server, neighbours.linkedin)
    gateway.add(person_service_pb2_grpc.add_PersonServiceServicer_to_server, neighbours.linkedin)
    gateway.add(
        suppression_service_pb2_grpc.add_SuppressionServiceServicer_to_server, neighbours.linkedin
    )
    dispatcher.add(
        webhook_service_pb2_grpc.add_WebhookServiceServicer_to_server, neighbours.webhooks
    )
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(gateway)
        await stack.enter_async_context(dispatcher)
        neighbours.gateway_address = gateway.address
        neighbours.dispatcher_address = dispatcher.address
        yield neighbours


def _server() -> GrpcServer:
    return GrpcServer(interceptors=[standard_interceptor(CollectorRegistry())])
