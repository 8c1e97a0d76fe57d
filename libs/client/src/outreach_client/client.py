"""Every service of the engine behind one object."""

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Self

import grpc
from outreach.audit.v1.audit_service_pb2_grpc import AuditServiceStub
from outreach.campaign.v1 import campaign_service_pb2, lead_service_pb2
from outreach.campaign.v1.campaign_service_pb2_grpc import CampaignServiceStub
from outreach.campaign.v1.lead_service_pb2_grpc import LeadServiceStub
from outreach.campaign.v1.linkedin_event_service_pb2_grpc import LinkedInEventServiceStub
from outreach.campaign.v1.sequence_service_pb2_grpc import SequenceServiceStub
from outreach.common.v1 import deadline_pb2
from outreach.identity.v1.api_key_service_pb2_grpc import ApiKeyServiceStub
from outreach.identity.v1.member_service_pb2_grpc import MemberServiceStub
from outreach.identity.v1.organization_service_pb2_grpc import OrganizationServiceStub
from outreach.identity.v1.token_service_pb2_grpc import TokenServiceStub
from outreach.linkedin.v1 import suppression_service_pb2
from outreach.linkedin.v1.account_service_pb2_grpc import AccountServiceStub
from outreach.linkedin.v1.action_service_pb2_grpc import ActionServiceStub
from outreach.linkedin.v1.hold_service_pb2_grpc import HoldServiceStub
from outreach.linkedin.v1.inbound_service_pb2_grpc import InboundServiceStub
from outreach.linkedin.v1.pace_service_pb2_grpc import PaceServiceStub
from outreach.linkedin.v1.person_service_pb2_grpc import PersonServiceStub
from outreach.linkedin.v1.sign_in_service_pb2_grpc import SignInServiceStub
from outreach.linkedin.v1.suppression_service_pb2_grpc import SuppressionServiceStub
from outreach.webhook.v1.webhook_service_pb2_grpc import WebhookServiceStub
from servicekit.credentials.tls import Tls
from servicekit.grpc import client as grpc_client
from servicekit.grpc.deadlines import promised_in

from outreach_client.credentials import ExchangedTokens, api_key_of
from outreach_client.settings import Settings
from outreach_client.streams import followed

_PROMISE_OF = promised_in(
    method=deadline_pb2.answers_within, service=deadline_pb2.methods_answer_within
)
_PIECE_BYTES = 256 * 1024


