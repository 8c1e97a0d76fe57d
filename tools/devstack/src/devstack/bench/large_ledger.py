"""The ledger with a long past: many rows that are over, and ten thousand that wait on one account.

What must not grow with the rows is measured: decisions, a page of a list, the gauge of what waits,
the end of a hold.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import psycopg
from linkedin_gateway.ledger.port import ActionFilter
from linkedin_gateway.models import ActionState

from devstack.bench.gateway import HOT_ACCOUNT, ORGANIZATION, START, BenchedLedger
from devstack.bench.measurements import percentiles

_REPEATS = 15
_PAGE = 51
"""A page of fifty, and the row that tells that there are more."""
# What is not named is done. Each account has some waiting; a lost answer is rare, and so is what
# only an index can find.
_STATES = """CASE WHEN n %% 50 = 7 THEN 'failed' WHEN n %% 100 = 11 THEN 'cancelled'
                  WHEN n %% 100 = 13 THEN 'queued' WHEN n %% 100000 = 17 THEN 'unknown'
                  ELSE 'done' END"""
# Newest last; two months of them. Accounts and campaigns take turns, so that every index is as
# spread as in a deployment where all of them act at once.
_GROW = f"""
INSERT INTO actions (action_id, organization_id, account_id, campaign_id, lead_id, identifier,
       person_id, kind, state, reason, attempt, priority, virtual_finish, created_at, turn_at,
       sent_at, finished_at, target, outcome)
SELECT 'past/' || n, %(organization)s, 'acct_' || n %% %(accounts)s + 1, 'camp_' || n %% 97,
       'lead_' || n / 4, 'past-' || n / 4, 'past-' || n / 4, kind, state, '', 1, 3,
       n / %(accounts)s, at,
       CASE state WHEN 'queued' THEN %(now)s::timestamptz + interval '1 hour' ELSE at END,
       CASE WHEN state IN ('done', 'failed', 'unknown') THEN at END,
       CASE WHEN state IN ('done', 'failed', 'cancelled') THEN at + interval '2 seconds' END,
       '{{"provider_id": "ACo-past"}}', '{{}}'
  FROM generate_series(0, %(rows)s - 1) AS n
 CROSS JOIN LATERAL (
       SELECT {_STATES} AS state,
              (ARRAY['visit', 'lookup', 'invitation', 'message', 'reaction'])[n %% 5 + 1] AS kind,
              %(now)s::timestamptz - interval '60 days' * (1 - n::float8 / %(rows)s) AS at
       OFFSET 0
       ) made
"""  # noqa: S608 - made of constants


def grow(url: str, *, rows: int, accounts: int) -> float:
    """Give accounts `acct_1` and on a past of so many rows; how many seconds that took.

    By a connection of its own: the gateway's give a statement half a minute.
    """
    began = time.perf_counter()
    past = {"organization": ORGANIZATION, "now": START, "rows": rows, "accounts": accounts - 1}
    with psycopg.connect(url, autocommit=True, options="-c search_path=gateway") as connection:
        connection.execute(_GROW, past)
        connection.execute("VACUUM ANALYZE actions")
    return time.perf_counter() - began


async def measure_readings(ledger: BenchedLedger) -> dict[str, Any]:
    """What people and metrics ask of a ledger on which many wait."""
    pages = {
        "any": ActionFilter(organization_id=ORGANIZATION),
        "an account's": ActionFilter(organization_id=ORGANIZATION, account_id="acct_7"),
        "an account's failed": ActionFilter(
            organization_id=ORGANIZATION, account_id="acct_7", state=ActionState.FAILED
        ),
        "a campaign's failed": ActionFilter(
            organization_id=ORGANIZATION, campaign_id="camp_7", state=ActionState.FAILED
        ),
    } | {
        state.value: ActionFilter(organization_id=ORGANIZATION, state=state)
        for state in ActionState
    }
    return {
        "queued_gauge": await _timed(ledger.queued),
        "list_actions": {name: await _list(ledger, wanted) for name, wanted in pages.items()},
        "hold_lifted": await _lift(ledger),
    }


async def _lift(ledger: BenchedLedger) -> dict[str, Any]:
    """The end of a hold on a campaign of one account, of which all that waits has to move."""
    taken, left = [], []
    for _ in range(_REPEATS):
        await ledger.hold_all(HOT_ACCOUNT)
        began = time.perf_counter()
        await ledger.lift()
        taken.append(time.perf_counter() - began)
        began = time.perf_counter()
        await ledger.end_lifted()
        left.append(time.perf_counter() - began)
    return {"call": percentiles(taken), "afterwards": percentiles(left)}


async def _list(ledger: BenchedLedger, wanted: ActionFilter) -> dict[str, Any]:
    """The first page of a list, and one in the middle of two months."""
    middle = (START - timedelta(days=30), "")
    return {
        "first_page": await _timed(lambda: ledger.list(wanted, after=None, limit=_PAGE)),
        "deep_page": await _timed(lambda: ledger.list(wanted, after=middle, limit=_PAGE)),
    }


async def _timed(ask: Callable[[], Awaitable[Any]]) -> dict[str, float]:
    taken = []
    for _ in range(_REPEATS):
        began = time.perf_counter()
        await ask()
        taken.append(time.perf_counter() - began)
    return percentiles(taken)
