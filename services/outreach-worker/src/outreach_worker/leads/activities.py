"""What happens to a lead, recorded."""

from datetime import datetime, timedelta
from typing import Protocol

from campaigns.errors import LeadNotFound
from campaigns.models import (
    ConnectionState,
    HeardMessage,
    Lead,
    LeadState,
    StepExecution,
    StepState,
)
from campaigns.repositories.campaign_repository import CampaignRepository
from campaigns.repositories.lead_repository import LeadRepository
from campaigns.repositories.step_repository import StepRepository
from campaigns.repositories.step_text_repository import HeardMessageRepository
from campaigns.revision_cache import RevisionCache
from campaigns.sequences.sequence import StepOutcome
from campaigns.sequences.time_limits import CAMPAIGN_TIME_OVER, TIME_OVER
from campaigns.workflow.contracts import (
    STOPPED_WITH_CAMPAIGN,
    CampaignContract,
    campaign_workflow_id,
)
from servicekit.clock import Clock
from servicekit.tasks import answered_outside
from servicekit.telemetry import logs, metrics
from temporalio import activity
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from outreach_worker.events import lead_events
from outreach_worker.events.contracts import OWNER_WROTE, REPLY_RECEIVED, CustomerEvent, Recorded
from outreach_worker.events.publisher import Publisher
from outreach_worker.leads.contracts import (
    FinishLead,
    LeadActivitiesContract,
    LeadRef,
    RecordAnswer,
    RecordOwnerMessage,
    RecordReply,
)
from outreach_worker.leads.plan import LeadPlan, lead_plan
from outreach_worker.metrics import Metrics
from outreach_worker.senders.enrolments import Enrolments
from outreach_worker.steps.recorder import StepRecorder

LEAD_REMOVED = "LEAD_REMOVED"
"""Why a lead is over of which nothing is known any more; no row says so."""
_TIMEOUT = timedelta(seconds=10)
_NOBODYS_ACT = TIME_OVER | {STOPPED_WITH_CAMPAIGN}
"""Why a lead is stopped without anybody's having asked for that at Temporal."""


class Acts(Protocol):
    """Who keeps what people do to workflows at Temporal."""

    async def record_cancellation(self) -> None:
        """Record who asked the workflow that runs now to end, if somebody did."""


