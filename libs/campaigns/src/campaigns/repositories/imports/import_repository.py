"""SQL on imports of lead lists, and on whom a list would meet."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from servicekit.postgres.columns import Table, column
from servicekit.postgres.pool import Pool
from servicekit.postgres.statement import Statement
from servicekit.sealing.data_keys import Database
from servicekit.sealing.seal import Seal

from campaigns.errors import ImportNotFound
from campaigns.lead_list_import import Destination, ImportPhase, LeadListImport
from campaigns.sealing.people import PeopleSeal


def _or_nothing(kept: str | None) -> str:
    return kept or ""


IMPORTS: Table[LeadListImport] = Table(
    LeadListImport,
    column("import_id"),
    column("organization_id"),
    column("campaign_id", write=lambda each: each.campaign_id or None, read=_or_nothing),
    column("lead_list_id", write=lambda each: each.lead_list_id or None, read=_or_nothing),
    column("created_at", "timestamptz"),
    column("created_by"),
    column("ended_at", "timestamptz"),
    column("content_hash"),
    column("content_bytes", "bigint"),
    column("column_by_field", "jsonb", write=lambda each: dict(each.column_by_field)),
    column("literal", "jsonb", write=lambda each: list(each.literal), read=tuple),
    column("result", "jsonb", write=lambda each: dict(each.result)),
    column("failure"),
    column("phase", read=ImportPhase),
    column("received_bytes", "bigint"),
    column("people", "bigint"),
    column("request_id"),
)

# Of two that the same request begins at the same moment one is there.
_BEGIN = Statement(f"""
    INSERT INTO lead_imports ({IMPORTS.names}) VALUES ({IMPORTS.parameters()})
    ON CONFLICT DO NOTHING
""")
# The first end counts.
_END = Statement("""
    UPDATE lead_imports
       SET ended_at = :ended_at, content_hash = :content_hash, content_bytes = :content_bytes,
           result = :result, failure = :failure
     WHERE organization_id = :organization_id AND import_id = :import_id AND ended_at IS NULL
""")
_GET = f"""
    SELECT {IMPORTS.selected()} FROM lead_imports
     WHERE organization_id = $1 AND import_id = $2 AND $3 IN (campaign_id, lead_list_id)
"""
_EARLIER = """
    SELECT import_id FROM lead_imports
     WHERE (campaign_id = $1 OR lead_list_id = $1) AND content_hash = $2 AND failure = ''
       AND ended_at IS NOT NULL
     ORDER BY created_at LIMIT 1
"""
_KNOWN = """
    SELECT public_identifier FROM leads WHERE campaign_id = $1 AND public_identifier = ANY($2)
"""
_ADDED = "SELECT id FROM leads WHERE id = ANY($1)"
_VARIABLES = """
    SELECT DISTINCT name FROM leads, jsonb_object_keys(variables) AS name
     WHERE campaign_id = $1 ORDER BY name
"""
_IN_RUNNING = """
    SELECT DISTINCT leads.public_identifier
      FROM campaigns
      JOIN leads ON leads.campaign_id = campaigns.id AND leads.public_identifier = ANY($3)
     WHERE campaigns.organization_id = $1 AND campaigns.id <> $2
       AND campaigns.state IN ('running', 'paused') AND campaigns.deleted_at IS NULL
       AND leads.state IN ('ready', 'running')
"""


async def added_among(database: Database, lead_ids: Collection[str]) -> Collection[str]:
    """Which of these leads went in, also within the transaction that adds them."""
    rows = await database.fetch(_ADDED, list(lead_ids)) if lead_ids else ()
    return {row["id"] for row in rows}


class ImportRepository:
    """Keeps what was imported; looks people up without changing anything."""

    def __init__(self, pool: Pool, seal: Seal) -> None:
        self._pool = pool
        self._people = PeopleSeal(seal, "leads")

    async def begin(self, new: LeadListImport) -> None:
        """Note that a list is being read."""
        await self._pool.execute(_BEGIN.sql, *_BEGIN.given(**IMPORTS.values(new)))

    async def end(self, ended: LeadListImport) -> None:
        """Note what became of it."""
        values = IMPORTS.values(ended)
        told = ("organization_id", "import_id", "ended_at", "content_hash", "content_bytes")
        given = {name: values[name] for name in (*told, "result", "failure")}
        await self._pool.execute(_END.sql, *_END.given(**given))

    async def get(self, into: Destination, import_id: str) -> LeadListImport:
        """The import; raises `ImportNotFound` if the campaign or list has no such one."""
        row = await self._pool.fetchrow(_GET, into.organization_id, import_id, into.id)
        if row is None:
            raise ImportNotFound
        return IMPORTS.read(row)

    async def earlier(self, destination_id: str, content_hash: str) -> str:
        """The first import of the same file into the campaign or list; empty if it is the first."""
        return str(await self._pool.fetchval(_EARLIER, destination_id, content_hash) or "")

    async def known(
        self, organization_id: str, campaign_id: str, identifiers: Sequence[str]
    ) -> Collection[str]:
        """Who of these is in the campaign already."""
        spellings = self._people.spellings(organization_id, identifiers)
        rows = await self._pool.fetch(_KNOWN, campaign_id, list(spellings))
        return {spellings[row["public_identifier"]] for row in rows}

    async def added_among(self, lead_ids: Collection[str]) -> Collection[str]:
        """Which of these leads went in: the others had been in the campaign by other ids."""
        return await added_among(self._pool, lead_ids)

    async def in_running_campaigns(
        self, organization_id: str, identifiers: Sequence[str], *, but: str
    ) -> Collection[str]:
        """Who of these is in another campaign of the organization that goes on."""
        spellings = self._people.spellings(organization_id, identifiers)
        rows = await self._pool.fetch(_IN_RUNNING, organization_id, but, list(spellings))
        return {spellings[row["public_identifier"]] for row in rows}

    async def variable_names(self, campaign_id: str) -> list[str]:
        """Every further column that some list brought, by name."""
        return [row["name"] for row in await self._pool.fetch(_VARIABLES, campaign_id)]
