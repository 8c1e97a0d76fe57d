"""Replays, and events as they were published."""

from datetime import UTC, datetime
from typing import assert_never

from outreach.webhook.v1 import event_pb2, replay_pb2
from outreach.webhook.v1 import webhook_service_pb2 as pb
from servicekit.ids import new_id

from webhook_dispatcher.convert.endpoint_options import is_event_type
from webhook_dispatcher.convert.values import timestamp
from webhook_dispatcher.convert.violations import Violations
from webhook_dispatcher.models import PublishedEvent
from webhook_dispatcher.replays.models import Replay, ReplayState

_MAX_PER_MINUTE = 600


def new_replay(
    request: pb.CreateReplayRequest, *, now: datetime, until: datetime, by: str = ""
) -> Replay:
    """A replay as it is asked for, of what was published before `until`; raises `InvalidFields`."""
    violations = Violations()
    for index, name in enumerate(request.event_types):
        if not is_event_type(name):
            violations.add(f"event_types[{index}]", "is no type of event")
    start_at = request.start_time.ToDatetime(UTC)
    end_at = until
    if request.HasField("end_time"):
        end_at = min(request.end_time.ToDatetime(UTC), until)
    if request.HasField("start_time") and start_at >= end_at:
        violations.add("start_time", "is not before the end")
    violations.refuse()
    return Replay(
        id=new_id("rpl"),
        organization_id=request.organization_id,
        request_id=request.request_id,
        endpoint_id=request.endpoint_id,
        start_at=start_at,
        end_at=end_at,
        event_types=tuple(dict.fromkeys(request.event_types)),
        campaign_ids=tuple(request.campaign_ids),
        failed_only=request.failed_only,
        max_per_minute=request.max_per_minute or _MAX_PER_MINUTE,
        after_time=start_at,
        created_at=now,
        created_by=by,
    )


def replay_to_proto(replay: Replay) -> replay_pb2.Replay:
    return replay_pb2.Replay(
        replay_id=replay.id,
        organization_id=replay.organization_id,
        endpoint_id=replay.endpoint_id,
        start_time=timestamp(replay.start_at),
        end_time=timestamp(replay.end_at),
        event_types=replay.event_types,
        campaign_ids=replay.campaign_ids,
        failed_only=replay.failed_only,
        max_per_minute=replay.max_per_minute,
        state=_state_to_proto(replay.state),
        examined_events=replay.examined_events,
        deliveries=replay.deliveries,
        create_time=timestamp(replay.created_at),
        created_by=replay.created_by,
        finish_time=timestamp(replay.finished_at),
    )


def _state_to_proto(state: ReplayState) -> replay_pb2.ReplayState.ValueType:
    match state:
        case ReplayState.RUNNING:
            return replay_pb2.REPLAY_STATE_RUNNING
        case ReplayState.DONE:
            return replay_pb2.REPLAY_STATE_DONE
        case ReplayState.CANCELLED:
            return replay_pb2.REPLAY_STATE_CANCELLED
        case _:
            assert_never(state)


def event_to_proto(event: PublishedEvent) -> event_pb2.PublishedEvent:
    return event_pb2.PublishedEvent(
        event_id=event.id,
        organization_id=event.organization_id,
        type=event.type,
        occur_time=timestamp(event.occurred_at),
        create_time=timestamp(event.published_at),
        campaign_id=event.campaign_id,
        lead_id=event.lead_id,
        account_id=event.account_id,
        subject=event.subject,
        sequence_number=event.number,
        body=event.payload,
    )
