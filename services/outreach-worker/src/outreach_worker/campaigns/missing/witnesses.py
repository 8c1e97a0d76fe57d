"""Whether Temporal is the one of before: workflows that are there to be remembered.

A witness never begins and does nothing. What Temporal loses, it loses from some moment on: a
namespace that was made anew or is another knows no witness, a backup that was put back none that
is younger. So a Temporal that knows the last witness has lost nothing of before it; and who was
seen together with a witness that is younger, and is missing beside it, was deleted.
"""

from datetime import timedelta

from campaigns.repositories.witness_repository import Witness, WitnessRepository
from servicekit.ids import new_id
from servicekit.telemetry import logs
from temporalio.client import Client, WorkflowExecutionDescription
from temporalio.service import RPCError, RPCStatusCode

from outreach_worker.campaigns.missing.executions import described

_WORKFLOW = _TASK_QUEUE = "Witness"
"""No worker asks for these tasks."""
_NEVER = timedelta(days=3650)
_TIMEOUT = timedelta(seconds=10)

log = logs.get_logger(__name__)


class Witnesses:
    """One at a time, followed by a younger one where some leads are younger than it is.

    Every process that sweeps has the same: the row decides who has put it there.
    """

    def __init__(self, temporal: Client, noted: WitnessRepository) -> None:
        self._temporal = temporal
        self._noted = noted

    async def current(self) -> Witness:
        """The last one, which Temporal knows; the first of a chain where it knows it no more.

        Raises the client's `RPCError` if Temporal is away.
        """
        noted = await self._last()
        return noted if noted and await self._knows(noted) else await self.renewed(noted)

    async def renewed(self, before: Witness | None) -> Witness:
        """One that is younger than whatever was seen before this was asked for.

        Raises the client's `RPCError` if Temporal is away, and `LookupError` if somebody has
        deleted the row that was just written.
        """
        begun = await self._begin()
        # Asked now: who does not know the one before any more has lost it before this one began.
        unbroken = before is not None and await self._knows(before)
        if await self._follow(before, begun, unbroken=unbroken):
            if before is not None and not unbroken:
                log.error("temporal_knows_less", since=before.begun_at.isoformat())
            replaced = before.workflow_id if before is not None else ""
        else:
            replaced = begun.id
        await self._end(replaced)
        last = await self._last()
        if last is None:
            raise LookupError("A witness has no row.")
        return last

    async def vouch(self, witness: Witness) -> bool:
        """Whether Temporal has lost nothing since that one was the last."""
        last = await self._last()
        if last is None or last.unbroken_since != witness.unbroken_since:
            return False
        return await self._knows(last)

    async def _last(self) -> Witness | None:
        return await self._noted.noted(self._temporal.namespace)

    async def _knows(self, witness: Witness) -> bool:
        return await described(self._temporal, witness.workflow_id) is not None

    async def _begin(self) -> WorkflowExecutionDescription:
        handle = await self._temporal.start_workflow(
            _WORKFLOW,
            id=f"witness/{new_id('wit')}",
            task_queue=_TASK_QUEUE,
            start_delay=_NEVER,
            execution_timeout=timedelta(days=1),
            static_summary="Says, by being there, that Temporal has lost nothing; leave it alone.",
            rpc_timeout=_TIMEOUT,
        )
        return await handle.describe(rpc_timeout=_TIMEOUT)

    async def _follow(
        self, before: Witness | None, begun: WorkflowExecutionDescription, *, unbroken: bool
    ) -> bool:
        namespace, begun_at = self._temporal.namespace, begun.start_time
        if before is None:
            return await self._noted.note_first(namespace, workflow_id=begun.id, begun_at=begun_at)
        return await self._noted.follow(
            namespace, before, workflow_id=begun.id, begun_at=begun_at, unbroken=unbroken
        )

    async def _end(self, workflow_id: str) -> None:
        """One that is not needed any more; nobody asks whether it is there."""
        if not workflow_id:
            return
        try:
            await self._temporal.get_workflow_handle(workflow_id).terminate(
                reason="Another has followed it.", rpc_timeout=_TIMEOUT
            )
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
