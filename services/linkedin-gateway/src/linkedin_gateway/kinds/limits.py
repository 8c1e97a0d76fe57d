"""How much of one kind an account may do, by its plan. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

from servicekit.tables import total

from linkedin_gateway.models import DAY, HOUR, WEEK, Kind, Tier


@dataclass(frozen=True, kw_only=True)
class PerWindow:
    """How many go in an hour, a day and seven days; None where nothing is said."""

    hour: int | None
    day: int | None
    week: int | None

    def __iter__(self) -> Iterator[tuple[timedelta, int]]:
        """The windows about which something is said."""
        for per, actions in ((HOUR, self.hour), (DAY, self.day), (WEEK, self.week)):
            if actions is not None:
                yield per, actions


ByTier = Mapping[Tier, PerWindow]


def by_tier(paid: PerWindow, *, free: PerWindow | None = None) -> ByTier:
    """The same for every plan, but for a free account where that differs."""
    return total(
        Tier,
        {
            Tier.FREE: free or paid,
            Tier.PREMIUM: paid,
            Tier.SALES_NAVIGATOR: paid,
            Tier.RECRUITER: paid,
        },
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class Budget:
    """What two kinds draw on together, beside the caps that each has for itself."""

    name: str
    caps: ByTier
    bound_by: Kind | None
    """The kind of which a cap that a customer sets bounds the budget as well."""
    cool_together: bool
    """LinkedIn's request to slow down with one is heeded by both."""
