"""A list changes nothing of who becomes a lead: it is where they wait."""

from __future__ import annotations

import asyncio
import random
from collections import Counter

import pytest

from tests import laws
from tests.integration.campaign_api.conftest import Api
from tests.integration.campaign_api.imports.uploading import Upload
from tests.integration.campaign_api.lead_lists.lists import add, created, delete, filled
from tests.integration.campaign_api.lead_lists.test_addition import SHOES, leads_of

CELLS = {
    "first_name": ["Ada", "GRACE", "", "n/a", "{{first_name}}", "Nan", "Zoë", "Dr. Ann"],
    "last_name": ["Example", "", "von Example", "Lovelace, PhD"],
    "company": ["Acme", "Muster GmbH", "-", ""],
    "location": ["Berlin, Germany", "Georgia", "Sydney", ""],
    "shoe size": ["41", "38.5", "", "none"],
    "city": ["Hanover", "Lisbon", ""],
    "e-mail": ["ada@example.com", "", "no address"],
}
"""What stands in the cells of a column."""


def address(drawn: random.Random) -> str:
    """Of some ten people, as lists spell them; now and then of nobody."""
    person = f"person-{drawn.randrange(10)}"
    return drawn.choice(
        [
            f"https://www.linkedin.com/in/{person}/",
            f"linkedin.com/in/{person}?utm=1",
            f"http://de.linkedin.com/in/{person.upper()}",
            f"https://www.linkedin.com/company/{person}",
            "",
        ]
    )


def drawn_file(drawn: random.Random) -> bytes:
    """A table with some of the columns in some order, and who knows what in the cells."""
    columns = drawn.sample([*CELLS], k=drawn.randint(1, len(CELLS)))
    place = drawn.randint(0, len(columns))
    separator, encoding = drawn.choice(",;\t"), drawn.choice(["utf-8", "utf-8-sig", "utf-16"])
    lines = [[*columns[:place], "linkedin_url", *columns[place:]]]
    for _ in range(drawn.randint(1, 14)):
        cells = [drawn.choice(CELLS[name]) for name in columns]
        lines.append([*cells[:place], address(drawn), *cells[place:]])
    quoted = (separator.join(f'"{cell}"' for cell in line) for line in lines)
    return ("\n".join(quoted) + "\n").encode(encoding)


async def brought(api: Api, into: str, content: bytes, request_id: str) -> tuple[object, ...]:
    """Import a file; what is told of it, but for what only a campaign can tell."""
    done = await filled(api, into, content, request_id, allow_literal=["Nan"])
    told = done.lead_import
    return (
        *(done.state, told.failure, told.rows, told.rejected, told.skipped, told.encoding),
        *(told.duplicates_in_list, dict(told.column_by_field)),
        [(row.line, row.column, row.reason) for row in told.row_errors],
    )


@pytest.mark.law
@pytest.mark.lasts(seconds=10)
async def test_a_list_between_makes_the_same_leads(api: Api) -> None:
    """Two files one after the other, each brought in as it is or by a list that is added then.

    As the files are read, and as everybody is judged, completed, released and ordered.
    """
    for world in range(laws.worlds(8)):
        drawn = random.Random(f"{laws.seed()}/{world}")
        files = [drawn_file(drawn), drawn_file(drawn)]
        direct = await api.create(f"direct-{world}", sequence_json=SHOES)
        listed = await api.create(f"listed-{world}", sequence_json=SHOES)
        lead_list_id = await created(api, str(world))
        figures: Counter[str] = Counter()
        for number, content in enumerate(files):
            told = [
                await brought(api, into, content, f"{world}/{number}")
                for into in (direct, lead_list_id)
            ]
            assert told[0] == told[1], (world, files)
            added = await add(api, listed, lead_list_id)
            leads = await leads_of(api, direct)
            assert await leads_of(api, listed) == leads, (world, files)
            figures.update(added=added.added, released=added.released, held=added.held_back)
        laws.record("the same leads by a list", figures)


@pytest.mark.lasts(seconds=5)
async def test_a_deletion_beside_everything_leaves_nobody(api: Api) -> None:
    """Whoever fills the list or takes from it at that moment: no entry is left, none comes later.

    What campaigns have taken until then are whole leads of it.
    """
    rows = [f"Ann{n},linkedin.com/in/ann-{n}\n" for n in range(3500)]
    some, everybody = (
        "".join(["first_name,linkedin_url\n", *part]).encode() for part in (rows[:1200], rows)
    )
    for turns in (0, 1, 20, 200):
        lead_list_id = await created(api, f"list-{turns}")
        campaign_id = await api.create(f"campaign-{turns}")
        await filled(api, lead_list_id, some)
        upload = await Upload.begin(api.stubs, lead_list_id, "beside")
        adding = asyncio.create_task(add(api, campaign_id, lead_list_id))
        filling = asyncio.create_task(upload.finish(everybody))
        for _ in range(turns):
            await api.pool.fetchval("SELECT 1")
        await delete(api, lead_list_id, force=True)
        ends = await asyncio.gather(adding, filling, return_exceptions=True)
        leads = await api.leads.page(campaign_id, limit=5000)

        assert {getattr(each, "reason", "") for each in ends} <= {
            *("", "LEAD_LIST_NOT_FOUND", "IMPORT_NOT_FOUND")
        }
        assert {lead.lead_list_id for _, lead in leads} <= {lead_list_id}
        assert [lead.person.first_name for _, lead in leads] == [
            f"Ann{n}" for n in range(len(leads))
        ]
        assert await api.pool.fetchval("SELECT count(*) FROM lead_list_entries") == 0
