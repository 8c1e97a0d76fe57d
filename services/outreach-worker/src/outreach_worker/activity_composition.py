"""The activities of the worker, put together on what they need."""

from datetime import timedelta

import grpc
from campaigns.outbox.outbox_repository import OutboxRepository
from campaigns.repositories.admission.admission_repository import AdmissionRepository
from campaigns.repositories.campaign_repository import CampaignRepository
from campaigns.repositories.held_lead_repository import HeldLeadRepository
from campaigns.repositories.lead_repository import LeadRepository
from campaigns.repositories.orphaned_lead_repository import (
    OrphanedLeadRepository,
    UntoldEventRepository,
)
from campaigns.repositories.progress_repository import ProgressRepository
from campaigns.repositories.revision_repository import RevisionRepository
from campaigns.repositories.sender_repository import SenderRepository
from campaigns.repositories.status_repository import StatusRepository
from campaigns.repositories.step_repository import StepRepository
from campaigns.repositories.step_text_repository import HeardMessageRepository, StepTextRepository
from campaigns.repositories.witness_repository import WitnessRepository
from campaigns.revision_cache import RevisionCache
from campaigns.workflow.campaign_locks import CampaignLocks
from campaigns.workflow.contracts import TASK_QUEUE
from campaigns.workflow.control import CampaignControl
from campaigns.writer import Writer
from identity.audit.proofs import Proofs
from identity.audit.record_repository import RecordRepository
from outreach.linkedin.v1 import (
    account_service_pb2_grpc,
    action_service_pb2_grpc,
    hold_service_pb2_grpc,
    pace_service_pb2_grpc,
    person_service_pb2_grpc,
)
from outreach.webhook.v1 import webhook_service_pb2_grpc as webhook_rpc
from servicekit.clock import Clock
from servicekit.identity.identity import Identity
from servicekit.postgres import pool as postgres
from servicekit.sealing.seal import Seal
from temporalio.client import Client

from outreach_worker.automation_composition import compose_programs
from outreach_worker.bug_policy import WorkerBugs
from outreach_worker.campaigns.activities import CampaignActivities
from outreach_worker.campaigns.control_activities import (
    CampaignControlActivities,
    CampaignSignals,
    GatewayHolds,
)
from outreach_worker.campaigns.gone_workflows import GoneWorkflows
from outreach_worker.campaigns.held_leads import HeldLeads
from outreach_worker.campaigns.missing.lead_tour import LeadTour
from outreach_worker.campaigns.missing.witnesses import Witnesses
from outreach_worker.campaigns.operator_acts import OperatorActs
from outreach_worker.campaigns.orphaned_leads import OrphanedLeads
from outreach_worker.campaigns.parked_leads import FAILING_FOR, ParkedLeads
from outreach_worker.campaigns.wake_activities import WakeActivities
from outreach_worker.campaigns.workflow_sweep import WorkflowSweep
from outreach_worker.events.activities import EventActivities
from outreach_worker.events.publisher import Publisher
from outreach_worker.events.untold_events import UntoldEvents
from outreach_worker.leads.activities import LeadActivities
from outreach_worker.leads.parking_activities import ParkingActivities
from outreach_worker.leads.revision_activities import RevisionActivities
from outreach_worker.metrics import Metrics
from outreach_worker.senders.capacities import Capacities
from outreach_worker.senders.enrolments import Enrolments
from outreach_worker.senders.queued_actions import QueuedActions
from outreach_worker.senders.sender_directory import SenderDirectory
from outreach_worker.settings import Settings
from outreach_worker.steps.activities import LinkedInActivities
from outreach_worker.steps.conditions import Conditions
from outreach_worker.steps.endpoints import Endpoints
from outreach_worker.steps.gateway_actions import GatewayActions
from outreach_worker.steps.reassignment import SenderReassignment
from outreach_worker.steps.recorder import StepRecorder
from outreach_worker.steps.texts import StepTexts
from outreach_worker.worker import Activities

