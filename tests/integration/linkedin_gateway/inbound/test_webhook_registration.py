"""Where Unipile sends what it hears stays registered, whatever becomes of it there."""

from typing import Any

import pytest

from tests.integration.linkedin_gateway.bare import stripped

SOURCES = ["account_status", "messaging", "users"]


async def registered(house: Any) -> list[str]:
    """The registrations that work, by source."""
    found = [each async for each in house.gateway._unipile.webhooks.all()]
    return sorted(each.source for each in found if each.enabled)


async def test_what_is_deleted_is_registered_anew(house: Any) -> None:
    """A registration that is gone is back after the next look."""
    house.world.webhooks._by_id.clear()
    await house.gateway.webhook_registration.register()

    assert await registered(house) == SOURCES


async def test_what_is_disabled_or_hears_too_little_is_replaced(house: Any) -> None:
    """A registration that does not do what it is for is as good as none."""
    first, second, *_ = list(house.world.webhooks)
    first.enabled = False
    second.events = second.events[:0] or ["message_received"]
    await house.gateway.webhook_registration.register()

    assert await registered(house) == SOURCES
    assert first.id not in {each.id for each in house.world.webhooks}


async def test_without_a_public_url_nothing_says_that_all_is_well(open_house: Any) -> None:
    """Nothing is registered, and the gauge and the check say so."""
    async with open_house(webhook_public_url="") as house:
        registration = house.gateway.webhook_registration
        await house.gateway.gauges.read()

        with pytest.raises(ConnectionError, match="public URL"):
            await registration.check()
        assert not registration.registered
        assert not list(house.world.webhooks)


@pytest.mark.parametrize("nulls", [False, True], ids=["optional", "null"])
async def test_registrations_without_names(open_house: Any, *, nulls: bool) -> None:
    """A list tells their sources and need not tell their names: there is one of each."""
    async with open_house(transport=stripped(nulls=nulls)) as house:
        before = {each.id for each in house.world.webhooks}
        for _ in range(2):
            await house.gateway.webhook_registration.register()

        assert {each.id for each in house.world.webhooks} == before
        assert len(before) == len(SOURCES)
