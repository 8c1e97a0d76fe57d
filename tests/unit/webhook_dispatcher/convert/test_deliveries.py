"""States of deliveries, between the contract and the model."""

import pytest
from outreach.webhook.v1 import webhook_service_pb2 as pb
from webhook_dispatcher.convert.deliveries import state_to_proto, wanted_state
from webhook_dispatcher.errors import InvalidFields
from webhook_dispatcher.models import DeliveryState


@pytest.mark.parametrize("state", DeliveryState)
def test_every_state_can_be_filtered_by(state: DeliveryState) -> None:
    """A state that is shown is understood as a filter, as the same one."""
    request = pb.ListDeliveriesRequest(state=state_to_proto(state))

    assert wanted_state(request) is state


def test_no_state_filters_nothing() -> None:
    """An unset filter lets every state through."""
    assert wanted_state(pb.ListDeliveriesRequest()) is None


def test_a_state_that_is_none_of_the_contract() -> None:
    """An unknown number is refused by its field."""
    with pytest.raises(InvalidFields) as refusal:
        wanted_state(pb.ListDeliveriesRequest(state=99))  # type: ignore[arg-type]

    assert [wrong.field for wrong in refusal.value.violations] == ["state"]
