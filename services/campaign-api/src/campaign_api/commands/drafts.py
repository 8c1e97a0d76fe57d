"""A campaign before it starts: checked whole, compiled, created."""

import asyncio
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from campaigns.builder.compiler import (
    Compilation,
    WebhookReference,
    compile_sequence,
    with_endpoints,
)
from campaigns.builder.extensions import REPLY_ENDS_SEQUENCE
from campaigns.models import Campaign, CampaignSettings, CampaignState
from campaigns.repositories.campaign_repository import CampaignRepository
from campaigns.revision_cache import RevisionCache
from campaigns.sequences.diagnostics import SequenceWarning, Violation
from campaigns.sequences.json_form import content_hash
from campaigns.sequences.revision import Revision
from campaigns.sequences.sequence import Sequence as StepSequence
from servicekit.clock import Clock
from servicekit.errors import FieldViolation, InvalidArgument
from servicekit.ids import new_id
from servicekit.telemetry import logs

from campaign_api.clients.linkedin_gateway import Gateway
from campaign_api.clients.webhook_dispatcher import Dispatcher
from campaign_api.errors import InvalidFields
from campaign_api.metrics import Metrics

SEQUENCE = "sequence_json"
"""The field of the request that holds what the builder exported."""

_MAX_CONCURRENT_CALLS = 20
# What the dispatcher takes as a `builder_webhook_id`.
_LONGEST_KEY = 200

