"""Where Unipile sends what it hears stays registered, whatever becomes of it there."""

from pathlib import Path
from typing import Any

import httpx
import pytest
from servicekit.credentials import watched_files

from tests.integration.linkedin_gateway.bare import stripped
from tests.integration.linkedin_gateway.conftest import TOKEN

OLD, NEW = "the-secret-of-before", "the-secret-from-now-on"
OK, UNAUTHENTICATED = 200, 404
SOURCES = ["account_status", "messaging", "users"]


async def registered(house: Any) -> list[str]:
    """The registrations that work, by source."""
    found = [each async for each in house.gateway.unipile.webhooks.all()]
    return sorted(each.source for each in found if each.enabled)


async def test_what_is_deleted_is_registered_anew(house: Any) -> None:
    """A registration that is gone is back after the next look."""
    house.world.webhooks._by_id.clear()
    await house.gateway.webhook_registration.register()

    assert await registered(house) == SOURCES
    assert sorted(house.gateway.webhook_registration.sources) == SOURCES
    assert house.gateway.webhook_registration.looked_at is not None


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


async def test_a_new_secret_is_told_and_the_old_one_believed_meanwhile(
    open_house: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Put before the old one, it is registered with the next look; no webhook is refused before."""
    monkeypatch.setattr(watched_files, "LOOKED_AT_EVERY", 0.0)
    file = tmp_path / "secret"
    file.write_text(OLD)
    async with open_house(webhook_secret_file=file) as house:
        before = await told(house, OLD)
        file.write_text(f"{NEW}\n{OLD}\n")
        meanwhile = [await told(house, secret) for secret in (OLD, NEW)]
        await house.gateway.webhook_registration.register()
        registered = [each async for each in house.gateway.unipile.webhooks.all()]
        file.write_text(NEW)
        after = [await told(house, secret) for secret in (OLD, NEW)]

    assert (before, meanwhile, after) == (OK, [OK, OK], [UNAUTHENTICATED, OK])
    assert [dict(each.headers)["Unipile-Auth"] for each in registered] == [NEW] * len(SOURCES)


async def told(house: Any, secret: str) -> int:
    """What a webhook with this secret is answered."""
    transport = httpx.ASGITransport(app=house.gateway.webhooks)
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as http:
        answer = await http.post(
            f"/webhooks/unipile/{TOKEN}", json={}, headers={"Unipile-Auth": secret}
        )
    return answer.status_code
