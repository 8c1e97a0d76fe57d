"""Missed turns of several accounts, while who knows the callers does not answer."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from linkedin_gateway.outbox.missed_turns import MissedTurns
from servicekit.errors import InvalidArgument, ServiceError, Unavailable

NOW = datetime(2026, 3, 2, tzinfo=UTC)


@dataclass
class Turns:
    """Three accounts with a missed turn each, and an owner that fails for the first."""

    fails: ServiceError
    asked: list[str] = field(default_factory=list)
    passed_on: list[tuple[str, bool]] = field(default_factory=list)

    async def due(self, **_: Any) -> list[Any]:
        return [SimpleNamespace(organization_id=each) for each in ("org_1", "org_2", "org_3")]

    async def behind(self, due: Any, **_: Any) -> list[tuple[str, str]]:
        return [("act_1", f"lead of {due.organization_id}")]

    async def running(self, organization_id: str, _leads: Any) -> list[str]:
        self.asked.append(organization_id)
        if organization_id == "org_1":
            raise self.fails
        return []

    async def pass_on(self, due: Any, behind: Any, **_: Any) -> int:
        self.passed_on.append((due.organization_id, behind.known))
        return 1


@pytest.mark.parametrize(
    ("fails", "asked"),
    [(Unavailable(), ["org_1"]), (InvalidArgument(), ["org_1", "org_2", "org_3"])],
)
async def test_one_refusal_is_one_accounts_matter(fails: ServiceError, asked: list[str]) -> None:
    """Who is away is asked once a round; what was refused about one says nothing of the others."""
    turns: Any = Turns(fails)
    clock: Any = SimpleNamespace(now=lambda: NOW)
    ledger: Any = None

    told = await MissedTurns(turns, ledger, turns, clock, grace=timedelta(minutes=1)).pass_on_due()

    assert told == 3
    assert turns.asked == asked
    assert turns.passed_on == [(each, each in asked[1:]) for each in ("org_1", "org_2", "org_3")]
