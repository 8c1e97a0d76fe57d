"""What a server tells of itself, with a database that is away and a check that knows a secret."""

import asyncio
from datetime import timedelta
from typing import Any

from identity.installation import Installation
from outreach.installation.v1 import installation_service_pb2 as pb
from outreach.installation.v1.server_info_pb2 import ServerInfo, UnipileInfo
from servicekit.health import Readiness
from servicekit.postgres.errors import DatabaseUnavailable
from servicekit.settings import ServiceSettings
from servicekit.startup.server_facts import OwnSchema, ServerFacts

SECRET = "hunter2-and-more"


class Away:
    """A pool whose database does not answer."""

    async def fetchval(self, *_: Any, **__: Any) -> Any:
        raise DatabaseUnavailable


async def told_of(readiness: Readiness) -> ServerInfo:
    pool: Any = Away()
    facts = ServerFacts(
        ServiceSettings(BUILD_REVISION="4f2a91c"),
        service="linkedin-gateway",
        schemas=[OwnSchema(schema="gateway", package="linkedin_gateway", pool=pool)],
        readiness=readiness,
        tls=None,
    )
    own = ServerInfo(unipile=UnipileInfo(address="https://api.example:13111"))
    installation = Installation(facts, lambda: own, secrets=[SECRET])
    answer = await installation.GetServerInfo(pb.GetServerInfoRequest(), None)
    return answer.server_info


async def test_it_answers_while_the_database_is_away() -> None:
    """What cannot be known is left out; what it is and what it was built for is told."""
    told = await told_of(Readiness("schema"))

    assert (told.service, told.version, told.revision) == ("linkedin-gateway", "0.1.0", "4f2a91c")
    assert not told.HasField("database_clock_offset")
    assert not told.HasField("certificate_expire_time")
    (schema,) = told.schemas
    assert (schema.schema, schema.found_revision) == ("gateway", "")
    assert schema.expected_revision >= "0034"
    assert told.unipile.address == "https://api.example:13111"
    (check,) = told.checks
    assert (check.name, check.passed, check.found, check.required) == (
        "schema",
        False,
        "starting",
        True,
    )


async def test_what_a_check_says_is_told_without_secrets() -> None:
    """Nothing of the settings that opens something, and no password of a URL."""

    async def fails() -> None:
        raise ConnectionError(f"postgresql://me:pass@db refused {SECRET}")

    async def passes() -> None:
        await asyncio.sleep(0)

    readiness = Readiness(timeout=timedelta(seconds=1))
    readiness.note("unipile", fails)
    readiness.add("postgres", passes)
    told = await told_of(readiness)

    checks = {each.name: each for each in told.checks}
    assert checks["postgres"].passed
    assert checks["postgres"].required
    assert not checks["unipile"].required
    assert "refused" in checks["unipile"].found
    assert SECRET not in checks["unipile"].found
    assert ":pass@" not in checks["unipile"].found
