"""What ListActions finds by a filter is what it means, row by row."""

from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from linkedin_gateway.listings.actions import ActionList
from linkedin_gateway.storage.rows import ACTIONS as ACTION_TABLE
from linkedin_gateway.storage.sealed_ids import SealedIds
from servicekit.lists.listing import Asked
from servicekit.lists.page_token_key import PageTokenKey
from servicekit.lists.parser import LONGEST, MOST_RESTRICTIONS
from servicekit.page_tokens import PageTokens
from servicekit.postgres.pool import Pool, connect_apart, connect_pool
from servicekit.postgres.scope import acting_for

from tests.fakes.sealing import sealing
from tests.integration.linkedin_gateway.listings.large_lists import (
    OPEN_MONTH,
)
from tests.integration.servicekit.lists.drawn_filters import Drawn, FilterSource, Row
from tests.laws import drawn_anew, record, seed
from tests.servers.postgres import as_role

STATES = ["queued", "sending", "done", "failed", "unknown", "cancelled"]
KINDS = {"VISIT": "visit", "INVITATION": "invitation", "MESSAGE": "message"}
REASONS = ["", "WAITING_FOR_CAP", "ACCOUNT_PARKED"]
IDS = {
    "account_id": ["acct_1", "acct_2", "acct_3"],
    "campaign_id": ["camp_1", "camp_2"],
    "lead_id": ["lead_1", "lead_2", "lead_3"],
    "caller": ["", "mem_1"],
}
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
INSTANTS = [NOON + timedelta(minutes=30 * step) for step in range(-2, 3)]
COLUMNS = {
    "create_time": "created_at",
    "turn_time": "turn_at",
    "send_time": "sent_at",
    "finish_time": "finished_at",
}
PUT = """
    INSERT INTO actions (action_id, organization_id, account_id, campaign_id, lead_id, identifier,
                         kind, state, reason, caller, created_at, turn_at, sent_at, finished_at)
    VALUES ($1, $2, $3, $4, $5, '', $6, $7, $8, $9, $10, $11, $12, $13)
"""


def actions(random: Random, count: int) -> list[dict[str, Any]]:
    """Rows in which every column takes each of its values, and some are unset."""
    return [
        {
            "action_id": f"act/{number:03}",
            "organization_id": random.choice(["org_north", "org_north", "org_south"]),
            **{name: random.choice(values) for name, values in IDS.items() if name != "caller"},
            # What the gateway asks for itself is nobody's to list.
            "kind": random.choice([*KINDS.values(), "post_list"]),
            "state": random.choice(STATES),
            "reason": random.choice(REASONS),
            "caller": random.choice(IDS["caller"]),
            "create_time": random.choice(INSTANTS),
            "turn_time": random.choice([None, *INSTANTS]),
            "send_time": random.choice([None, *INSTANTS]),
            "finish_time": random.choice([None, *INSTANTS]),
        }
        for number in range(count)
    ]


class ActionFilters(FilterSource):
    """Draws filters of actions."""

    def _comparisons_of(self) -> Sequence[Callable[[], Drawn]]:
        return [self._state_of, self._kind, self._id, self._moment, self._moment, self._told]

    def _state_of(self) -> Drawn:
        state = self._random.choice(STATES)
        written = self._random.choice(["", "ACTION_STATE_"]) + state.upper()
        return self._compared("state", self._equality(), written, state)

    def _kind(self) -> Drawn:
        name = self._random.choice([*KINDS])
        return self._compared("kind", self._equality(), name, KINDS[name])

    def _id(self) -> Drawn:
        column = self._random.choice([*IDS])
        value = self._random.choice([*IDS[column], "nobody's"])
        return self._compared(column, self._equality(), self._quoted(value), value)

    def _moment(self) -> Drawn:
        column, instant = self._random.choice([*COLUMNS]), self._random.choice(INSTANTS)
        return self._compared(column, self._any(), instant.isoformat(), instant)

    def _told(self) -> Drawn:
        column = self._random.choice(["reason", "caller", "turn_time", "finish_time"])
        return f"{column}:*", lambda row: row[column] not in (None, "")


def as_listed(row: Row) -> Row:
    """A row as a filter sees it: a turn is told of what waits for it."""
    return row if row["state"] == "queued" else {**row, "turn_time": None}


@pytest.fixture
async def rows(gateway_url: str) -> list[Row]:
    made: list[Row] = [*actions(Random(seed()), 90)]
    async with connect_pool(gateway_url, "gateway") as owner:
        await owner.execute(OPEN_MONTH)
        for row in made:
            await owner.execute(PUT, *row.values())
        # Whatever has ended may lie in the archive, where it is listed all the same.
        await owner.execute(
            f"""WITH moved AS (
                   DELETE FROM actions WHERE finished_at IS NOT NULL AND right(action_id, 1) < '5'
                   RETURNING *)
               INSERT INTO archived_actions ({ACTION_TABLE.names})
               SELECT {ACTION_TABLE.names} FROM moved"""
        )
    return made


@pytest.fixture
async def pool(gateway_url: str) -> AsyncIterator[Pool]:
    roles = [as_role(gateway_url, f"gateway_{role}") for role in ("service", "background")]
    async with connect_apart(*roles, "gateway") as opened:
        yield opened


@pytest.mark.lasts(seconds=8)
@pytest.mark.law
async def test_a_list_is_what_its_filter_means(rows: list[Row], pool: Pool) -> None:
    """Of every drawn filter, in both directions, page by page; for whom it is limited too."""
    random = Random(seed())
    source, listed = ActionFilters(random, most=MOST_RESTRICTIONS), _list(pool)
    figures = Counter[str]()
    for _ in range(3_000 if drawn_anew() else 150):
        text, meaning = source.draw()
        if len(text) > LONGEST:
            continue
        limit = random.choice([None, frozenset({"acct_1"}), frozenset({"acct_2", "acct_3"})])
        direction = random.choice(["", "create_time", "create_time desc"])
        meant = [
            (row["create_time"], row["action_id"])
            for row in rows
            if row["organization_id"] == "org_north"
            and row["kind"] in KINDS.values()
            and (limit is None or row["account_id"] in limit)
            and meaning(as_listed(row))
        ]
        asked = Asked(filter=text, order_by=direction, page_size=random.choice([3, 7, 100]))

        with acting_for("org_north"):
            found = await _walked(listed, asked, limit)

        assert found == sorted(meant, reverse=direction != "create_time"), text
        figures["filters"] += 1
        figures["found"] += len(found)
    assert figures["found"] > figures["filters"]
    record("a list of actions is what its filter means", figures)


def _list(pool: Pool) -> ActionList:
    return ActionList(pool, PageTokens(PageTokenKey(pool)), SealedIds(sealing()))


async def _walked(
    listed: ActionList, asked: Asked, account_ids: frozenset[str] | None
) -> list[tuple[datetime, str]]:
    found: list[tuple[datetime, str]] = []
    token = ""
    while True:
        page = await listed.page(
            "org_north",
            Asked(
                filter=asked.filter,
                order_by=asked.order_by,
                page_size=asked.page_size,
                page_token=token,
            ),
            account_ids=account_ids,
        )
        found += [(action.created_at, action.action_id) for action in page.rows]
        token = page.next_page_token
        if not token:
            return found
