"""What is said of an account's caps."""

from datetime import UTC, datetime, timedelta

import pytest
from linkedin_gateway.convert.accounts import usage_message
from linkedin_gateway.kinds.caps import highest_allowed
from linkedin_gateway.models import Cap, Kind
from linkedin_gateway.pace.slots import Window

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("layer", "plan_limit"),
    [("tier", highest_allowed(Kind.VISIT, DAY, tier="premium")), ("customer", 7), ("ramp", 7)],
)
def test_the_plans_figure_stands_beside_todays(layer: str, plan_limit: int) -> None:
    """A day may allow a part of the plan's cap; whoever looks back over days needs the plan's."""
    window = Window(cap=Cap(kind=Kind.VISIT, per=DAY, actions=7, layer=layer))

    usage = usage_message(Kind.VISIT, window, tier="premium", now=NOON)

    assert (usage.limit, usage.plan_limit) == (7, plan_limit)
