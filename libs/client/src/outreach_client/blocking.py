"""Every service of the engine behind one object, for code that waits."""

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Coroutine, Iterator, Mapping
from datetime import timedelta
from types import SimpleNamespace, TracebackType
from typing import Any, Self

from outreach.campaign.v1 import lead_service_pb2, operation_pb2
from outreach.linkedin.v1 import suppression_service_pb2

from outreach_client.client import CLOSED, OutreachClient
from outreach_client.services.blocking_pages import BlockingPages, waited_for
from outreach_client.services.members import MEMBERS, Server
from outreach_client.services.pages import Pages
from outreach_client.services.typed import BlockingServices
from outreach_client.settings import Settings
from outreach_client.uploads import OnProgress, Source


class Outreach(BlockingServices):
    """`OutreachClient`, for scripts and threads: its calls wait, its lists are iterators.

        with Outreach() as client:
            client.campaigns.start(campaign_id="camp_…")
            for each in client.leads.list(campaign_id="camp_…", filter="state = REPLIED"):
                ...

    One thread beside it does the awaiting; any number of threads may ask at once. What is given to
    it, `progress` and pieces that are made one by one, is called in others, and may ask as well. It
    is entered once: whoever calls before or afterwards, or enters it again, is raised
    `RuntimeError`, and so is who calls in the thread that awaits, which would never end.
    """

    def __init__(self, settings: Settings | None = None, *, wait_for_ready: bool = False) -> None:
        self._client = OutreachClient(settings, wait_for_ready=wait_for_ready)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread

    def __enter__(self) -> Self:
        if self._loop is not None:
            raise RuntimeError("The client was entered before: make another one.")
        self._loop = loop = asyncio.new_event_loop()
        self._thread = threading.Thread(
            target=loop.run_forever, name="outreach-client", daemon=True
        )
        self._thread.start()
        try:
            self._wait(self._client.__aenter__())
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        try:
            self._wait(self._client.__aexit__(None, None, None))
        finally:
            self._stop()
            for name in MEMBERS:
                self.__dict__.pop(name, None)

    def import_leads(
        self,
        into: str,
        source: Source,
        *,
        progress: OnProgress | None = None,
        **options: Any,
    ) -> lead_service_pb2.ImportLeadsResponse:
        """Add the people of a lead list to a campaign: `OutreachClient.import_leads`."""
        imported: lead_service_pb2.ImportLeadsResponse = self._wait(
            self._client.import_leads(into, source, progress=_beside(progress), **options)
        )
        return imported

    def upload_import(
        self,
        into: str,
        operation_id: str,
        source: Source,
        *,
        progress: OnProgress | None = None,
        **options: Any,
    ) -> operation_pb2.Operation:
        """Upload the list of an import, or what is missing: `OutreachClient.upload_import`."""
        operation: operation_pb2.Operation = self._wait(
            self._client.upload_import(
                into, operation_id, source, progress=_beside(progress), **options
            )
        )
        return operation

    def import_suppressions(
        self,
        header: suppression_service_pb2.ImportSuppressionsHeader,
        source: Source,
        *,
        progress: OnProgress | None = None,
        **options: Any,
    ) -> suppression_service_pb2.ImportSuppressionsResponse:
        """Forbid contact with everybody of a list: `OutreachClient.import_suppressions`."""
        imported: suppression_service_pb2.ImportSuppressionsResponse = self._wait(
            self._client.import_suppressions(header, source, progress=_beside(progress), **options)
        )
        return imported

    @property
    def audits(self) -> Mapping[Server, Any]:
        """By the server that keeps the records."""
        return {server: self._blocking(each) for server, each in self._client.audits.items()}

    @property
    def installations(self) -> Mapping[Server, Any]:
        """By the server that tells of itself."""
        return {server: self._blocking(each) for server, each in self._client.installations.items()}

    def _member(self, name: str) -> Any:
        return self._blocking(getattr(self._client, name))

    def _blocking(self, service: Any) -> Any:
        return SimpleNamespace(
            **{name: _Blocking(method, self) for name, method in vars(service).items()}
        )

    def _wait(self, work: Awaitable[Any]) -> Any:
        """What is awaited in the other thread; given up there if this one is interrupted."""
        try:
            loop = self._awaiting()
        except RuntimeError:
            if isinstance(work, Coroutine):
                work.close()
            raise
        waiting = asyncio.run_coroutine_threadsafe(_awaited(work), loop)
        try:
            return waiting.result()
        except BaseException:
            waiting.cancel()
            raise

    def _awaiting(self) -> asyncio.AbstractEventLoop:
        """The loop of the other thread; raises `RuntimeError` where nobody can wait for it."""
        if self._loop is None:
            raise RuntimeError("The client is not entered: `with Outreach() as client`.")
        if self._loop.is_closed():
            raise RuntimeError(CLOSED)
        if threading.current_thread() is self._thread:
            raise RuntimeError("The client's own thread asks it, and would wait for itself.")
        return self._loop

    def _leave(self, answers: AsyncIterator[Any]) -> None:
        """Have the other thread end what nobody waits for any more; also from that thread.

        Whatever collects the garbage calls it, wherever it is, and also once all is over.
        """
        closing = getattr(answers, "aclose", None)
        loop = self._loop
        if closing is not None and loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(lambda: loop.create_task(closing()))

    def _stop(self) -> None:
        loop = self._awaiting()
        self._wait(_ended())
        loop.call_soon_threadsafe(loop.stop)
        self._thread.join()
        loop.close()


class _Blocking:
    """A method that waits for its answer."""

    def __init__(self, method: Any, outreach: Outreach) -> None:
        self._method = method
        self._outreach = outreach

    def __call__(self, *arguments: Any, timeout: timedelta | None = None, **fields: Any) -> Any:
        wait, leave = self._outreach._wait, self._outreach._leave  # noqa: SLF001 - one thing
        options = {} if timeout is None else {"timeout": timeout}
        answer = wait(_begun(self._method, arguments, options | fields))
        if isinstance(answer, Pages):
            return BlockingPages(answer, wait, leave)
        if isinstance(answer, AsyncIterator):
            return waited_for(answer, wait, leave)
        return answer


_END = object()


async def _ended() -> None:
    """End what goes on beside this, and the answers that were not read to their end."""
    rest = asyncio.all_tasks() - {asyncio.current_task()}
    for task in rest:
        task.cancel()
    await asyncio.gather(*rest, return_exceptions=True)
    await asyncio.get_running_loop().shutdown_asyncgens()


async def _awaited(work: Awaitable[Any]) -> Any:
    return await work


async def _begun(method: Any, arguments: tuple[Any, ...], options: Mapping[str, Any]) -> Any:
    """What a method answers; begun in the loop, where gRPC's objects belong."""
    given = [_awaitable_pieces(each) for each in arguments]
    begun = method(*given, **options)
    return await begun if isinstance(begun, Coroutine) else begun


def _awaitable_pieces(given: Any) -> Any:
    """What is uploaded piece by piece, each made when there is room for it, outside the loop."""
    if not hasattr(given, "__iter__"):
        return given

    async def pieces() -> AsyncIterator[Any]:
        rest: Iterator[Any] = await asyncio.to_thread(iter, given)
        while (piece := await asyncio.to_thread(next, rest, _END)) is not _END:
            yield piece

    return pieces()


def _beside(progress: OnProgress | None) -> OnProgress | None:
    """`progress` as it is told outside the loop, where it may wait, and ask the client."""
    if progress is None:
        return None
    return lambda told: asyncio.to_thread(progress, told)
