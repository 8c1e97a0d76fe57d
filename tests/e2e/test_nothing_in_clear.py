"""Whoever has the database's files does not read in them who people are or what they wrote."""

import asyncio
import base64
import subprocess
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from campaigns.models import Person
from campaigns.repositories.lead_repository import LeadRepository
from devstack.demo.demo import fast_clock
from devstack.demo.driver import ALWAYS, Driver
from devstack.demo.flow import Flow
from devstack.demo.outcome import collect_outcome
from devstack.stack.postgres import DATABASE, environment, program
from devstack.stack.services import SERVICES, prefix
from devstack.stack.stack import Stack, StackOptions
from pydantic import SecretStr
from servicekit.postgres.pool import connect_pool
from servicekit.sealing.composition import seal_of
from servicekit.settings import SealingSettings

from tests.e2e.conftest import ACCOUNTS, SPEED

pytestmark = pytest.mark.asyncio(loop_scope="session")

PEOPLE = 50
_FILES = """
SELECT format('%s.%s', nspname, relname),
       array_remove(ARRAY[pg_relation_filepath(pg_class.oid),
                          pg_relation_filepath(nullif(reltoastrelid, 0))], NULL)
    || ARRAY(SELECT pg_relation_filepath(indexrelid) FROM pg_index WHERE indrelid = pg_class.oid)
  FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
 WHERE nspname IN ('campaign', 'gateway', 'webhook') AND relkind = 'r'
"""


def person(number: int) -> dict[str, str]:
    """Somebody whose every word is nowhere else."""
    return {
        "first_name": f"Zephyrine{number:02}x",
        "last_name": f"Vogelsang{number:02}y",
        "company": f"Wunderkammer{number:02}z",
        "title": f"Bestiarist{number:02}w",
        "email": f"quimby{number:02}v@post.example",
        "phone": f"+49305558{number:02}9483",
        "linkedin_url": f"https://www.linkedin.com/in/zq-{number:02}-vogelsang-u",
        "favourite": f"pangolin{number:02}t",
    }


WORDS = {
    word.removeprefix("https://www.linkedin.com/in/")
    for number in range(PEOPLE)
    for word in person(number).values()
}


HELD = Person(public_identifier="zq-held-u", first_name="Ursuline", last_name="Grauwacke (DNC)")
"""Somebody of whom their list says to leave them alone: why they wait quotes it."""
QUOTED = "Grauwacke"
PERSONAL = {
    "campaign.leads",
    "campaign.step_texts",
    "campaign.heard_messages",
    "gateway.inbound",
    "webhook.events",
}


@pytest.mark.lasts(seconds=60)
@pytest.mark.parametrize("sealed", [True, False], ids=["sealed", "in clear"])
async def test_files_of_the_databases_name_nobody(
    flow: Flow, tmp_path: Path, *, sealed: bool
) -> None:
    """Fifty people are invited and written to; with sealing off the search finds each of them.

    Searched are tables, what the database writes ahead of them, a dump of it, and logs and
    Temporal's database, which have ids alone in either case. No dump has a key.
    """
    said = {f"{prefix(name)}_SEALING_ON": str(sealed).lower() for name in SERVICES}
    options = StackOptions(clock=fast_clock(SPEED), accounts=ACCOUNTS, environment=said)
    async with Stack(options) as stack:
        words = WORDS | {text async for text in written(stack, flow, tmp_path, sealed=sealed)}

        ahead = hits(words, stack.directory / "pg", "**/pg_wal/*")
        found = by_table(stack, words)
        dumped = in_dump(words | keys(stack), await asyncio.to_thread(dump, stack))
        logged = hits(words, stack.logs, "*.log")
        histories = stack.directory / "temporal"
        told = hits({*words, "org_clear"}, histories, "temporal.db*")

    assert set(found) >= PERSONAL
    assert told == {"org_clear"}
    assert logged == set()
    assert dumped.isdisjoint(keys(stack))
    if sealed:
        assert {table: words for table, words in found.items() if words} == {}
        assert (ahead, dumped) == (set(), set())
    else:
        assert found["campaign.leads"] >= WORDS
        assert dumped >= WORDS
        assert all(found[table] for table in PERSONAL)
        assert ahead


