"""A receiver on this machine: what comes is verified, and told."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from outreach.webhook.v1 import webhook_service_pb2 as pb
from servicekit.http_server import HttpServer
from servicekit.ids import new_id
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from outreach_client.commands.webhooks.signature import NotVerified, verify

if TYPE_CHECKING:
    from outreach_client.client import OutreachClient

_GRACE = timedelta(seconds=1)
_UNAUTHORIZED, _NO_CONTENT = 401, 204


@dataclass(frozen=True, kw_only=True)
class Heard:
    """One request as it came; `refusal` says why it does not verify, and is empty if it does."""

    webhook_id: str
    body: bytes
    refusal: str = ""

    @property
    def event(self) -> Mapping[str, Any]:
        """What it says; empty if that is no JSON object."""
        try:
            content = json.loads(self.body)
        except ValueError:
            return {}
        return content if isinstance(content, dict) else {}


class Listener:
    """Listens under an endpoint of its own, which goes when it ends."""

    def __init__(
        self,
        client: "OutreachClient",
        *,
        organization_id: str,
        event_types: list[str],
        form: pb.PayloadForm.ValueType,
        show: Callable[[Heard], None],
    ) -> None:
        self._client = client
        self._organization_id = organization_id
        self._event_types = event_types
        self._form = form
        self._show = show
        self._secret = ""
        self._heard = 0
        self._enough = asyncio.Event()

    async def listen(self, *, port: int, count: int, begun: Callable[[str], None]) -> None:
        """Hear so many events that verify, for ever if it is 0; `begun` is told the address."""
        self._count = count
        app = Starlette(routes=[Route("/", self._receive, methods=["POST"])])
        async with HttpServer(app, port=port, grace=_GRACE) as server:
            endpoint = await self._registered(server.url)
            try:
                begun(server.url)
                await self._enough.wait()
            finally:
                await self._gone(endpoint.endpoint_id)

    async def _registered(self, url: str) -> pb.Endpoint:
        created = await self._client.webhooks.create_endpoint(
            pb.CreateEndpointRequest(
                request_id=new_id("req"),
                organization_id=self._organization_id,
                url=url,
                event_types=self._event_types,
                payload_form=self._form,
                description="outreach webhooks listen",
            )
        )
        self._secret = created.secret
        return created.endpoint

    def _gone(self, endpoint_id: str) -> Awaitable[object]:
        request = pb.DeleteEndpointRequest(
            organization_id=self._organization_id, endpoint_id=endpoint_id
        )
        return self._client.webhooks.delete_endpoint(request)

    async def _receive(self, request: Request) -> Response:
        body, refusal = await request.body(), ""
        try:
            verify(request.headers, body, secret=self._secret, now=datetime.now(UTC))
        except NotVerified as error:
            refusal = str(error)
        heard = Heard(webhook_id=request.headers.get("webhook-id", ""), body=body, refusal=refusal)
        self._show(heard)
        if refusal:
            return Response(status_code=_UNAUTHORIZED)
        self._heard += 1
        if self._heard == self._count:
            self._enough.set()
        return Response(status_code=_NO_CONTENT)
