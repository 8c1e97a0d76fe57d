"""Every service of the engine behind one object, for code that awaits."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from datetime import timedelta
from types import TracebackType
from typing import Self, TypeVar

import grpc
from outreach.campaign.v1 import lead_service_pb2, operation_pb2
from outreach.linkedin.v1 import suppression_service_pb2

from outreach_client.channels import channel, tls_of
from outreach_client.credentials import ExchangedTokens, api_key_of, given_token, known
from outreach_client.import_upload import ImportUpload
from outreach_client.services.destinations import destination
from outreach_client.services.members import MEMBERS, Server
from outreach_client.services.typed import Services
from outreach_client.settings import Settings
from outreach_client.streams import PATIENCE, left_of, resumed, sent
from outreach_client.uploads import NotReadToItsEnd, OnProgress, Opened, Source, opened, pieces

T = TypeVar("T")

NOT_ENTERED = "The client is not entered: `async with OutreachClient() as client`."
CLOSED = "The client is closed."


class OutreachClient(Services):
    """The services by their nouns, their methods by their verbs; an async context manager.

        async with OutreachClient() as client:
            answer = await client.campaigns.start(campaign_id="camp_…")
            async for each in client.leads.list(campaign_id="camp_…", filter="state = REPLIED"):
                ...

    A method takes a request or its fields. Calls carry the token and a deadline. Where no token is
    given, the API key is exchanged for one when it is entered, unless it does not sign in. What
    changes nothing, or has a `request_id`, is called again where its server is away; a refused call
    raises an error of `outreach_client.errors`. With `wait_for_ready` calls wait for a server that
    is not there yet, as long as they may take. It is entered once: whoever calls before or
    afterwards, or enters it again, is raised `RuntimeError`.
    """

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        signs_in: bool = True,
        wait_for_ready: bool = False,
    ) -> None:
        self._settings = settings or Settings()
        self._tls = tls_of(self._settings)
        self._signs_in = signs_in
        self._wait_for_ready = wait_for_ready
        self._stack = AsyncExitStack()
        self._channels: dict[Server, grpc.aio.Channel] = {}
        self._entered = False
        self.token: Callable[[], str] | None = None
        """The token of now, which every call carries; None without any."""

    async def __aenter__(self) -> Self:
        if self._entered:
            raise RuntimeError("The client was entered before: make another one.")
        self._entered = True
        try:
            self.token = await self._token_source()
            for server in Server:
                self._channels[server] = await self._opened(server)
        except BaseException:
            await self._left()
            raise
        return self

    async def __aexit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        await self._left()

    def channel_to(self, server: Server) -> grpc.aio.Channel:
        """The channel that calls of a server go by, for what is no service of ours.

        Raises `RuntimeError` unless the client is entered, and not left.
        """
        if server not in self._channels:
            raise RuntimeError(CLOSED if self._entered else NOT_ENTERED)
        return self._channels[server]

    async def import_leads(
        self,
        into: str,
        source: Source,
        *,
        column_by_field: Mapping[str, str] | None = None,
        allow_literal: Sequence[str] = (),
        validate_only: bool = False,
        progress: OnProgress | None = None,
        timeout: timedelta | None = None,  # noqa: ASYNC109 - the call's own, as gRPC has it
    ) -> lead_service_pb2.ImportLeadsResponse:
        """Add the people of a lead list to a campaign, or say what that would do.

        `into` is the campaign; with `validate_only` the id of a list that is kept, too, into which
        `upload_import` brings them.
        It is sent once more if its way breaks off; who is there already is counted as a duplicate.
        Raises also what reading the source raises, `TypeError` for a file that is open as text, and
        what `progress` raises, which ends it.
        """
        header = lead_service_pb2.ImportLeadsHeader(
            **destination(into),
            column_by_field=column_by_field or {},
            allow_literal=allow_literal,
            validate_only=validate_only,
        )
        request = lead_service_pb2.ImportLeadsRequest
        return await self._sent(
            source,
            timeout,
            lambda content, within: self.leads.import_(
                pieces(
                    content,
                    request(header=header),
                    lambda piece: request(content=piece),
                    progress,
                ),
                timeout=within,
            ),
        )

    async def upload_import(
        self,
        into: str,
        operation_id: str,
        source: Source,
        *,
        offset: int | None = None,
        progress: OnProgress | None = None,
        patience: timedelta = PATIENCE,
    ) -> operation_pb2.Operation:
        """Upload the list of an import that `imports.create` has begun, or what is missing of it.

        `into` is the campaign or the list, by its id. It goes on from what the server has, now
        (unless `offset` says from where) and wherever its way breaks off, until nothing more has
        arrived for `patience`. Returns the operation once all of the list is there; again, it
        changes nothing. Raises what `import_leads` does.
        """
        with opened(source) as content:
            try:
                upload = ImportUpload(self, into, operation_id, content, progress, offset=offset)
                return await known(
                    lambda: resumed(upload.send, upload.arrived, patience=patience),
                    self.tokens_of_key,
                )
            except NotReadToItsEnd as ended:
                raise ended.error from None

    async def import_suppressions(
        self,
        header: suppression_service_pb2.ImportSuppressionsHeader,
        source: Source,
        *,
        progress: OnProgress | None = None,
        timeout: timedelta | None = None,  # noqa: ASYNC109 - the call's own, as gRPC has it
    ) -> suppression_service_pb2.ImportSuppressionsResponse:
        """Forbid contact with everybody of a list; raises what `import_leads` does."""
        request = suppression_service_pb2.ImportSuppressionsRequest
        return await self._sent(
            source,
            timeout,
            lambda content, within: self.suppressions.import_(
                pieces(
                    content,
                    request(header=header),
                    lambda piece: request(content=piece),
                    progress,
                ),
                timeout=within,
            ),
        )

    async def _sent(
        self,
        source: Source,
        timeout: timedelta | None,  # noqa: ASYNC109 - of all attempts
        upload: Callable[[Opened, timedelta | None], Awaitable[T]],
    ) -> T:
        """What an upload answers, which is opened once, and has one time however often it goes."""
        left = left_of(timeout)
        with opened(source) as content:
            try:
                return await known(
                    lambda: sent(lambda: upload(content, left())), self.tokens_of_key
                )
            except NotReadToItsEnd as ended:
                raise ended.error from None

    async def _left(self) -> None:
        """Close what is open; calls would go by what is closed."""
        self._channels.clear()
        for name in MEMBERS:
            self.__dict__.pop(name, None)
        await self._stack.aclose()

    async def _token_source(self) -> Callable[[], str] | None:
        """The token that is given, or else one of the API key; None without either."""
        given = given_token(self._settings)
        key = api_key_of(self._settings) if given is None and self._signs_in else ""
        if not key:
            return given
        issuer = await self._opened(Server.CAMPAIGN_API)
        self.tokens_of_key = ExchangedTokens(issuer, key)
        return await self._stack.enter_async_context(self.tokens_of_key)

    async def _opened(self, server: Server) -> grpc.aio.Channel:
        return await self._stack.enter_async_context(
            channel(
                self._settings,
                server,
                token=self.token,
                tls=self._tls,
                wait_for_ready=self._wait_for_ready,
            )
        )