_LOCKS = 4
"""Connections that wait for another change of a campaign at most."""


def compose_activities(
    settings: Settings,
    clock: Clock,
    *,
    pool: postgres.Pool,
    automation: postgres.Pool,
    seal: Seal,
    identity: Identity,
    temporal: Client,
    campaign_api: grpc.aio.Channel,
    gateway: grpc.aio.Channel,
    dispatcher: grpc.aio.Channel,
    writer: Writer | None,
    metrics: Metrics,
    task_queue: str = TASK_QUEUE,
) -> Activities:
    """Every activity on what it needs, each thing once."""
    parts = _Parts(clock, pool, seal, identity, temporal, gateway, dispatcher, metrics)
    return Activities(
        campaign=parts.campaign_activities(settings, task_queue),
        lead=parts.lead_activities(),
        linkedin=parts.linkedin_activities(writer),
        event=EventActivities(parts.publisher, parts.untold),
        revision=RevisionActivities(parts.campaigns, parts.progress, revisions=parts.revisions),
        control=parts.control_activities(),
        wake=WakeActivities(AdmissionRepository(pool), temporal=temporal),
        parking=parts.parking_activities(),
        program=compose_programs(
            clock,
            pool=pool,
            automation=automation,
            seal=seal,
            campaign_api=campaign_api,
            gateway=gateway,
            publisher=parts.publisher,
            metrics=metrics,
        ),
    )


def compose_sweep(
    clock: Clock,
    *,
    pool: postgres.Pool,
    seal: Seal,
    identity: Identity,
    temporal: Client,
    gateway: grpc.aio.Channel,
    dispatcher: grpc.aio.Channel,
    metrics: Metrics,
    task_queue: str = TASK_QUEUE,
    failing_for: timedelta = FAILING_FOR,
) -> WorkflowSweep:
    """What compares rows with their workflows."""
    parts = _Parts(clock, pool, seal, identity, temporal, gateway, dispatcher, metrics)
    return parts.workflow_sweep(task_queue, failing_for=failing_for)


def compose_bug_policy(clock: Clock, *, pool: postgres.Pool, metrics: Metrics) -> WorkerBugs:
    """What decides about activities that a bug keeps from their end."""
    return WorkerBugs(StatusRepository(pool), metrics, clock)


