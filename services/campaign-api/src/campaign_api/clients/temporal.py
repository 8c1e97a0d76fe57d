"""Starting and signalling the workflows of campaigns and leads."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from campaigns.models import Campaign
from campaigns.workflow import search_attributes
from campaigns.workflow.contracts import (
    TASK_QUEUE,
    UPDATE_WORKFLOW,
    AskAnew,
    CampaignContract,
    CampaignInput,
    EndLead,
    InvitationAccepted,
    LeadContract,
    LeadResult,
    OwnerWrote,
    ReplyReceived,
    SandboxClock,
    SkipStep,
    StopCampaign,
    campaign_workflow_id,
    lead_workflow_id,
)
from campaigns.workflow.late_answer_contracts import (
    LateAnswer,
    LateAnswerContract,
    late_answer_workflow_id,
)
from campaigns.workflow.wake import wake_lead
from servicekit.clock import Clock
from servicekit.telemetry import logs
from servicekit.temporal import connection as temporal
from servicekit.temporal.connection import TemporalUnavailable
from servicekit.temporal.credentials import keep_credentials
from servicekit.temporal.search_attributes import SearchAttributes
from temporalio.client import Client, WorkflowHandle
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

log = logs.get_logger(__name__)

LeadHandle = WorkflowHandle[LeadContract, LeadResult]


class TemporalConnection:
    """The client, once there is one: the service starts without Temporal and finds it later."""

    def __init__(self) -> None:
        self._client: Client | None = None

    @property
    def client(self) -> Client:
        """The client; raises `TemporalUnavailable` as long as there is none."""
        if self._client is None:
            raise TemporalUnavailable(metadata={"dependency": "temporal"})
        return self._client

    async def connect(self, connecting: Awaitable[Client]) -> None:
        """Have the client that `connecting` comes to, and keep it as its certificates change."""
        self._client = await connecting
        await keep_credentials(self._client)

    async def check(self) -> None:
        """For readiness."""
        await temporal.check(self.client)


class CampaignWorkflows:
    """One workflow per campaign.

    Every signal starts the workflow if it is missing, so that a crash between a
    campaign's row and its workflow is mended by repeating the call. One that has
    ended well is neither signalled nor started again: its campaign is over.
    """

    def __init__(
        self,
        temporal_connection: TemporalConnection,
        clock: Clock,
        *,
        timeout: timedelta = timedelta(seconds=10),
    ) -> None:
        self._temporal = temporal_connection
        self._clock = clock
        self._timeout = timeout
        self._indexed = SearchAttributes(search_attributes.KEYS)

    async def start(self, campaign: Campaign) -> None:
        """Have the campaign's workflow run; starting twice is starting once."""
        await self._start(campaign)

    async def pause(self, campaign: Campaign) -> None:
        await self._start(campaign, CampaignContract.pause.__name__)

    async def resume(self, campaign: Campaign) -> None:
        await self._start(campaign, CampaignContract.resume.__name__)

    async def stop(self, campaign: Campaign, *, complete_current_executions: bool) -> None:
        stop = StopCampaign(complete_current_executions=complete_current_executions)
        await self._start(campaign, CampaignContract.stop.__name__, [stop])

    async def update(self, campaign: Campaign) -> None:
        """Have its leads go on with its present revision where they can."""
        await self._start(campaign, UPDATE_WORKFLOW)

    async def leads_added(self, campaign: Campaign) -> None:
        await self._start(campaign, CampaignContract.leads_added.__name__)

    async def ask_anew(self, campaign: Campaign, *, within: timedelta, moving_to: str = "") -> None:
        """Have what its leads wait for asked for again, spread over so much real time.

        With `moving_to` what those alone wait for that are to go on from that account.
        """
        ask = AskAnew(within_seconds=within.total_seconds(), moving_to=moving_to)
        await self._start(campaign, CampaignContract.ask_anew.__name__, [ask])

    async def _start(
        self, campaign: Campaign, signal: str | None = None, arguments: Sequence[Any] = ()
    ) -> None:
        async with answering(self._timeout):
            client = self._temporal.client
            indexed = await self._indexed.known(client)
            try:
                await client.start_workflow(
                    CampaignContract.run,
                    CampaignInput(campaign_id=campaign.id, clock=sandbox_clock(self._clock)),
                    id=campaign_workflow_id(campaign.id),
                    search_attributes=search_attributes.campaign_attributes(campaign)
                    if indexed
                    else None,
                    static_summary=search_attributes.campaign_summary(campaign),
                    static_details=search_attributes.campaign_details(campaign),
                    task_queue=TASK_QUEUE,
                    id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                    id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
                    start_signal=signal,
                    start_signal_args=arguments,
                )
            except WorkflowAlreadyStartedError:
                # It has ended well.
                return


