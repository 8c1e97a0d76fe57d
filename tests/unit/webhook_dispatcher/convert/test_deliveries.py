"""States of deliveries, between the contract and the model."""

import pytest
from outreach.webhook.v1 import webhook_service_pb2 as pb
from webhook_dispatcher.convert.deliveries import asked_deliveries, state_to_proto
from webhook_dispatcher.models import DeliveryState


@pytest.mark.parametrize("state", DeliveryState)
def test_every_state_can_be_filtered_by(state: DeliveryState) -> None:
    """A state that is shown is understood as a filter, as the same one."""
    request = pb.ListDeliveriesRequest(state=state_to_proto(state))

    assert asked_deliveries(request).equal == {"state": state.name}


def test_no_state_filters_nothing() -> None:
    """An unset filter lets every state through."""
    assert asked_deliveries(pb.ListDeliveriesRequest()).equal == {}
