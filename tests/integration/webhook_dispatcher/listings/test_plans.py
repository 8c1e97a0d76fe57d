"""No list reads a whole table: every declared filter and order is walked along its index."""

from collections.abc import AsyncIterator, Callable

import pytest
from servicekit.lists.conditions import Scope
from servicekit.postgres.pool import Pool, connect_apart, connect_pool
from webhook_dispatcher.endpoints.rows import KEPT
from webhook_dispatcher.listings.deliveries import ATTEMPTS, DELIVERIES
from webhook_dispatcher.listings.endpoints import ENDPOINTS, WITH_DELETED
from webhook_dispatcher.listings.events import EVENTS
from webhook_dispatcher.listings.replays import REPLAYS

from tests.integration.webhook_dispatcher.conftest import SCHEMA
from tests.lists.plans import check_plans
from tests.lists.questions import Questions
from tests.servers.postgres import as_role

_AT = "timestamptz '2026-03-02Z' + number * interval '1 second'"
_OF = "CASE number % 2 WHEN 0 THEN 'org_north' ELSE 'org_south' END"
_SERIES = "FROM generate_series(1, $1::int) AS number"
ENDPOINT_ROWS = f"""
    INSERT INTO endpoints (endpoint_id, organization_id, request_id, url, event_types,
                           description, secret, created_at)
    SELECT format('ep_%s', number), {_OF}, number, 'https://hooks.example.com',
           '{{}}', '', '', {_AT}
      {_SERIES}
"""
EVENT_ROWS = f"""
    INSERT INTO events (organization_id, event_id, type, payload, published_at, campaign_id,
                        lead_id)
    SELECT {_OF}, format('evt_%s', number),
           CASE number / 2 % 30 WHEN 3 THEN 'lead.failed' ELSE 'lead.started' END, '', {_AT},
           format('camp_%s', number % 40), format('lead_%s', number % 600) {_SERIES}
"""
DELIVERY_ROWS = f"""
    INSERT INTO deliveries (delivery_id, organization_id, event_id, event_type, endpoint_id,
                            lead_id, state, created_at, ended_at)
    SELECT format('dlv_%s', number), {_OF}, format('evt_%s', number), 'lead.started',
           format('ep_%s', number % 20 + 2), format('lead_%s', number % 600),
           CASE number / 2 % 20 WHEN 3 THEN 'lapsed' WHEN 7 THEN 'dropped' ELSE 'delivered' END,
           {_AT}, {_AT} {_SERIES}
"""
ATTEMPT_ROWS = f"""
    INSERT INTO attempts (organization_id, delivery_id, number, attempted_at, latency, status_code,
                          error)
    SELECT 'org_north', format('dlv_%s', 2 + number % 2 * 2), number, {_AT}, interval '1 second',
           503, 'busy' {_SERIES}
"""
REPLAY_ROWS = f"""
    INSERT INTO replays (replay_id, organization_id, request_id, endpoint_id, start_at, end_at,
                         event_types, campaign_ids, failed_only, max_per_minute, state, after_time,
                         after_id, created_at, finished_at)
    SELECT format('rpl_%s', number), {_OF}, number, format('ep_%s', number % 20 + 2), {_AT}, {_AT},
           '{{}}', '{{}}', false, 600, 'done', {_AT}, '', {_AT}, {_AT} {_SERIES}
"""
MANY = 6_000
"""Rows of the list that is read; somebody else has as many."""
FEW = 40
OF_NORTH = Scope("organization_id = {0}", [("org_north", "text")])
LISTS = {
    "endpoints": (ENDPOINTS, Scope(f"{OF_NORTH.text} AND deleted_at IS NULL", OF_NORTH.values)),
    "endpoints, deleted ones too": (
        WITH_DELETED,
        Scope(f"{OF_NORTH.text} AND {KEPT}", OF_NORTH.values),
    ),
    "deliveries": (DELIVERIES, OF_NORTH),
    "events": (EVENTS, OF_NORTH),
    "replays": (REPLAYS, OF_NORTH),
    "attempts": (
        ATTEMPTS,
        Scope(f"{OF_NORTH.text} AND delivery_id = {{1}}", [*OF_NORTH.values, ("dlv_4", "text")]),
    ),
}


@pytest.fixture
async def pool(name: str, new_database: Callable[..., str]) -> AsyncIterator[Pool]:
    """As the service reads: bound to the rows of one organization."""
    url = new_database(SCHEMA)
    async with connect_pool(url, "webhook") as owner:
        await owner.execute(ENDPOINT_ROWS, 2 * MANY if "endpoints" in name else FEW)
        deliveries = 2 * MANY if name == "deliveries" else FEW
        await owner.execute(EVENT_ROWS, 2 * MANY if name == "events" else deliveries)
        await owner.execute(DELIVERY_ROWS, deliveries)
        await owner.execute(ATTEMPT_ROWS, 2 * MANY if name == "attempts" else FEW)
        await owner.execute(REPLAY_ROWS, 2 * MANY if name == "replays" else FEW)
        await owner.execute("ANALYZE")
    roles = [as_role(url, f"webhook_{role}") for role in ("service", "background")]
    async with connect_apart(*roles, "webhook") as pool:
        yield pool


@pytest.mark.lasts(seconds=10)
@pytest.mark.parametrize("name", LISTS)
async def test_nothing_declared_scans(pool: Pool, name: str) -> None:
    """In a list of 6,000 a page reads no more than 2,000 rows, and each by an index."""
    schema, within = LISTS[name]
    examples = {
        "endpoint_id": "ep_4",
        "event_id": "evt_4000",
        "event_type": "LEAD_STARTED",
        "type": "lead.failed",
        "campaign_id": "camp_4",
        "lead_id": "lead_4",
        "subject": "lead_4",
        "state": "DONE" if name == "replays" else "LAPSED",
        "latency": "1s",
    }
    asked = Questions(schema=schema, within=within, examples=examples)

    await check_plans(pool, asked, of=schema.table)
