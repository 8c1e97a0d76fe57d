"""The simulator on a port."""

from __future__ import annotations

import socket
import sys
from typing import Any

import uvicorn
from starlette.applications import Starlette
from uvicorn.protocols.http.h11_impl import H11Protocol

from unipile_simulator.api.endpoint import ABORT


class CuttableProtocol(H11Protocol):
    """HTTP whose connection the application may cut."""

    def connection_made(self, transport: Any) -> None:
        """Hand the application a way to cut the connection."""
        super().connection_made(transport)
        app = self.app

        async def cuttable(scope: Any, receive: Any, send: Any) -> None:
            scope[ABORT] = transport.abort
            await app(scope, receive, send)

        self.app = cuttable


class _Server(uvicorn.Server):
    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        for server in self.servers:
            for listening in server.sockets:
                host, port = listening.getsockname()[:2]
                shown = f"[{host}]" if ":" in host else host
                sys.stdout.write(f"unipile-simulator listening on http://{shown}:{port}\n")
                sys.stdout.flush()


def serve(app: Starlette, *, host: str, port: int) -> None:
    """Serve until told to stop; port 0 takes a free one and prints which."""
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        http=CuttableProtocol,
        ws="none",
        loop="auto",
        access_log=False,
        log_level="warning",
        timeout_keep_alive=75,
        timeout_graceful_shutdown=2,
    )
    _Server(config).run()
