"""A resource whose id is one organization's is that organization's row."""

from identity.audit.record_repository import RecordRepository, Tracked

from tests.integration.identity.audit.conftest import SCHEMA, Audit, act

NOUN = "thing_id"


async def test_the_row_of_the_same_name_is_no_part_of_a_record(audit: Audit) -> None:
    """What is recorded before and after is the row of whom the call is about, nobody else's."""
    await audit.pool.execute("CREATE TABLE things (organization_id text, thing_id text, said text)")
    await audit.pool.execute("INSERT INTO things VALUES ('org_1', 'a', 'x'), ('org_2', 'a', 'y')")
    tracked = {NOUN: Tracked("things", NOUN, scoped=True)}
    records = RecordRepository(audit.pool, audit.proofs, tracked, schema=SCHEMA)
    about_one = act(organization_id="", resource="a")

    async with audit.pool.acquire() as connection, connection.transaction():
        one, two, nobodys = [
            await records.digest(connection, NOUN, "a", whose=whose)
            for whose in ("org_1", "org_2", "")
        ]
        await connection.execute("UPDATE things SET said = 'z' WHERE organization_id = 'org_2'")
        await records.append_with(
            connection, about_one, noun=NOUN, whose="org_1", digest_before=one
        )

    recorded = await audit.pool.fetchrow(
        "SELECT organization_id, digest_before, digest_after FROM audit_records"
    )
    assert len({one, two}) == 2
    assert nobodys == ""
    assert tuple(recorded) == ("org_1", one, one)