class OutreachClient:
    """A stub of each service, by its noun and typed by the contract; an async context manager.

        async with OutreachClient(Settings()) as client:
            answer = await client.campaigns.StartCampaign(StartCampaignRequest(...))

    Calls carry the token and a deadline. Where no token is given, the API key is exchanged for one
    when it is entered, unless it does not sign in. A refused one raises the `ServiceError` of
    `servicekit.errors` that the server raised, with its reason and violations.
    """

    campaigns: CampaignServiceStub
    leads: LeadServiceStub
    sequences: SequenceServiceStub
    linkedin_events: LinkedInEventServiceStub
    actions: ActionServiceStub
    people: PersonServiceStub
    accounts: AccountServiceStub
    sign_ins: SignInServiceStub
    pace: PaceServiceStub
    holds: HoldServiceStub
    suppressions: SuppressionServiceStub
    inbound: InboundServiceStub
    webhooks: WebhookServiceStub
    audits: Mapping[str, AuditServiceStub]
    """By the service that keeps the records."""
    organizations: OrganizationServiceStub
    members: MemberServiceStub
    api_keys: ApiKeyServiceStub
    tokens: TokenServiceStub

    def __init__(self, settings: Settings | None = None, *, signs_in: bool = True) -> None:
        self._settings = settings or Settings()
        self._tls = _tls(self._settings)
        self._signs_in = signs_in
        self._stack = AsyncExitStack()
        self._token: Callable[[], str] | None = None

    async def __aenter__(self) -> Self:
        try:
            await self._connect()
        except BaseException:
            await self._stack.aclose()
            raise
        return self

    async def _connect(self) -> None:
        settings = self._settings
        self._token = await self._token_source()
        campaign_api = await self._channel(settings.campaign_api_address)
        self.campaigns = CampaignServiceStub(campaign_api)
        self.leads = LeadServiceStub(campaign_api)
        self.sequences = SequenceServiceStub(campaign_api)
        self.linkedin_events = LinkedInEventServiceStub(campaign_api)
        self.organizations = OrganizationServiceStub(campaign_api)
        self.members = MemberServiceStub(campaign_api)
        self.api_keys = ApiKeyServiceStub(campaign_api)
        self.tokens = TokenServiceStub(campaign_api)
        gateway = await self._channel(settings.gateway_address)
        self.actions = ActionServiceStub(gateway)
        self.people = PersonServiceStub(gateway)
        self.accounts = AccountServiceStub(gateway)
        self.sign_ins = SignInServiceStub(gateway)
        self.pace = PaceServiceStub(gateway)
        self.holds = HoldServiceStub(gateway)
        self.suppressions = SuppressionServiceStub(gateway)
        self.inbound = InboundServiceStub(gateway)
        dispatcher = await self._channel(settings.dispatcher_address)
        self.webhooks = WebhookServiceStub(dispatcher)
        self.audits = {
            "campaign-api": AuditServiceStub(campaign_api),
            "linkedin-gateway": AuditServiceStub(gateway),
            "webhook-dispatcher": AuditServiceStub(dispatcher),
        }

    async def __aexit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        await self._stack.aclose()

    async def import_leads(
        self,
        campaign_id: str,
        content: bytes,
        *,
        column_by_field: Mapping[str, str] | None = None,
        allow_literal: Sequence[str] = (),
        validate_only: bool = False,
    ) -> lead_service_pb2.ImportLeadsResponse:
        """Add the people of a lead list, read whole, to a campaign, or say what that would do."""
        header = lead_service_pb2.ImportLeadsHeader(
            campaign_id=campaign_id,
            column_by_field=column_by_field or {},
            allow_literal=allow_literal,
            validate_only=validate_only,
        )
        return await self.leads.ImportLeads(_import(header, content))

    async def watch_campaign(
        self, campaign_id: str
    ) -> AsyncIterator[campaign_service_pb2.WatchCampaignResponse]:
        """A campaign's status at once and after every change, until it has ended.

        However long that takes: a stream ends with its token, and is asked for again with the new
        one.
        """
        request = campaign_service_pb2.WatchCampaignRequest(campaign_id=campaign_id)
        async for answer in followed(lambda: self.campaigns.WatchCampaign(request)):
            yield answer

    async def import_suppressions(
        self, header: suppression_service_pb2.ImportSuppressionsHeader, content: bytes
    ) -> suppression_service_pb2.ImportSuppressionsResponse:
        """Forbid contact with everybody of a list, read whole."""
        return await self.suppressions.ImportSuppressions(_suppressions(header, content))

    async def _token_source(self) -> Callable[[], str] | None:
        """The token that is given, or else one of the API key; None without either."""
        given = _token(self._settings)
        key = api_key_of(self._settings) if given is None and self._signs_in else ""
        if not key:
            return given
        campaign_api = await self._channel(self._settings.campaign_api_address)
        return await self._stack.enter_async_context(ExchangedTokens(campaign_api, key))

    async def _channel(self, address: str) -> grpc.aio.Channel:
        settings = self._settings
        return await self._stack.enter_async_context(
            grpc_client.channel(
                address,
                timeout=settings.timeout,
                promise_of=_PROMISE_OF,
                token=self._token,
                # People want to hear at once that nobody is there.
                wait_for_ready=False,
                credentials=_credentials(settings),
                tls=self._tls,
            )
        )


def _tls(settings: Settings) -> Tls | None:
    """What is shown to the services and believed of them, where one shows a certificate.

    Raises `ValueError` where a file that goes with it is missing, or is not what it should be.
    """
    certificate, key = settings.tls_certificate_file, settings.tls_key_file
    if certificate is None and key is None:
        return None
    if certificate is None or key is None or settings.tls_authorities_file is None:
        raise ValueError(
            "OUTREACH_TLS_CERTIFICATE_FILE, OUTREACH_TLS_KEY_FILE and OUTREACH_TLS_AUTHORITIES_FILE"
            " go together"
        )
    return Tls(certificate, key, settings.tls_authorities_file)


def _credentials(settings: Settings) -> grpc.ChannelCredentials | None:
    if not settings.secure:
        return None
    believed = settings.tls_authorities_file
    return grpc.ssl_channel_credentials(believed.read_bytes() if believed is not None else None)


def _token(settings: Settings) -> Callable[[], str] | None:
    if settings.token is not None:
        return settings.token.get_secret_value
    path = settings.token_file
    if path is None:
        return None
    return lambda: path.read_text().strip()


async def _import(
    header: lead_service_pb2.ImportLeadsHeader, content: bytes
) -> AsyncIterator[lead_service_pb2.ImportLeadsRequest]:
    yield lead_service_pb2.ImportLeadsRequest(header=header)
    for piece in _pieces(content):
        yield lead_service_pb2.ImportLeadsRequest(content=piece)


async def _suppressions(
    header: suppression_service_pb2.ImportSuppressionsHeader, content: bytes
) -> AsyncIterator[suppression_service_pb2.ImportSuppressionsRequest]:
    yield suppression_service_pb2.ImportSuppressionsRequest(header=header)
    for piece in _pieces(content):
        yield suppression_service_pb2.ImportSuppressionsRequest(content=piece)


def _pieces(content: bytes) -> Iterable[bytes]:
    return (content[first : first + _PIECE_BYTES] for first in range(0, len(content), _PIECE_BYTES))
