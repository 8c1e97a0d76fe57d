"""Deliveries and their attempts."""

from typing import assert_never

from google.protobuf.duration_pb2 import Duration
from outreach.webhook.v1 import webhook_service_pb2 as pb
from servicekit.lists.listing import Asked, followed_of

from webhook_dispatcher.convert.payload import type_of
from webhook_dispatcher.convert.values import timestamp
from webhook_dispatcher.models import Attempt, Delivery, DeliveryState


def state_to_proto(state: DeliveryState) -> pb.DeliveryState.ValueType:
    match state:
        case DeliveryState.PENDING:
            return pb.DELIVERY_STATE_PENDING
        case DeliveryState.DELIVERED:
            return pb.DELIVERY_STATE_DELIVERED
        case DeliveryState.LAPSED:
            return pb.DELIVERY_STATE_LAPSED
        case DeliveryState.DROPPED:
            return pb.DELIVERY_STATE_DROPPED
        case _:
            assert_never(state)


_STATES = {state_to_proto(state): state for state in DeliveryState}


def asked_deliveries(request: pb.ListDeliveriesRequest) -> Asked:
    """What a request to list says."""
    state = ""
    if request.state != pb.DELIVERY_STATE_UNSPECIFIED:
        state = _STATES[request.state].name
    return followed_of(
        request, endpoint_id=request.endpoint_id, event_id=request.event_id, state=state
    )


def delivery_to_proto(delivery: Delivery) -> pb.Delivery:
    return pb.Delivery(
        delivery_id=delivery.id,
        event_id=delivery.event_id,
        event_type=type_of(delivery.event_type),
        endpoint_id=delivery.endpoint_id,
        campaign_id=delivery.campaign_id,
        lead_id=delivery.lead_id,
        state=state_to_proto(delivery.state),
        attempts=delivery.attempts,
        create_time=timestamp(delivery.created_at),
        end_time=timestamp(delivery.ended_at),
    )


def attempt_to_proto(attempt: Attempt) -> pb.DeliveryAttempt:
    latency = Duration()
    latency.FromTimedelta(attempt.latency)
    return pb.DeliveryAttempt(
        number=attempt.number,
        attempt_time=timestamp(attempt.attempted_at),
        latency=latency,
        status_code=attempt.status_code,
        error=attempt.error,
        request_headers=attempt.request_headers,
        response_headers=attempt.response_headers,
        response_excerpt=attempt.response_excerpt,
    )