class LeadWorkflows:
    """One workflow per lead; a signal to one that has ended answers False."""

    def __init__(
        self,
        temporal_connection: TemporalConnection,
        *,
        timeout: timedelta = timedelta(seconds=10),
    ) -> None:
        self._temporal = temporal_connection
        self._timeout = timeout

    async def invitation_accepted(
        self, campaign_id: str, lead_id: str, accepted: InvitationAccepted
    ) -> bool:
        signal = LeadContract.invitation_accepted
        return await self._tell(campaign_id, lead_id, lambda lead: lead.signal(signal, accepted))

    async def reply_received(self, campaign_id: str, lead_id: str, reply: ReplyReceived) -> bool:
        signal = LeadContract.reply_received
        return await self._tell(campaign_id, lead_id, lambda lead: lead.signal(signal, reply))

    async def owner_wrote(self, campaign_id: str, lead_id: str, wrote: OwnerWrote) -> bool:
        signal = LeadContract.owner_wrote
        return await self._tell(campaign_id, lead_id, lambda lead: lead.signal(signal, wrote))

    async def end(self, campaign_id: str, lead_id: str, end: EndLead) -> bool:
        """End a lead because somebody replied elsewhere."""
        signal = LeadContract.end
        return await self._tell(campaign_id, lead_id, lambda lead: lead.signal(signal, end))

    async def retry(self, campaign_id: str, lead_id: str) -> bool:
        """Have a lead go on that a bug has stopped."""
        signal = LeadContract.retry
        return await self._tell(campaign_id, lead_id, lambda lead: lead.signal(signal))

    async def skip_step(self, campaign_id: str, lead_id: str, skip: SkipStep) -> bool:
        """Have a lead leave out the step at which it waits."""
        signal = LeadContract.skip_step
        return await self._tell(campaign_id, lead_id, lambda lead: lead.signal(signal, skip))

    async def answered_late(self, answer: LateAnswer) -> None:
        """Have an answer recorded whose lead has ended; hearing it twice is hearing it once."""
        async with answering(self._timeout):
            try:
                await self._temporal.client.start_workflow(
                    LateAnswerContract.run,
                    answer,
                    id=late_answer_workflow_id(answer),
                    task_queue=TASK_QUEUE,
                    id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                    id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
                )
            except WorkflowAlreadyStartedError:
                # It was heard before.
                return

    async def wake(self, campaign_id: str, lead_id: str, *, jitter: timedelta) -> bool:
        """Have an action that is backing off tried again, within `jitter` of real time."""
        async with _running(self._timeout) as running:
            await wake_lead(self._temporal.client, campaign_id, lead_id, jitter=jitter)
        return bool(running)

    async def _tell(
        self, campaign_id: str, lead_id: str, tell: Callable[[LeadHandle], Awaitable[None]]
    ) -> bool:
        lead = self._temporal.client.get_workflow_handle_for(
            LeadContract.run, lead_workflow_id(campaign_id, lead_id)
        )
        async with _running(self._timeout) as running:
            await tell(lead)
        return bool(running)


def sandbox_clock(clock: Clock) -> SandboxClock | None:
    """The clock as workflows carry it; None is the clock on the wall."""
    return SandboxClock(epoch=clock.epoch, speed=clock.speed) if clock.sandbox else None


@asynccontextmanager
async def _running(within: timedelta) -> AsyncIterator[list[bool]]:
    """Yields what becomes true if the workflow was there."""
    running: list[bool] = []
    async with answering(within):
        try:
            yield running
        except RPCError as error:
            if error.status is RPCStatusCode.INVALID_ARGUMENT:
                # Repeating it would be refused again, and keep others waiting.
                log.exception("signal_refused")
            elif error.status is not RPCStatusCode.NOT_FOUND:
                raise
        else:
            running.append(True)


@asynccontextmanager
async def answering(within: timedelta) -> AsyncIterator[None]:
    """Bounds a call with all its retries; raises `TemporalUnavailable` where Temporal is away."""
    try:
        async with asyncio.timeout(within.total_seconds()):
            yield
    except TimeoutError as error:
        raise TemporalUnavailable(metadata={"dependency": "temporal"}) from error
    except RPCError as error:
        raise temporal.unavailable(error) or error from error
