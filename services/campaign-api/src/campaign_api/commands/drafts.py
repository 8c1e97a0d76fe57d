"""A campaign before it starts: checked whole, compiled, created."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from campaigns.builder.compiler import Compilation, with_endpoints
from campaigns.builder.extensions import REPLY_ENDS_SEQUENCE
from campaigns.builder.outlook import soonest
from campaigns.models import Campaign, CampaignSettings, CampaignState
from campaigns.repositories.campaign_repository import CampaignRepository
from campaigns.revision_cache import RevisionCache
from campaigns.sending_hours import can_send
from campaigns.sequences.diagnostics import SequenceWarning
from campaigns.sequences.durations import describe_duration
from campaigns.sequences.json_form import content_hash
from campaigns.sequences.revision import Revision
from campaigns.sequences.sequence import Sequence as StepSequence
from campaigns.sequences.time_limits import CAMPAIGN_TIME_OVER, time_limit
from servicekit.auth import current_principal
from servicekit.clock import Clock
from servicekit.errors import FieldViolation
from servicekit.ids import new_id
from servicekit.postgres.companions import note_created
from servicekit.rehearsals.rehearsal import rehearsing
from servicekit.telemetry import logs

from campaign_api.clients.linkedin_gateway import Gateway
from campaign_api.commands.sequence_compiler import SequenceCompiler
from campaign_api.commands.sequence_webhooks import ResolvedWebhooks, SequenceWebhooks
from campaign_api.errors import HOURS_NEVER_MEET, InvalidFields, sequence_violations
from campaign_api.metrics import Metrics

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
    literal: tuple[str, ...] = ()
    """What in the texts looks like a placeholder and is meant as it stands."""
    said: str = ""
    """The request as it came, as one word."""
    violations: Sequence[FieldViolation] = ()


class Drafts:
    """Creates campaigns."""

    def __init__(
        self,
        repository: CampaignRepository,
        revisions: RevisionCache,
        *,
        compiler: SequenceCompiler,
        webhooks: SequenceWebhooks,
        gateway: Gateway,
        clock: Clock,
        metrics: Metrics,
    ) -> None:
        self._repository = repository
        self._revisions = revisions
        self._compiler = compiler
        self._webhooks = webhooks
        self._gateway = gateway
        self._clock = clock
        self._metrics = metrics

    async def create(self, draft: Draft) -> tuple[Campaign, Revision, Sequence[SequenceWarning]]:
        """Create a campaign; the same request twice is one campaign.

        It is found whatever has become of its accounts and webhooks since, and of who knows them.
        Raises `InvalidFields` with everything that is wrong with the fields, the
        accounts and the sequence.
        """
        before = await self._repository.made(
            draft.organization_id, draft.request_id, said=draft.said
        )
        if before is not None:
            return await self._made_before(before, draft)
        violations = [*draft.violations]
        compilation = (
            await self._compiler.compile(draft.sequence_json, literal=draft.literal)
            if draft.sequence_json
            else None
        )
        webhooks = ResolvedWebhooks()
        if draft.organization_id:
            violations += await self._account_violations(draft)
            if compilation is not None:
                webhooks = await self._webhooks.resolve(draft.organization_id, compilation.webhooks)
        if compilation is not None:
            violations += sequence_violations([*compilation.violations, *webhooks.violations])
        if violations or compilation is None or compilation.sequence is None:
            raise InvalidFields(violations)
        # Only now: a request that is refused leaves nothing behind.
        endpoints = await self._webhooks.register(
            draft.organization_id, webhooks, request_id=draft.request_id
        )
        campaign, revision = self._new(draft, with_endpoints(compilation.sequence, endpoints))
        created = await self._repository.create(
            campaign, revision, request_id=draft.request_id, said=draft.said
        )
        if created.id == campaign.id:
            self._count()
            log.info("campaign_created", campaign_id=created.id, steps=len(revision.sequence.steps))
        else:
            revision = await self._revisions.get(created.revision_id)
        warnings = self._warnings(compilation, revision, draft)
        return created, revision, (*warnings, *webhooks.warnings)

    async def _made_before(
        self, campaign: Campaign, draft: Draft
    ) -> tuple[Campaign, Revision, Sequence[SequenceWarning]]:
        revision = await self._revisions.get(campaign.revision_id)
        compilation = await self._compiler.compile(draft.sequence_json, literal=draft.literal)
        return campaign, revision, self._warnings(compilation, revision, draft)

    def _warnings(
        self, compilation: Compilation, revision: Revision, draft: Draft
    ) -> Sequence[SequenceWarning]:
        return (
            *_true_warnings(compilation, draft.settings),
            *_too_short(revision.sequence, draft.settings, now=self._clock.now()),
        )

    async def duplicate(
        self, campaign: Campaign, *, name: str, request_id: str
    ) -> tuple[Campaign, Revision]:
        """A draft of what a campaign is now, without its leads; the same request twice is one.

        Raises `RequestIdReused` if the request made another one before.
        """
        present = await self._revisions.get(campaign.revision_id)
        draft = Draft(
            request_id=request_id,
            organization_id=campaign.organization_id,
            name=name or campaign.name,
            account_ids=campaign.account_ids,
            sequence_json=present.source_json,
            settings=campaign.settings,
        )
        made, revision = self._new(draft, present.sequence)
        created = await self._repository.create(
            made, revision, request_id=request_id, of=campaign.id
        )
        if created.id != made.id:
            return created, await self._revisions.get(created.revision_id)
        self._count()
        log.info("campaign_duplicated", campaign_id=created.id, of=campaign.id)
        return created, revision

    def _count(self) -> None:
        if not rehearsing():
            self._metrics.campaigns_created.inc()

    def _new(self, draft: Draft, sequence: StepSequence) -> tuple[Campaign, Revision]:
        now = self._clock.now()
        campaign_id, revision_id = new_id("camp"), new_id("seq")
        note_created("campaign_id", campaign_id)
        note_created("revision_id", revision_id)
        campaign = Campaign(
            id=campaign_id,
            organization_id=draft.organization_id,
            name=draft.name,
            state=CampaignState.DRAFT,
            account_ids=draft.account_ids,
            settings=draft.settings,
            revision_id=revision_id,
            created_at=now,
            created_by=current_principal(),
        )
        revision = Revision(
            id=revision_id,
            campaign_id=campaign_id,
            number=1,
            content_hash=content_hash(sequence),
            sequence=sequence,
            source_json=draft.sequence_json,
            created_at=now,
            created_by=current_principal(),
        )
        return campaign, revision

    async def _account_violations(self, draft: Draft) -> list[FieldViolation]:
        now = self._clock.now()
        found = await self._gateway.accounts(draft.organization_id, draft.account_ids)
        violations = []
        for position, account_id in enumerate(draft.account_ids):
            if not account_id:
                # Missing, which has been told.
                continue
            account = found.get(account_id)
            if account is None:
                text = "There is no such account in this organization."
                field = f"account_ids[{position}]"
                violations.append(FieldViolation(field, text, "ACCOUNT_NOT_FOUND"))
            elif not can_send(draft.settings.sending_window, account.hours, now=now):
                off = ", less its days off" if account.hours and account.hours.days_off else ""
                text = f"The window never meets the working hours of {account_id}{off}."
                violations.append(FieldViolation("settings.sending_window", text, HOURS_NEVER_MEET))
        return violations


def _true_warnings(compilation: Compilation, settings: CampaignSettings) -> list[SequenceWarning]:
    """The warnings, less what the campaign's settings make untrue."""
    void = {REPLY_ENDS_SEQUENCE} if settings.continue_after_reply else set()
    return [warning for warning in compilation.warnings if warning.reason not in void]


def _too_short(
    sequence: StepSequence, settings: CampaignSettings, *, now: datetime
) -> Iterator[SequenceWarning]:
    """A warning if no lead comes to some step in the time that there is, however fast it is."""
    begun_at = max(now, settings.start_at or now)
    limit = time_limit(
        end_at=settings.end_at, longest=settings.max_lead_duration, begun_at=begun_at
    )
    if limit is None:
        return
    at_most = limit.at - begun_at
    late = {step_id: at for step_id, at in soonest(sequence).items() if at >= at_most}
    if late:
        step_id, at = min(late.items(), key=lambda each: each[1])
        ending = limit.reason == CAMPAIGN_TIME_OVER
        yield SequenceWarning(
            field="settings.end_time" if ending else "settings.max_lead_duration",
            reason="TIME_TOO_SHORT",
            description=f"No lead comes to {len(late)} of the {len(sequence.steps)} steps: step"
            f" {step_id} follows after {describe_duration(at)} at the earliest.",
        )
