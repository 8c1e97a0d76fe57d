"""What guardrails have paused before, by whichever program, and when that ended.

A pause may be ended by taking its decision back or by the hands of whoever lifts its hold; of the
latter the gateway's list of changes tells the moment.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from automation.decisions.decision import Decision, DecisionKind
from automation.decisions.history_repository import DecisionHistory
from automation.optimisation.guardrails import Guardrail, Watched
from campaigns.models import Campaign
from outreach.linkedin.v1 import hold_service_pb2 as pb
from outreach.linkedin.v1 import hold_service_pb2_grpc as rpc
from servicekit.errors import ServiceError
from servicekit.telemetry import logs

UNDISTURBED = timedelta(days=7)
"""So long its subject is not paused again by the same guardrail: whoever took it back may try."""

log = logs.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Paused:
    """How the pauses of a campaign and of its senders stand."""

    ended_at: Mapping[Watched, datetime] = field(default_factory=dict)
    """By what each guardrail has paused last: when that was over."""
    passed_over: frozenset[str] = frozenset()
    """Senders that somebody holds already, and those of which the gateway tells nothing now."""

    def left_alone(self, now: datetime) -> set[Watched]:
        """Which guardrails of what are not heard yet."""
        return {each for each, at in self.ended_at.items() if now < at + UNDISTURBED}

    def since(self, guardrail: Guardrail) -> Mapping[str, datetime]:
        """By sender from when on what this guardrail watches is counted anew."""
        return {
            sender: at for (sender, of), at in self.ended_at.items() if sender and of is guardrail
        }

    @property
    def since_of_campaign(self) -> Mapping[Guardrail, datetime]:
        """By guardrail from when on what it watches of the campaign is counted anew."""
        return {guardrail: at for (sender, guardrail), at in self.ended_at.items() if not sender}


class PastPauses:
    """Reads; decides nothing."""

    def __init__(self, history: DecisionHistory, holds: rpc.HoldServiceStub) -> None:
        self._history = history
        self._holds = holds

    async def of(self, campaign: Campaign, *, now: datetime) -> Paused:
        """Of a running campaign and of its senders."""
        organization_id = campaign.organization_id
        pauses = await self._history.of_campaign(
            organization_id, campaign.id, [DecisionKind.PAUSE_CAMPAIGN], since=campaign.created_at
        )
        ended_at = {each: await self._resumed_at(last, now) for each, last in _last(pauses)}
        passed_over = set()
        pauses = await self._history.sender_pauses(organization_id, campaign.account_ids)
        for account_id in campaign.account_ids:
            of = [each for each in pauses if each.change.after["account_id"] == account_id]
            try:
                if await self._is_held(account_id):
                    passed_over.add(account_id)
                    continue
                for each, last in _last(of):
                    ended_at[each] = await self._ended_at(last, "ACCOUNT", account_id)
            except ServiceError as error:
                log.info("sender_not_looked_at", account_id=account_id, reason=error.reason)
                passed_over.add(account_id)
        return Paused(ended_at=ended_at, passed_over=frozenset(passed_over))

    async def _resumed_at(self, pause: Decision, now: datetime) -> datetime:
        try:
            return await self._ended_at(pause, "CAMPAIGN", pause.campaign_id)
        except ServiceError as error:
            # Nothing could be paused now either.
            log.info("campaign_not_looked_at", campaign_id=pause.campaign_id, reason=error.reason)
            return now

    async def _ended_at(self, pause: Decision, scope: str, subject_id: str) -> datetime:
        """When what was paused could go on; when it was decided if that is not known."""
        if pause.ended_at is not None:
            return pause.ended_at
        since = f"{pause.created_at:%Y-%m-%dT%H:%M:%SZ}"
        request = pb.ListHoldChangesRequest(
            page_size=1,
            filter=f'{_held(scope, subject_id)} AND lifted = true AND change_time >= "{since}"',
            order_by="change_time",
        )
        changes = (await self._holds.ListHoldChanges(request)).changes
        lifted = [each.change_time.ToDatetime(pause.created_at.tzinfo) for each in changes]
        return next(iter(lifted), pause.created_at)

    async def _is_held(self, account_id: str) -> bool:
        request = pb.ListHoldsRequest(page_size=1, filter=_held("ACCOUNT", account_id))
        return bool((await self._holds.ListHolds(request)).holds)


def _held(scope: str, subject_id: str) -> str:
    return f"scope = {scope} AND subject_id = {subject_id}"


def _last(pauses: Sequence[Decision]) -> Iterator[tuple[Watched, Decision]]:
    """By what each guardrail has paused: the last time, of pauses in their order."""
    last = {
        (each.change.after.get("account_id", ""), Guardrail(each.inputs["figure"])): each
        for each in pauses
        if each.applied_at is not None or each.is_approved
    }
    return iter(last.items())
