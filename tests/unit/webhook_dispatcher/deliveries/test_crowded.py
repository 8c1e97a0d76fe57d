"""Who waits for room at an endpoint, and what becomes of them when nothing is sent there."""

from dataclasses import replace
from typing import Any

import pytest
from webhook_dispatcher.deliveries.delivery_repository import DeliveryDetails
from webhook_dispatcher.models import DeliveryState

from tests.unit.webhook_dispatcher.deliveries.test_every_attempt import DETAILS, Rows, attempts_at


class Endpoint(Rows):
    """It has no room until that is said, and what is known of it is said, too."""

    def __init__(self) -> None:
        super().__init__()
        self.room, self.known = False, DETAILS

    async def details(self, _delivery_id: str, **_: Any) -> DeliveryDetails:
        return self.known

    def take(self, _details: DeliveryDetails) -> bool:
        return self.room

    async def spared(self, details: DeliveryDetails) -> bool:
        return details.circuit_open

    async def park(self, _delivery_id: str, **_: Any) -> None:
        pass

    async def end(self, _delivery_id: str, _state: DeliveryState, **_: Any) -> bool:
        return True


async def has_room_next(**becomes: Any) -> str | None:
    """Who has it after a delivery that found an endpoint so, and another one that was made."""
    endpoint = Endpoint()
    async with attempts_at(endpoint) as attempts:
        for delivery_id in ("dlv_1", "dlv_2"):
            assert (await attempts.make(delivery_id)).crowded
        endpoint.room, endpoint.known = True, replace(DETAILS, **becomes)
        await attempts.make("dlv_3")
        endpoint.known = DETAILS
        made = await attempts.make("dlv_4")
    return made.next and made.next.delivery_id


async def test_while_it_is_sent_to_they_wait() -> None:
    """One that is not its subject's turn yet says nothing about the others."""
    assert await has_room_next(blocked=True) == "dlv_1"


@pytest.mark.parametrize(
    "becomes",
    [
        {"deleted": True, "signing": None},
        {"deleted": True, "signing": None, "state": DeliveryState.DROPPED},
        {"disabled": True},
        {"circuit_open": True},
    ],
)
async def test_where_nothing_is_sent_nobody_waits(becomes: dict[str, Any]) -> None:
    """They were kept until the process ended, up to a thousand for each such endpoint."""
    assert await has_room_next(**becomes) is None