class LeadActivities(LeadActivitiesContract):
    """Every one may be repeated: the rows keep the first of everything."""

    def __init__(
        self,
        campaigns: CampaignRepository,
        leads: LeadRepository,
        steps: StepRepository,
        heard: HeardMessageRepository,
        *,
        revisions: RevisionCache,
        recorder: StepRecorder,
        publisher: Publisher,
        temporal: Client,
        enrolments: Enrolments,
        metrics: Metrics,
        clock: Clock,
        acts: Acts,
    ) -> None:
        self._campaigns = campaigns
        self._leads = leads
        self._steps = steps
        self._heard = heard
        self._revisions = revisions
        self._recorder = recorder
        self._publisher = publisher
        self._temporal = temporal
        self._enrolments = enrolments
        self._metrics = metrics
        self._clock = clock
        self._acts = acts

    @activity.defn(name="begin_lead")
    async def begin_lead(self, lead: LeadRef) -> LeadPlan:
        """Record that the lead has begun; returns what lies before it."""
        with logs.bound(campaign_id=lead.campaign_id, lead_id=lead.lead_id):
            now = self._clock.now()
            async with self._publisher.together():
                row = await self._leads.begin(lead.lead_id, now=now)
                if row is not None:
                    started = lead_events.started(row, at=row.started_at or now)
                    await self._publisher.publish(started)
            if row is None:
                return await self._ended(lead)
            # Only now: whoever edits the campaign from here on finds a lead that has begun, and
            # has it told.
            campaign = await self._campaigns.get(lead.campaign_id)
            revision_id = row.revision_id or campaign.revision_id
            sequence = await self._revisions.sequence(revision_id)
            first = sequence.steps[0]
            await self._steps.wait(campaign.id, row.id, first, revision_id=revision_id, since=now)
            return lead_plan(campaign, revision_id, sequence)

    @activity.defn(name="record_answer")
    async def record_answer(self, answer: RecordAnswer) -> Recorded:
        """Record what came of the invitation, and whose turn it is then."""
        with logs.bound(campaign_id=answer.campaign_id, lead_id=answer.lead_id):
            state = ConnectionState.CONNECTED if answer.accepted else ConnectionState.NOT_ACCEPTED
            async with self._publisher.together():
                await self._leads.record_connection(answer.lead_id, state, at=answer.at)
                if answer.accepted:
                    ids = answer.campaign_id, answer.lead_id
                    await self._publisher.publish(lead_events.accepted(*ids, at=answer.at))
            told = "accepted" if answer.accepted else "not_accepted"
            self._metrics.invitation_answers.labels(told).inc()
            if answer.step_id:
                outcome = StepOutcome.ACCEPTED if answer.accepted else StepOutcome.NOT_ACCEPTED
                await self._recorder.record_turn_after(
                    answer.campaign_id,
                    answer.lead_id,
                    answer.step_id,
                    outcome,
                    revision_id=answer.revision_id,
                    at=answer.at,
                )
            return Recorded()

    @activity.defn(name="record_reply")
    async def record_reply(self, reply: RecordReply) -> Recorded:
        """Record what the person wrote."""
        with logs.bound(campaign_id=reply.campaign_id, lead_id=reply.lead_id):
            heard = await self._heard_by(reply)
            counts = await self._is_reply(reply)
            event = CustomerEvent(
                type=REPLY_RECEIVED,
                campaign_id=reply.campaign_id,
                lead_id=reply.lead_id,
                key=reply.event_id,
                at=reply.at,
                automatic=reply.automatic,
                suppression_id=reply.suppression_id,
            )
            async with self._publisher.together():
                if counts:
                    await self._leads.record_reply(reply.lead_id, heard.text, at=reply.at)
                if not reply.automatic:
                    await self._leads.record_answer(
                        reply.lead_id, at=reply.at, suppression_id=reply.suppression_id
                    )
                await self._publisher.publish(event)
            if not reply.automatic:
                lag = self._clock.real(self._clock.now() - reply.at)
                self._metrics.reply_lag.observe(max(0.0, lag.total_seconds()))
            return Recorded()

    @activity.defn(name="record_owner_message")
    async def record_owner_message(self, message: RecordOwnerMessage) -> Recorded:
        """Record that the account's owner wrote to the person by hand."""
        with logs.bound(campaign_id=message.campaign_id, lead_id=message.lead_id):
            await self._heard_by(message)
            event = CustomerEvent(
                type=OWNER_WROTE,
                campaign_id=message.campaign_id,
                lead_id=message.lead_id,
                key=message.event_id,
                at=message.at,
            )
            async with self._publisher.together():
                await self._leads.record_owner_message(message.lead_id, at=message.at)
                await self._publisher.publish(event)
            return Recorded()

    async def _heard_by(self, told: RecordReply | RecordOwnerMessage) -> HeardMessage:
        """What was written, by its row; a signal of the release before brings it along."""
        brought = HeardMessage(
            text=told.text if isinstance(told, RecordReply) else "",
            chat_id=told.chat_id,
            message_id=told.message_id,
        )
        if brought != HeardMessage():
            await self._heard.keep(told.lead_id, told.event_id, brought)
        return await self._heard.find(told.lead_id, told.event_id) or brought

    @activity.defn(name="finish_lead")
    async def finish_lead(self, finish: FinishLead) -> Recorded:
        """Record how the lead ended, and wake its campaign if that waits for room."""
        with logs.bound(campaign_id=finish.campaign_id, lead_id=finish.lead_id):
            now = self._clock.now()
            try:
                before = await self._leads.get(finish.campaign_id, finish.lead_id)
            except LeadNotFound:
                return await self._forgotten(finish)
            wake = await self._finish(finish, now=now)
            await self._enrolments.end(finish.campaign_id, finish.lead_id)
            if finish.state is LeadState.STOPPED and finish.reason not in _NOBODYS_ACT:
                await self._acts.record_cancellation()
            # An attempt before this one may have taken the flag and not come to the signal. The
            # row knows: whoever has an activity tried anew has its attempts counted from one.
            if wake or before.ended_at is not None:
                await self._wake_campaign(finish.campaign_id)
            self._count(before, finish, at=now)
            return Recorded()

    async def _finish(self, finish: FinishLead, *, now: datetime) -> bool:
        """Record and publish the end; whether the campaign waits for room and there is some."""
        ids = finish.campaign_id, finish.lead_id
        async with self._publisher.together():
            # The lead's row first, as wherever steps are changed with it.
            await self._leads.finish(
                finish.lead_id, state=finish.state, reason=finish.reason, now=now
            )
            skipped = await self._steps.skip_waiting(finish.lead_id, reason=finish.skipped, now=now)
            steps = [_skipped(finish, step_id, at=now) for step_id in sorted(skipped)]
            ended = lead_events.ended(*ids, finish.state, at=now)
            await self._publisher.publish(*await self._begun(finish), *steps, ended)
        # Once everybody sees the end: of two that end at once neither would see the other's.
        return await self._leads.takes_wake_flag(finish.campaign_id)

    async def _ended(self, lead: LeadRef) -> LeadPlan:
        """The plan of one that is over before it began; it may have been removed since."""
        try:
            return _ended(await self._leads.get(lead.campaign_id, lead.lead_id))
        except LeadNotFound:
            return _nothing(LeadState.STOPPED, reason=LEAD_REMOVED)

    async def _forgotten(self, finish: FinishLead) -> Recorded:
        """It was removed when its row said that it is over: nobody hears of it any more."""
        await self._enrolments.end(finish.campaign_id, finish.lead_id)
        await self._wake_campaign(finish.campaign_id)
        return Recorded()

    def _count(self, before: Lead, finish: FinishLead, *, at: datetime) -> None:
        if before.ended_at is not None:
            # An attempt before this one has recorded it.
            return
        self._metrics.leads_ended.labels(finish.state).inc()
        if before.started_at is not None:
            took = (at - before.started_at).total_seconds()
            exemplar = metrics.exemplar()
            self._metrics.lead_duration.labels(finish.state).observe(took, exemplar=exemplar)

    async def _begun(self, finish: FinishLead) -> list[CustomerEvent]:
        """That it has begun, where a bug may have kept that from being told."""
        if finish.begun:
            return []
        row = await self._leads.get(finish.campaign_id, finish.lead_id)
        return [] if row.started_at is None else [lead_events.started(row, at=row.started_at)]

    async def _is_reply(self, reply: RecordReply) -> bool:
        """Whether it counts as one: a machine's does where it ends the sequence."""
        if not reply.automatic:
            return True
        campaign = await self._campaigns.get(reply.campaign_id)
        return campaign.settings.automatic_replies.ends

    async def _wake_campaign(self, campaign_id: str) -> None:
        handle = self._temporal.get_workflow_handle_for(
            CampaignContract.run, campaign_workflow_id(campaign_id)
        )
        try:
            with answered_outside():
                await handle.signal(CampaignContract.room_freed, rpc_timeout=_TIMEOUT)
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise


def _skipped(finish: FinishLead, step_id: str, *, at: datetime) -> CustomerEvent:
    skipped = StepExecution(step_id=step_id, state=StepState.SKIPPED, reason=finish.skipped)
    return lead_events.step_ended(finish.campaign_id, finish.lead_id, skipped, at=at)


def _ended(lead: Lead) -> LeadPlan:
    """The plan of a lead that was called off before it began."""
    if lead.state.walks:
        # Nothing but its campaign's end keeps one from beginning that is in the sequence.
        return _nothing(LeadState.STOPPED, reason=CAMPAIGN_TIME_OVER, revision_id=lead.revision_id)
    state = lead.state if lead.state is not LeadState.READY else LeadState.STOPPED
    # One that is not in the sequence lost its place with its campaign.
    return _nothing(state, reason=lead.reason or "CAMPAIGN_STOPPED", revision_id=lead.revision_id)


def _nothing(state: LeadState, *, reason: str, revision_id: str = "") -> LeadPlan:
    """The plan of a lead that is over."""
    return LeadPlan(
        revision_id=revision_id, continue_after_reply=False, steps=(), ended=state, reason=reason
    )
