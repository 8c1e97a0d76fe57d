"""Lists, descriptions and histories of workflows."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from servicekit.auth import visible_organization
from servicekit.lists.errors import PageTokenInvalid
from servicekit.lists.listing import DEFAULT_PAGE_SIZE, Asked, Listing
from servicekit.page_tokens import PageTokenForeign, PageTokens
from servicekit.temporal.principals import MEMO
from temporalio.api.history.v1 import HistoryEvent
from temporalio.api.workflow.v1 import WorkflowExecutionInfo
from temporalio.api.workflowservice.v1 import DescribeWorkflowExecutionResponse

from campaign_api.clients.temporal_workflows import TemporalWorkflows, TokenRefused
from campaign_api.workflows.access import WorkflowAccess
from campaign_api.workflows.decoding import (
    Decoding,
    ToldFailure,
    event_type,
    search_attributes,
    told_failure,
)
from campaign_api.workflows.exposure import Exposure
from campaign_api.workflows.listing import WORKFLOWS, require_order
from campaign_api.workflows.names import WorkflowType
from campaign_api.workflows.visibility import equals, one_of, query_of

MOST_EVENTS = 200
_LOOKED_AT = 20
"""Events before the end of a history among which the last failure is looked for."""
_OF_ORGANIZATIONS = (WorkflowType.CAMPAIGN, WorkflowType.LEAD)
"""Those that say whose they are."""


@dataclass(frozen=True, kw_only=True)
class RunPage:
    """Some of the runs that there are."""

    runs: Sequence[WorkflowExecutionInfo]
    next_page_token: str


@dataclass(frozen=True, kw_only=True)
class Described:
    """One run, and what it waits for."""

    answer: DescribeWorkflowExecutionResponse
    exposure: Exposure
    last_failure: ToldFailure | None
    search_attributes: Mapping[str, str]
    requested_by: str


@dataclass(frozen=True, kw_only=True)
class ToldEvent:
    """One event, and what it carries as JSON."""

    event: HistoryEvent
    type: str
    attributes_json: str


@dataclass(frozen=True, kw_only=True)
class HistoryPage:
    """Some of a run's events."""

    run_id: str
    events: Sequence[ToldEvent]
    next_page_token: str
    exposure: Exposure


@dataclass(frozen=True, kw_only=True)
class _Place:
    """Where a page of a history begins: behind so many events of one of Temporal's pages."""

    run_id: str = ""
    token: bytes = b""
    told: int = 0


