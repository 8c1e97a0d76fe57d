"""How much of their caps accounts have used, as operators see it."""

from typing import Any


async def test_what_is_used_is_what_decisions_count(house: Any) -> None:
    """One invitation takes one of the hour's, the day's and the week's; who is away counts not."""
    metrics, labels = house.gateway._metrics, {"kind": "invitation", "window": "hour"}

    def value(name: str, **more: str) -> Any:
        return metrics._registry.get_sample_value(f"linkedin_{name}", labels | more)

    await house.gateway.cap_utilisation.measure()
    free_before, used_before = value("cap_headroom_actions"), value("cap_utilisation_ratio_gsum")
    await house.perform(house.request("send_invitation", "ada"))
    await house.gateway.cap_utilisation.measure()
    free, used = value("cap_headroom_actions"), value("cap_utilisation_ratio_gsum")
    accounts, full = value("cap_utilisation_ratio_gcount"), value("accounts_at_cap")
    await house.pool.across("a test").execute("UPDATE accounts SET state = 'disconnected'")
    await house.gateway.cap_utilisation.measure()

    assert used_before == 0
    assert free == free_before - 1
    assert 0 < used < 1
    assert (accounts, full) == (1, 0)
    assert value("cap_utilisation_ratio_gcount") is None
