"""An Alertmanager that tells a webhook of ours, and what it has told."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import yaml
from servicekit.http_server import HttpServer
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from devstack.observability.prometheus import running
from devstack.stack.loopback import free_ports


@dataclass(frozen=True, kw_only=True)
class Told:
    """An alert in one state, as the webhook heard of it."""

    labels: Mapping[str, str]
    firing: bool
    at: datetime
    """When the webhook heard."""
    fired_at: datetime
    """When Prometheus says that it began to fire."""

    @property
    def name(self) -> str:
        return self.labels["alertname"]


class AlertReceiver:
    """Listens on loopback for what Alertmanager posts."""

    def __init__(self) -> None:
        self.told: list[Told] = []
        self._news = asyncio.Condition()
        self._server = HttpServer(Starlette(routes=[Route("/", self._take, methods=["POST"])]))

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"{self._server.url}/"

    async def __aenter__(self) -> Self:
        await self._server.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._server.__aexit__(kind, error, trace)

    def firing(self, name: str, labels: Mapping[str, str]) -> Told | None:
        """The alert with these labels, if it fires by what was told last."""
        last = {
            tuple(sorted(each.labels.items())): each
            for each in self.told
            if each.name == name and labels.items() <= each.labels.items()
        }
        return next((each for each in last.values() if each.firing), None)

    def names_firing(self) -> set[str]:
        """All alerts that fire by what was told last."""
        return {each.name for each in self.told if self.firing(each.name, each.labels)}

    async def until(self, enough: Callable[[], bool]) -> None:
        """Wait for news until it is enough."""
        async with self._news:
            await self._news.wait_for(enough)

    async def _take(self, request: Request) -> Response:
        body: dict[str, Any] = await request.json()
        async with self._news:
            for alert in body["alerts"]:
                self.told.append(
                    Told(
                        labels=alert["labels"],
                        firing=alert["status"] == "firing",
                        at=datetime.now(UTC),
                        fired_at=datetime.fromisoformat(alert["startsAt"]),
                    )
                )
            self._news.notify_all()
        return Response(status_code=200)


@asynccontextmanager
async def alertmanager(binary: str, webhook: str) -> AsyncIterator[str]:
    """Runs while the block does; its address. It tells `webhook` of each alert and of its end."""
    (port,) = free_ports(1)
    routes = {"receiver": "webhook", "group_by": ["..."]}
    waits = {"group_wait": "0s", "group_interval": "1s", "repeat_interval": "1h"}
    receiver = {"name": "webhook", "webhook_configs": [{"url": webhook, "send_resolved": True}]}
    with tempfile.TemporaryDirectory() as directory:
        config = Path(directory, "alertmanager.yaml")
        text = yaml.safe_dump({"route": routes | waits, "receivers": [receiver]})
        await asyncio.to_thread(config.write_text, text)
        arguments = (
            f"--config.file={config}",
            f"--storage.path={directory}/data",
            f"--web.listen-address=127.0.0.1:{port}",
            "--cluster.listen-address=",
            "--log.level=error",
        )
        async with running(binary, *arguments):
            yield f"127.0.0.1:{port}"