class WorkflowQueries:
    """Asks whose a workflow is before it asks Temporal."""

    def __init__(
        self, temporal: TemporalWorkflows, access: WorkflowAccess, tokens: PageTokens
    ) -> None:
        self._temporal = temporal
        self._access = access
        self._tokens = tokens
        self._listing = Listing(WORKFLOWS, tokens)

    async def page(self, asked: Asked) -> RunPage:
        """A page of the runs that the caller may see.

        Raises what `Listing.read` does, `PageTokenInvalid` for a token that Temporal does not know
        any more, `SearchAttributesMissing` and `TemporalUnavailable`.
        """
        require_order(asked.order_by)
        organization_id = visible_organization()
        within = [organization_id]
        request = await self._listing.read(asked, within=within)
        conditions = [query_of(request.expression, WORKFLOWS)]
        if organization_id:
            types = ", ".join(f"'{each}'" for each in _OF_ORGANIZATIONS)
            conditions += [
                equals("OrganizationId", organization_id),
                f"WorkflowType IN ({types})",
            ]
        campaigns = await self._access.campaigns(organization_id)
        if campaigns is not None:
            conditions.append(one_of("CampaignId", campaigns))
        token = _bytes(str(request.after[0])) if request.after else b""
        try:
            found = await self._temporal.page(
                " AND ".join(conditions), limit=request.limit, token=token
            )
        except TokenRefused:
            raise PageTokenInvalid from None
        cursor = (_text(found.next),) if found.next else None
        return RunPage(
            runs=found.runs,
            next_page_token=await self._listing.next_token(asked, cursor, within=within),
        )

    async def get(self, workflow_id: str, run_id: str) -> Described:
        """One run; raises `WorkflowNotFound` and `TemporalUnavailable`."""
        exposure = await self._access.exposure(workflow_id, run_id)
        answer = await self._temporal.describe(workflow_id, run_id)
        info = answer.workflow_execution_info
        events = await self._temporal.last_events(
            workflow_id, info.execution.run_id, limit=_LOOKED_AT
        )
        converter = self._temporal.client.data_converter
        memo = info.memo.fields.get(MEMO)
        return Described(
            answer=answer,
            exposure=exposure,
            last_failure=_last_failure(events, exposure),
            search_attributes=await search_attributes(converter, info.search_attributes),
            requested_by=""
            if memo is None
            else exposure.sentence(await Decoding(converter, exposure).text(memo)),
        )

    async def history(
        self, workflow_id: str, run_id: str, *, page_size: int, page_token: str
    ) -> HistoryPage:
        """A page of a run's events.

        Raises `WorkflowNotFound`, `PageTokenInvalid` and `TemporalUnavailable`.
        """
        exposure = await self._access.exposure(workflow_id, run_id)
        of = ("workflow history", workflow_id, run_id)
        place = await self._place(page_token, of=of)
        if not place.run_id:
            # Pages stay with the run, whatever begins meanwhile.
            described = await self._temporal.describe(workflow_id, run_id)
            place = replace(place, run_id=described.workflow_execution_info.execution.run_id)
        try:
            found = await self._temporal.history(
                workflow_id, place.run_id, limit=MOST_EVENTS, token=place.token
            )
        except TokenRefused:
            raise PageTokenInvalid from None
        # Temporal counts what came at once as one, so that its pages have more than asked for.
        until = place.told + min(page_size or DEFAULT_PAGE_SIZE, MOST_EVENTS)
        following = None
        if len(found.events) > until:
            following = replace(place, told=until)
        elif found.next:
            following = replace(place, token=found.next, told=0)
        decoding = Decoding(self._temporal.client.data_converter, exposure)
        return HistoryPage(
            run_id=place.run_id,
            events=[
                ToldEvent(
                    event=each,
                    type=event_type(each),
                    attributes_json=await decoding.attributes(each),
                )
                for each in found.events[place.told : until]
            ],
            next_page_token=await self._token(following, of=of),
            exposure=exposure,
        )

    async def _place(self, page_token: str, *, of: Sequence[str]) -> _Place:
        """Where a page begins; at the beginning of no run without its token."""
        if not page_token:
            return _Place()
        try:
            run_id, token, told = await self._tokens.read(page_token, of=of)
            return _Place(run_id=str(run_id), token=_bytes(str(token)), told=int(told))
        except (PageTokenForeign, ValueError):
            raise PageTokenInvalid from None

    async def _token(self, place: _Place | None, *, of: Sequence[str]) -> str:
        if place is None:
            return ""
        return await self._tokens.give([place.run_id, _text(place.token), place.told], of=of)


def _last_failure(events: Sequence[HistoryEvent], exposure: Exposure) -> ToldFailure | None:
    """The latest failure of the run or of its tasks among these, the last of which is first."""
    for event in events:
        if event.HasField("workflow_task_completed_event_attributes"):
            # Whatever failed before, it went on.
            return None
        if event.HasField("workflow_task_failed_event_attributes"):
            return told_failure(event.workflow_task_failed_event_attributes.failure, exposure)
        if event.HasField("workflow_execution_failed_event_attributes"):
            failed = event.workflow_execution_failed_event_attributes
            return told_failure(failed.failure, exposure)
        if event.HasField("workflow_execution_terminated_event_attributes"):
            reason = event.workflow_execution_terminated_event_attributes.reason
            return ToldFailure(type="Terminated", message=exposure.sentence(reason))
        if event.HasField("workflow_execution_timed_out_event_attributes"):
            return ToldFailure(type="TimedOut", message="")
    return None


def _text(token: bytes) -> str:
    return base64.b64encode(token).decode()


def _bytes(text: str) -> bytes:
    return base64.b64decode(text)