log = logs.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What a caller asks for, and what is wrong with it as far as the fields tell."""

    request_id: str
    organization_id: str
    name: str
    account_ids: tuple[str, ...]
    sequence_json: str
    settings: CampaignSettings
    violations: Sequence[FieldViolation] = ()


@dataclass(kw_only=True)
class Webhooks:
    """What the webhooks of a sequence resolve to."""

    endpoint_by_step: dict[str, str] = field(default_factory=dict)
    unregistered: list[WebhookReference] = field(default_factory=list)
    violations: list[Violation] = field(default_factory=list)

    @property
    def warnings(self) -> list[SequenceWarning]:
        """Creating an endpoint for a customer is something they should know of."""
        return [
            SequenceWarning(
                field=reference.field,
                reason="ENDPOINT_CREATED",
                description="This address is registered as a webhook endpoint with the campaign;"
                " rotate its secret to verify what is sent to it.",
            )
            for reference in self.unregistered
        ]


class Drafts:
    """Creates campaigns, and says what is wrong with sequences."""

    def __init__(
        self,
        repository: CampaignRepository,
        revisions: RevisionCache,
        *,
        gateway: Gateway,
        dispatcher: Dispatcher,
        clock: Clock,
        metrics: Metrics,
        writer_configured: bool,
    ) -> None:
        self._repository = repository
        self._revisions = revisions
        self._gateway = gateway
        self._dispatcher = dispatcher
        self._clock = clock
        self._metrics = metrics
        self._writer_configured = writer_configured
        self._calls = asyncio.Semaphore(_MAX_CONCURRENT_CALLS)

    async def validate(self, organization_id: str, sequence_json: str) -> Compilation:
        """Compile a sequence without keeping it; nothing is created."""
        compilation = await self._compile(sequence_json)
        webhooks = await self._resolve(organization_id, compilation.webhooks)
        violations = (*compilation.violations, *webhooks.violations)
        return replace(
            compilation,
            sequence=None if violations else compilation.sequence,
            violations=violations,
            warnings=(*compilation.warnings, *webhooks.warnings),
        )

    async def compiled(
        self, campaign: Campaign, sequence_json: str, *, keeping: bool = True
    ) -> tuple[StepSequence, Sequence[SequenceWarning]]:
        """Compile another sequence for a campaign; raises `InvalidFields`.

        Only one that is to be kept registers endpoints for addresses nobody knows yet.
        """
        compilation = await self.validate(campaign.organization_id, sequence_json)
        if compilation.violations or compilation.sequence is None:
            raise InvalidFields(_of_request(compilation.violations))
        if not keeping:
            return compilation.sequence, compilation.warnings
        webhooks = await self._resolve(campaign.organization_id, compilation.webhooks)
        draft = Draft(
            request_id=f"revision/{campaign.id}",
            organization_id=campaign.organization_id,
            name=campaign.name,
            account_ids=campaign.account_ids,
            sequence_json=sequence_json,
            settings=campaign.settings,
        )
        endpoints = await self._register(draft, webhooks)
        return with_endpoints(compilation.sequence, endpoints), compilation.warnings

    async def create(self, draft: Draft) -> tuple[Campaign, Revision, Sequence[SequenceWarning]]:
        """Create a campaign; the same request twice is one campaign.

        Raises `InvalidFields` with everything that is wrong.
        """
        violations = [*draft.violations]
        compilation = await self._compile(draft.sequence_json) if draft.sequence_json else None
        webhooks = Webhooks()
        if draft.organization_id:
            violations += await self._account_violations(draft)
            if compilation is not None:
                webhooks = await self._resolve(draft.organization_id, compilation.webhooks)
        if compilation is not None:
            violations += _of_request([*compilation.violations, *webhooks.violations])
        if violations or compilation is None or compilation.sequence is None:
            raise InvalidFields(violations)
        # Only now: a request that is refused leaves nothing behind.
        endpoints = await self._register(draft, webhooks)
        campaign, revision = self._new(draft, with_endpoints(compilation.sequence, endpoints))
        created = await self._repository.create(campaign, revision, request_id=draft.request_id)
        if created.id == campaign.id:
            self._metrics.campaigns_created.inc()
            log.info("campaign_created", campaign_id=created.id, steps=len(revision.sequence.steps))
        else:
            revision = await self._revisions.get(created.revision_id)
        return created, revision, (*_due(compilation, draft.settings), *webhooks.warnings)

    def _new(self, draft: Draft, sequence: StepSequence) -> tuple[Campaign, Revision]:
        now = self._clock.now()
        campaign_id, revision_id = new_id("camp"), new_id("seq")
        campaign = Campaign(
            id=campaign_id,
            organization_id=draft.organization_id,
            name=draft.name,
            state=CampaignState.DRAFT,
            account_ids=draft.account_ids,
            settings=draft.settings,
            revision_id=revision_id,
            created_at=now,
        )
        revision = Revision(
            id=revision_id,
            campaign_id=campaign_id,
            number=1,
            content_hash=content_hash(sequence),
            sequence=sequence,
            source_json=draft.sequence_json,
            created_at=now,
        )
        return campaign, revision

    async def _compile(self, sequence_json: str) -> Compilation:
        # A drawing of thousands of nodes takes a while; other calls go on meanwhile.
        return await asyncio.to_thread(
            compile_sequence, sequence_json, writer_configured=self._writer_configured
        )

    async def _account_violations(self, draft: Draft) -> list[FieldViolation]:
        async def belongs(account_id: str) -> bool:
            if not account_id:
                # Missing, which has been told.
                return True
            async with self._calls:
                account = await self._gateway.account(account_id)
            return account is not None and account.organization_id == draft.organization_id

        known = await asyncio.gather(*(belongs(each) for each in draft.account_ids))
        return [
            FieldViolation(
                f"account_ids[{position}]",
                "There is no such account in this organization.",
                "ACCOUNT_NOT_FOUND",
            )
            for position, exists in enumerate(known)
            if not exists
        ]

    async def _resolve(
        self, organization_id: str, references: Sequence[WebhookReference]
    ) -> Webhooks:
        """Look up what steps name; an address that nobody knows yet can be registered."""
        found = await self._endpoints(organization_id, {_key(each) for each in references} - {""})
        webhooks = Webhooks()
        for reference in references:
            endpoint_id = found.get(_key(reference))
            if endpoint_id is not None:
                webhooks.endpoint_by_step[reference.step_id] = endpoint_id
            elif reference.url:
                webhooks.unregistered.append(reference)
            elif _key(reference):
                webhooks.violations.append(
                    Violation(
                        field=reference.field,
                        reason="WEBHOOK_UNKNOWN",
                        description="There is no such webhook in this organization.",
                    )
                )
        return webhooks

    async def _endpoints(self, organization_id: str, keys: Iterable[str]) -> dict[str, str | None]:
        async def endpoint(key: str) -> tuple[str, str | None]:
            async with self._calls:
                return key, await self._dispatcher.endpoint_id(organization_id, key)

        return dict(await asyncio.gather(*(endpoint(key) for key in keys)))

    async def _register(self, draft: Draft, webhooks: Webhooks) -> dict[str, str]:
        """Endpoints for the addresses that nobody knew; raises what is wrong with them."""
        endpoints = dict(webhooks.endpoint_by_step)
        violations: list[Violation] = []
        created: dict[str, str] = {}
        for reference in webhooks.unregistered:
            key = _key(reference)
            try:
                if key not in created:
                    created[key] = await self._dispatcher.create_endpoint(
                        draft.organization_id,
                        webhook_id=key,
                        url=reference.url,
                        request_id=_endpoint_request_id(draft, key),
                    )
            except InvalidArgument as error:
                violations.append(_refused_address(reference, error))
            else:
                endpoints[reference.step_id] = created[key]
        if violations:
            raise InvalidFields(_of_request(violations))
        return endpoints


def _due(compilation: Compilation, settings: CampaignSettings) -> list[SequenceWarning]:
    """The warnings, less what the campaign's settings make untrue."""
    void = {REPLY_ENDS_SEQUENCE} if settings.continue_after_reply else set()
    return [warning for warning in compilation.warnings if warning.reason not in void]


def _key(reference: WebhookReference) -> str:
    """What the endpoint of a reference is known by: its id, or its address."""
    key = reference.builder_webhook_id or reference.url
    if len(key) <= _LONGEST_KEY:
        return key
    return f"sha256:{hashlib.sha256(key.encode()).hexdigest()}"


def _endpoint_request_id(draft: Draft, key: str) -> str:
    digest = hashlib.sha256(f"{draft.request_id}\0{key}".encode()).hexdigest()
    return f"sequence-webhook/{digest[:32]}"


def _refused_address(reference: WebhookReference, error: InvalidArgument) -> Violation:
    told = error.violations[0] if error.violations else None
    reason = told.reason if told and told.reason else error.reason
    return Violation(
        field=reference.field,
        reason=reason if reason == "DESTINATION_FORBIDDEN" else "FIELD_INVALID",
        description=told.description if told else error.message,
    )


def _of_request(violations: Iterable[Violation]) -> list[FieldViolation]:
    """Paths in the builder's JSON as paths of the request."""
    return [
        FieldViolation(
            f"{SEQUENCE}.{wrong.field}" if wrong.field else SEQUENCE,
            wrong.description,
            wrong.reason,
        )
        for wrong in violations
    ]
