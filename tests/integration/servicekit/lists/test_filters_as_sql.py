"""What the database finds by a filter is what it means, row by row."""

from collections import Counter
from collections.abc import AsyncIterator
from random import Random

import pytest
from servicekit.lists.conditions import Parameters, condition
from servicekit.lists.fields import Field, FieldType
from servicekit.lists.parser import MOST_RESTRICTIONS
from servicekit.lists.schemas import Key, ListSchema, Order
from servicekit.postgres.pool import Pool, connect_pool

from tests.integration.servicekit.lists.drawn_filters import (
    STATES,
    FilterSource,
    Row,
    rows,
    told_apart,
)
from tests.laws import drawn_anew, record, seed

SCHEMA = ListSchema(
    name="things",
    table="things",
    fields=[
        Field(name="state", column="state", type=FieldType.ENUM, values=STATES, prefix="STATE_"),
        Field(name="word", column="word", type=FieldType.TEXT),
        Field(name="nickname", column="nickname", type=FieldType.TEXT, nullable=True),
        Field(name="number", column="number", type=FieldType.INTEGER, nullable=True),
        Field(name="instant", column="instant", type=FieldType.INSTANT, nullable=True),
        Field(name="duration", column="duration", type=FieldType.DURATION, nullable=True),
        Field(name="done", column="done", type=FieldType.BOOLEAN),
        Field(name="tags", column="tags", type=FieldType.IDS),
    ],
    orders=[Order(name="id", keys=[Key(column="id", type=FieldType.INTEGER)], index="things_pkey")],
    default="id",
)
TABLE = """
    CREATE TABLE things (
        id integer PRIMARY KEY, state text NOT NULL, word text NOT NULL, nickname text,
        number bigint, instant timestamptz, duration interval, done boolean NOT NULL,
        tags text[] NOT NULL
    )
"""
ROWS = 60
IN_ONE_STATEMENT = 250


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[Pool]:
    async with connect_pool(database_url, "public") as pool:
        await pool.execute(TABLE)
        yield pool


async def filled(pool: Pool, random: Random) -> list[Row]:
    """A table of rows, and the rows."""
    made: list[Row] = [*rows(random, ROWS)]
    places = ", ".join(f"${number + 1}" for number in range(len(made[0])))
    for row in made:
        await pool.execute(f"INSERT INTO things VALUES ({places})", *row.values())
    return made


@pytest.mark.lasts(seconds=10)
@pytest.mark.law
async def test_a_filter_finds_what_it_means(pool: Pool) -> None:
    """Of 3,000 drawn filters (100,000 by `make laws`), every one, on every row."""
    random = Random(seed())
    table, source = await filled(pool, random), FilterSource(random, most=MOST_RESTRICTIONS)
    figures: Counter[str] = Counter()
    for _ in range((100_000 if drawn_anew() else 3_000) // IN_ONE_STATEMENT):
        drawn = [source.draw() for _ in range(IN_ONE_STATEMENT)]
        parameters = Parameters()
        conditions = [condition(SCHEMA.filter(text), SCHEMA, parameters) for text, _ in drawn]
        asked = f"SELECT ARRAY[{', '.join(conditions)}] AS found FROM things ORDER BY id"

        found = [row["found"] for row in await pool.fetch(asked, *parameters.values)]

        for number, (text, meaning) in enumerate(drawn):
            for row, told in zip(table, found, strict=True):
                assert told[number] == meaning(row), f"{text!r} on {row}"
        figures["filters"] += len(drawn)
        figures["told rows apart"] += told_apart([meaning for _, meaning in drawn], table)
    assert figures["told rows apart"] > figures["filters"] / 2
    record("filters mean what they say", figures)
