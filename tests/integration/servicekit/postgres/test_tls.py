"""PostgreSQL by TLS, as its URL says: the pool, the listener and migrations."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest
import trustme
from devstack.stack.certificates import Certificates
from servicekit.postgres import pool as postgres
from servicekit.postgres.errors import DatabaseUnavailable
from servicekit.postgres.listener import Listener
from servicekit.postgres.migrations import migrate_now

from tests.servers.tls_proxy import TlsProxy, before_postgres
from tests.servers.wrong_certificates import WRONG, wrong_certificate

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


@pytest.mark.lasts(seconds=5)
async def test_no_query_fails_while_everything_is_replaced_and_broken(
    database_url: str, certificates: Certificates, server: TlsProxy
) -> None:
    """Each query by a connection of its own: one met files that were half written, and failed."""
    secure = url(database_url, certificates, server.port)
    done, answered = asyncio.Event(), asyncio.Semaphore(0)

    async with postgres.connect_pool(secure, "public", max_size=2) as pool:

        async def ask() -> None:
            while not done.is_set():
                assert await pool.fetchval("SELECT 1") == 1
                answered.release()
                await pool.expire_connections()

        async def some() -> None:
            """More are answered, by what is there now."""
            while answered.locked() is False:
                await answered.acquire()
            for _ in range(3):
                await answered.acquire()

        async def replace() -> None:
            own, other = certificates.authority, trustme.CA()
            # What is broken is whom the client believes.
            server.authorities = certificates.directory / "server.pem"
            server.authorities.write_bytes(certificates.authorities.read_bytes())
            for signs, rests in ((own, other), (other, own)):
                for name in (SERVICE, "postgres"):
                    certificates.renew(name, authority=signs)
                    await some()
                for broken in (certificates.certificate, certificates.key):
                    whole = broken(SERVICE).read_bytes()
                    broken(SERVICE).write_bytes(whole[: len(whole) // 2])
                    await some()
                    broken(SERVICE).write_bytes(whole)
                certificates.key(SERVICE).write_bytes(certificates.key("postgres").read_bytes())
                await some()
                certificates.renew(SERVICE, authority=signs)
                believed = certificates.authorities.read_bytes()
                certificates.authorities.write_bytes(believed[: 2 * len(believed) // 3])
                await some()
                certificates.believe(signs, rests)
                server.authorities.write_bytes(certificates.authorities.read_bytes())
                await some()
            certificates.believe(own, other)
            done.set()

        async with asyncio.timeout(60), asyncio.TaskGroup() as group:
            group.create_task(ask())
            group.create_task(replace())

    assert len({*server.shown}) >= 5


@pytest.mark.parametrize("kind", WRONG)
async def test_neither_side_believes_what_is_wrong(
    database_url: str, certificates: Certificates, server: TlsProxy, kind: str
) -> None:
    """A server that shows it is not asked, and who shows it to the server is not answered."""
    secure = url(database_url, certificates, server.port)
    made = wrong_certificate(kind, name="postgres", authority=certificates.authority)

    for name in ("postgres", SERVICE):
        # By which name somebody calls is the role's matter, not the certificate's.
        if (name, kind) != (SERVICE, "of another name"):
            made.private_key_pem.write_to_path(certificates.key(name))
            made.cert_chain_pems[0].write_to_path(certificates.certificate(name))
            assert await cause(secure)
        certificates.renew(name)

    assert server.shown == []


async def test_who_shows_nothing_is_not_answered(
    database_url: str, certificates: Certificates, server: TlsProxy
) -> None:
    """Where the server asks for a certificate."""
    secure = url(database_url, certificates, server.port)
    nothing, _, _ = secure.partition("&sslcert")

    assert await cause(nothing)
    assert server.shown == []