async def written(stack: Stack, flow: Flow, directory: Path, *, sealed: bool) -> AsyncIterator[str]:
    """What was written to and by people of a campaign that has ended, and the provider's ids."""
    driver = Driver(stack, organization_id="org_clear")
    await driver.register_accounts(working_hours=ALWAYS)
    await driver.create_endpoints(flow)
    for number in range(PEOPLE):
        address = f"zq-{number:02}-vogelsang-u"
        await stack.simulator.put_person(address, temperament="replies_to_first_followup")
    leads = directory / "leads.csv"
    rows = [person(number) for number in range(PEOPLE)]
    lines = [",".join(rows[0]), *(",".join(row.values()) for row in rows)]
    leads.write_text("\n".join(lines))
    campaign = (await driver.create_campaign(flow, name="In clear")).campaign.campaign_id
    await driver.import_leads(campaign, leads)
    await add_of_before(stack, campaign, HELD, sealed=sealed)
    await driver.start(campaign)
    async for _ in driver.watch(campaign):
        pass
    everybody = await driver.leads(campaign)
    (held,) = [each.lead for each in everybody if each.lead.last_name == HELD.last_name]
    assert QUOTED in held.detail
    yield QUOTED
    listed = [each for each in everybody if each.lead.lead_id != held.lead_id]
    assert {each.lead.email for each in listed} == {person(n)["email"] for n in range(PEOPLE)}
    assert any(each.lead.reply for each in listed)
    for each in listed:
        if each.lead.reply:
            yield each.lead.reply
    for write in (await collect_outcome(driver, campaign)).made:
        if write.text:
            yield write.text
    journal = await stack.simulator.journal()
    # Owners of accounts are looked at too: they are no leads.
    calls = [each for each in journal if str(each["target"]).startswith("zq-")]
    shown = {each["target_provider_id"] for each in calls}
    assert len(shown) >= PEOPLE
    for provider_id in shown - {None}:
        yield provider_id


async def add_of_before(stack: Stack, campaign_id: str, person: Person, *, sealed: bool) -> None:
    """A lead that no list brings in any more: the start of its campaign holds it back."""
    secrets = stack.addresses.secrets
    settings = SealingSettings(
        sealing_keys=SecretStr(secrets["campaign_sealing_key"]),
        sealing_hash_key=SecretStr(secrets["campaign_hash_key"]),
        sealing_on=sealed,
    )
    seal = seal_of(settings, sandbox=True)
    async with connect_pool(stack.postgres.url("postgres"), "campaign") as pool:
        assert await LeadRepository(pool, seal).add(campaign_id, [person], now=datetime.now(UTC))


def hits(words: Iterable[str], directory: Path, files: str) -> set[str]:
    """Which words stand in these files."""
    content = b"".join(each.read_bytes() for each in directory.glob(files) if each.is_file())
    return those_in(content, words)


def those_in(content: bytes, words: Iterable[str]) -> set[str]:
    """Which words stand there; words that begin alike are looked for where that beginning is."""
    alike = defaultdict(list)
    for word in words:
        alike[word[:4]].append(word)
    return {
        word
        for beginning, group in alike.items()
        if beginning.encode() in content
        for word in group
        if word.encode() in content
    }


def by_table(stack: Stack, words: Iterable[str]) -> dict[str, set[str]]:
    """Which words stand in the files of each table: rows, long values and indexes."""
    with psycopg.connect(stack.postgres.url("postgres"), autocommit=True) as connection:
        connection.execute("CHECKPOINT")
        tables = connection.execute(_FILES).fetchall()
        (root,) = connection.execute("SHOW data_directory").fetchone() or ("",)
    return {
        table: those_in(content, words)
        for table, files in tables
        for content in [b"".join(map(bytes_of, (Path(root, file) for file in files)))]
    }


def dump(stack: Stack) -> bytes:
    """A dump of our database, as text."""
    return subprocess.run(
        [program("pg_dump"), "-h", str(stack.postgres.directory), "-U", "postgres", DATABASE],
        env=dict(environment()),
        capture_output=True,
        check=True,
        timeout=60,
    ).stdout


def in_dump(words: Iterable[str], dumped: bytes) -> set[str]:
    """Which words stand in a dump, which has bytes as hexadecimal digits."""
    by_digits = {word.encode().hex(): word for word in words}
    return those_in(dumped, by_digits.values()) | {
        by_digits[digits] for digits in those_in(dumped, by_digits)
    }


def keys(stack: Stack) -> set[str]:
    """The keys by which the stack seals and finds, in each way in which a dump could have them."""
    said = {key for name, key in stack.addresses.secrets.items() if name.endswith("_key")}
    bare = {base64.urlsafe_b64decode(key) for key in said}
    return said | {key.hex() for key in bare} | {base64.b64encode(key).decode() for key in bare}


def bytes_of(file: Path) -> bytes:
    return file.read_bytes() if file.exists() else b""
