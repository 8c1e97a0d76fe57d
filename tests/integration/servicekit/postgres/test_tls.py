"""PostgreSQL by TLS, as its URL says: the pool, the listener and migrations."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest
from devstack.stack.certificates import Certificates
from servicekit.postgres import pool as postgres
from servicekit.postgres.errors import DatabaseUnavailable
from servicekit.postgres.listener import Listener
from servicekit.postgres.migrations import migrate_now

from tests.servers.tls_proxy import TlsProxy, before_postgres

SERVICE = "campaign-api"


@pytest.fixture
def certificates(tmp_path: Path) -> Certificates:
    made = Certificates(tmp_path / "certificates")
    made.renew("postgres")
    return made


@pytest.fixture
async def server(certificates: Certificates, database_url: str) -> AsyncIterator[TlsProxy]:
    directory = parse_qs(urlsplit(database_url).query)["host"][0]
    async with before_postgres(certificates, Path(directory) / ".s.PGSQL.5432") as proxy:
        yield proxy


def url(
    database_url: str, certificates: Certificates, port: int, *, host: str = "127.0.0.1"
) -> str:
    """As production names it."""
    files = {
        "sslrootcert": certificates.authorities,
        "sslcert": certificates.certificate(SERVICE),
        "sslkey": certificates.key(SERVICE),
    }
    said = "&".join(f"{name}={path}" for name, path in files.items())
    database = urlsplit(database_url).path.lstrip("/")
    return f"postgresql://postgres@{host}:{port}/{database}?sslmode=verify-full&{said}"


async def test_all_who_speak_to_it_speak_tls(
    database_url: str, certificates: Certificates, server: TlsProxy
) -> None:
    """Migrations by psycopg, pool and listener by asyncpg, from the same URL."""
    secure = url(database_url, certificates, server.port)

    await asyncio.to_thread(migrate_now, secure, "campaign", "campaigns")
    async with (
        postgres.connect_pool(secure, "campaign") as pool,
        Listener(secure, "changes") as listener,
    ):
        listening = await anext(listener)
        await pool.execute("NOTIFY changes, 'now'")
        heard = await anext(listener)
        campaigns = await pool.fetchval("SELECT count(*) FROM campaigns")

    assert listening.missed
    assert heard.payload == "now"
    assert campaigns == 0
    assert len(server.shown) >= 3


async def test_new_files_are_shown_with_the_next_connection(
    database_url: str, certificates: Certificates, server: TlsProxy
) -> None:
    """Both certificates are replaced while the pool is in use; no restart, no failed query."""
    secure = url(database_url, certificates, server.port)
    async with postgres.connect_pool(secure, "public", max_size=4) as pool:
        await pool.fetchval("SELECT 1")
        certificates.renew("postgres")
        certificates.renew(SERVICE)

        answers = await asyncio.gather(*(pool.fetchval("SELECT 1, pg_sleep(0.05)") for _ in "1234"))

    assert answers == [1] * 4
    assert len(set(server.shown)) == 2


async def cause(secure: str) -> str:
    async with postgres.connect_pool(secure, "public", wait=False) as pool:
        with pytest.raises(DatabaseUnavailable) as away:
            await postgres.check(pool)
    return repr(away.value.__cause__)


async def test_who_is_not_believed_is_named(
    database_url: str, certificates: Certificates, server: TlsProxy, tmp_path: Path
) -> None:
    """A server of another authority, or whose certificate is over: each is told."""
    others = Certificates(tmp_path / "others")
    secure = url(database_url, certificates, server.port)

    stranger = await cause(secure.replace(str(certificates.authorities), str(others.authorities)))
    ended = datetime.now(UTC) - timedelta(days=1)
    certificates.renew("postgres", not_before=ended - timedelta(days=1), not_after=ended)
    over = await cause(secure)
    with pytest.raises(psycopg.OperationalError, match="certificate verify failed"):
        await asyncio.to_thread(psycopg.connect, secure)

    assert "CERTIFICATE_VERIFY_FAILED" in stranger
    assert "certificate has expired" in over


async def test_a_server_of_another_name_is_not_believed(
    database_url: str, certificates: Certificates, server: TlsProxy
) -> None:
    """verify-full: a certificate of the right authority for another host is not the server's."""
    made = certificates.authority.issue_cert("db.example")
    made.private_key_pem.write_to_path(certificates.key("postgres"))
    made.cert_chain_pems[0].write_to_path(certificates.certificate("postgres"))

    told = await cause(url(database_url, certificates, server.port))

    assert "IP address mismatch" in told
