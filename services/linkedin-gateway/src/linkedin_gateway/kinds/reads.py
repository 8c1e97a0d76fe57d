"""The reads that the gateway makes by itself: a look at a profile unseen, a list of posts."""

from __future__ import annotations

from datetime import timedelta

from linkedin_gateway.kinds.action_kind import Known, NotFoundMeans, Ports, Read
from linkedin_gateway.kinds.limits import Budget, PerWindow, by_tier
from linkedin_gateway.models import Kind, Target

PROFILE_READS = Budget(
    name="profile_read",
    # About 100 a day are what the provider lets one read.
    caps=by_tier(PerWindow(hour=None, day=95, week=None)),
    bound_by=None,
    cool_together=True,
)
"""Visits and lookups are the same to the provider."""


async def read_profile(known: Known, ports: Ports) -> Target:
    """The preparation of what needs to know no more than the person."""
    seen = await ports.reads.look_up(known.account, known.request.person)
    return Target(provider_id=seen.provider_id, connected=seen.connected)


LOOKUP = Read(
    kind=Kind.LOOKUP,
    public=True,
    ceiling=None,
    caps=by_tier(PerWindow(hour=10, day=80, week=None)),
    budget=PROFILE_READS,
    priority=9,
    cool_down=timedelta(hours=2),
    absent=NotFoundMeans.PERSON,
)

POST_LIST = Read(
    kind=Kind.POST_LIST,
    public=False,
    ceiling=None,
    caps=by_tier(PerWindow(hour=20, day=90, week=None)),
    budget=None,
    priority=9,
    cool_down=timedelta(hours=2),
    absent=NotFoundMeans.POST,
)