class _Parts:
    """What several activities stand on."""

    def __init__(
        self,
        clock: Clock,
        pool: postgres.Pool,
        seal: Seal,
        identity: Identity,
        temporal: Client,
        gateway: grpc.aio.Channel,
        dispatcher: grpc.aio.Channel,
        metrics: Metrics,
    ) -> None:
        self._clock, self._pool, self._temporal, self._metrics = clock, pool, temporal, metrics
        self._seal, self._gateway = seal, gateway
        self.campaigns, self._leads = CampaignRepository(pool), LeadRepository(pool, seal)
        self._steps, self.progress = StepRepository(pool, seal), ProgressRepository(pool)
        self._orphans = OrphanedLeadRepository(pool)
        self._heard = HeardMessageRepository(pool, seal)
        self.revisions = RevisionCache(RevisionRepository(pool), keep=500)
        self._dispatcher = webhook_rpc.WebhookServiceStub(dispatcher)
        self.publisher = Publisher(
            OutboxRepository(pool, seal), self.campaigns, self._leads, self.revisions, self._heard
        )
        held_leads = HeldLeads(HeldLeadRepository(pool, seal), self.publisher)
        self.untold = UntoldEvents(UntoldEventRepository(pool), self.publisher, held_leads)
        rows = (self._leads, self._steps, self.revisions)
        self._recorder = StepRecorder(*rows, self.publisher, metrics)
        self._accounts = account_service_pb2_grpc.AccountServiceStub(gateway)
        self._actions = action_service_pb2_grpc.ActionServiceStub(gateway)
        self._people = person_service_pb2_grpc.PersonServiceStub(gateway)
        self._enrolments = Enrolments(self._actions, self.campaigns)
        self._queued = QueuedActions(self._actions, self.campaigns)
        self._acts = OperatorActs(
            temporal,
            self.campaigns,
            RecordRepository(pool, Proofs(identity), {}, schema="campaign"),
        )
        pace = pace_service_pb2_grpc.PaceServiceStub(gateway)
        self._capacities = Capacities(self._accounts, pace, self.revisions)

    def campaign_activities(self, settings: Settings, task_queue: str) -> CampaignActivities:
        return CampaignActivities(
            self.campaigns,
            self._orphans,
            AdmissionRepository(self._pool),
            self.progress,
            self._capacities,
            temporal=self._temporal,
            untold=self.untold,
            metrics=self._metrics,
            clock=self._clock,
            page=settings.admission_page,
            concurrency=settings.admission_concurrency,
            task_queue=task_queue,
        )

    def workflow_sweep(self, task_queue: str, *, failing_for: timedelta) -> WorkflowSweep:
        statuses, witnesses = StatusRepository(self._pool), WitnessRepository(self._pool)
        gone = GoneWorkflows(
            self._temporal,
            self.campaigns,
            self._leads,
            self._orphans,
            statuses=statuses,
            witnesses=witnesses,
            metrics=self._metrics,
            clock=self._clock,
            task_queue=task_queue,
        )
        chain = Witnesses(self._temporal, witnesses)
        tour = LeadTour(self._temporal, witnesses, chain, metrics=self._metrics)
        orphaned = OrphanedLeads(
            self._orphans,
            self._leads,
            self._steps,
            publisher=self.publisher,
            enrolments=self._enrolments,
            queued=self._queued,
            clock=self._clock,
        )
        parked = ParkedLeads(
            self._temporal,
            self._leads,
            statuses,
            metrics=self._metrics,
            clock=self._clock,
            failing_for=failing_for,
        )
        return WorkflowSweep(
            self._temporal, self.campaigns, tour, gone, orphaned, parked, self._acts, self.untold
        )

    def lead_activities(self) -> LeadActivities:
        return LeadActivities(
            self.campaigns,
            self._leads,
            self._steps,
            self._heard,
            revisions=self.revisions,
            recorder=self._recorder,
            publisher=self.publisher,
            temporal=self._temporal,
            enrolments=self._enrolments,
            metrics=self._metrics,
            clock=self._clock,
            acts=self._acts,
        )

    def parking_activities(self) -> ParkingActivities:
        metrics, clock = self._metrics, self._clock
        return ParkingActivities(self._leads, self._queued, metrics=metrics, clock=clock)

    def linkedin_activities(self, writer: Writer | None) -> LinkedInActivities:
        texts = StepTexts(
            self._people,
            StepTextRepository(self._pool, self._seal),
            SenderDirectory(self._accounts),
            writer,
            self._metrics,
        )
        return LinkedInActivities(
            GatewayActions(
                self._actions, self.campaigns, self._leads, texts=texts, clock=self._clock
            ),
            revisions=self.revisions,
            conditions=Conditions(self._people, self.campaigns, self._leads),
            recorder=self._recorder,
            reassignment=SenderReassignment(
                self.campaigns,
                self._leads,
                SenderRepository(self._pool, self._seal),
                self._capacities,
            ),
            endpoints=Endpoints(self._dispatcher, self.campaigns),
            metrics=self._metrics,
            clock=self._clock,
        )

    def control_activities(self) -> CampaignControlActivities:
        return CampaignControlActivities(
            CampaignControl(
                self.campaigns,
                holds=GatewayHolds(hold_service_pb2_grpc.HoldServiceStub(self._gateway)),
                workflows=CampaignSignals(self._temporal),
                locks=CampaignLocks(self._pool, connections=_LOCKS),
            ),
            self._acts,
        )
