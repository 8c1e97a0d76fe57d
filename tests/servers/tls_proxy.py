"""TLS before a server that speaks none of its own: PostgreSQL's and Temporal's test servers.

The wire is what a server with TLS would speak: PostgreSQL's request for it and its answer, and
HTTP/2 by ALPN.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from devstack.stack.certificates import Certificates

Connect = Callable[[], Awaitable[tuple[asyncio.StreamReader, asyncio.StreamWriter]]]

_SSL_REQUEST = b"\x00\x00\x00\x08\x04\xd2\x16\x2f"


class TlsProxy:
    """Asks for a client's certificate, and passes on what is said once both are believed."""

    def __init__(self, certificates: Certificates, name: str, connect: Connect) -> None:
        self._certificates = certificates
        self.authorities = certificates.authorities
        """Whom it believes."""
        self._name = name
        self._connect = connect
        self._open: set[asyncio.StreamWriter] = set()
        self.port = 0
        self.shown: list[str] = []
        """The serial numbers of the certificates that clients have shown, in hexadecimal."""
        self.believed = asyncio.Event()
        """Set when a client is believed."""

    def cut(self) -> None:
        """Cut every connection, as a restart of the server does."""
        for writer in self._open:
            # Python 3.11.2, which Debian has, aborts nothing that has ended.
            if not writer.transport.is_closing():
                writer.transport.abort()

    def context(self) -> ssl.SSLContext:
        made = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(self.authorities))
        made.verify_mode = ssl.CERT_REQUIRED
        made.set_alpn_protocols(["h2", "postgresql"])
        made.load_cert_chain(
            self._certificates.certificate(self._name), self._certificates.key(self._name)
        )
        return made

    async def postgres(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """A client that asks for anything else is refused."""
        while (asked := await reader.read(8)) and asked != _SSL_REQUEST:
            writer.write(b"N")
        if asked:
            writer.write(b"S")
            await writer.drain()
            await self.plain(reader, writer)

    async def plain(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """TLS from here on."""
        with suppress(OSError, asyncio.IncompleteReadError):
            await writer.start_tls(self.context())
            peer = writer.get_extra_info("ssl_object").getpeercert()
            self.shown.append(f"{int(peer['serialNumber'], 16):x}")
            self.believed.set()
            inner_reader, inner_writer = await self._connect()
            self._open |= {writer, inner_writer}
            await asyncio.gather(_pass_on(reader, inner_writer), _pass_on(inner_reader, writer))
        writer.close()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while said := await reader.read(65536):
            writer.write(said)
            await writer.drain()
        writer.close()


@asynccontextmanager
async def before_postgres(
    certificates: Certificates, socket: Path, *, name: str = "postgres"
) -> AsyncIterator[TlsProxy]:
    """Serves while the block runs."""
    proxy = TlsProxy(certificates, name, lambda: asyncio.open_unix_connection(socket))
    async with _serving(proxy, proxy.postgres):
        yield proxy


@asynccontextmanager
async def before_temporal(
    certificates: Certificates, address: str, *, name: str = "temporal"
) -> AsyncIterator[TlsProxy]:
    """Serves while the block runs."""
    host, _, port = address.partition(":")
    proxy = TlsProxy(certificates, name, lambda: asyncio.open_connection(host, int(port)))
    async with _serving(proxy, proxy.plain):
        yield proxy


@asynccontextmanager
async def _serving(
    proxy: TlsProxy,
    serve: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
) -> AsyncIterator[None]:
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    proxy.port = server.sockets[0].getsockname()[1]
    try:
        yield
    finally:
        server.close()
        proxy.cut()
