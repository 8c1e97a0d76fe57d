"""The first attempt of a delivery, made by the process that published its event, at once."""

import asyncio
import math
import time
from datetime import timedelta
from types import TracebackType
from typing import Self

from servicekit.telemetry import logs

from webhook_dispatcher.deliveries.attempts import AttemptResult, Attempts
from webhook_dispatcher.deliveries.retry_schedule import LONGEST_WAIT, PATIENCE
from webhook_dispatcher.deliveries.workflow_starter import WorkflowStarter
from webhook_dispatcher.limits.endpoint_shares import Places
from webhook_dispatcher.limits.waiting_room import WaitingRoom
from webhook_dispatcher.models import DeliveryState, Dispatch

_LOOKS = 5
"""So many times while one may wait for room; who would wait too long by the next look leaves."""

log = logs.get_logger(__name__)


class FirstAttempts:
    """Most deliveries land at once, and cost no workflow; the others are given one.

    At most `at_once` are under way, and to one endpoint, or of one organization, no more than its
    share. Who has used that up waits here for as long as a burst takes; what waits longer, or for
    an endpoint that hangs, or is one too many, is the workflows', and so is what finds no room
    because of others. Who dies leaves it to the look for orphans.
    """

    def __init__(
        self,
        attempts: Attempts,
        workflows: WorkflowStarter,
        *,
        at_once: int,
        grace: timedelta,
        patience: timedelta = PATIENCE,
        longest_wait: timedelta = LONGEST_WAIT,
    ) -> None:
        self._attempts = attempts
        self._workflows = workflows
        self._at_once = at_once
        self._places = Places(at_once)
        self._grace = grace
        self._patience = patience.total_seconds()
        self._longest_wait = longest_wait.total_seconds()
        self._next_look: asyncio.TimerHandle | None = None
        self._under_way: dict[str, asyncio.Task[None]] = {}
        """By the first delivery of each chain, which keeps its place until the chain's end."""
        self._followed = set[str]()
        """The later ones, each while it is made."""
        self._waiting = WaitingRoom()
        self._called = set[str]()
        """Those that somebody made room for before it was noted that they had none."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        """Let what is under way end; what does not is given a workflow as it is cancelled."""
        self._give_up_waiting(since=math.inf)
        if self._next_look is not None:
            self._next_look.cancel()
        tasks = [*self._under_way.values(), *self._workflows.handed_over]
        if not tasks:
            return
        await asyncio.wait(tasks, timeout=self._grace.total_seconds())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def makes(self, dispatch: Dispatch) -> bool:
        """Whether the first attempt of this delivery is under way here."""
        return dispatch.delivery_id in self._under_way or dispatch.delivery_id in self._followed

    def keeps(self, dispatch: Dispatch) -> bool:
        """Whether that is under way here, or waits here for room."""
        return self.makes(dispatch) or dispatch.delivery_id in self._waiting

    def begin(self, dispatch: Dispatch) -> bool:
        """Make the first attempt in the background, soon; false if there is no room for it.

        When it has ended, those of its subject that waited for it get theirs, one by one.
        """
        if self.makes(dispatch):
            self._called.add(dispatch.delivery_id)
            return True
        if dispatch.delivery_id in self._waiting:
            return True
        if not self._has_room(dispatch):
            return self._wait(dispatch)
        self._begin(dispatch)
        return True

    def _wait(self, dispatch: Dispatch) -> bool:
        if self._is_within_its_shares(dispatch):
            # It is others who leave no room: they may take it for as long as they hang.
            return False
        if not self._waiting.add(dispatch, now=time.monotonic()):
            return False
        self._look_later()
        return True

    def _look_later(self) -> None:
        """Also where nothing that is under way ends: its endpoint hangs."""
        if self._next_look is None:
            loop = asyncio.get_running_loop()
            self._next_look = loop.call_later(self._patience / _LOOKS, self._look)

    def _look(self) -> None:
        self._next_look = None
        self._give_up_waiting(since=time.monotonic() + self._patience / _LOOKS)
        if self._waiting:
            self._look_later()

    def _give_up_waiting(self, *, since: float) -> None:
        """Of those that have waited for too long by then."""
        hung_before, before = since - self._patience, since - self._longest_wait
        if left := self._waiting.leave(before=before, hung_before=hung_before):
            self._workflows.hand_over(*left)

    def _has_room(self, dispatch: Dispatch) -> bool:
        return len(self._under_way) < self._at_once and self._is_within_its_shares(dispatch)

    def _is_within_its_shares(self, dispatch: Dispatch) -> bool:
        return self._places.has_room(dispatch.endpoint_id, dispatch.organization_id)

    def _begin(self, dispatch: Dispatch) -> None:
        self._places.take(dispatch.endpoint_id, dispatch.organization_id)
        task = asyncio.create_task(self._make(dispatch), name=f"first {dispatch.delivery_id}")
        self._under_way[dispatch.delivery_id] = task
        task.add_done_callback(lambda _: self._ended(dispatch))

    def _ended(self, dispatch: Dispatch) -> None:
        del self._under_way[dispatch.delivery_id]
        self._called.discard(dispatch.delivery_id)
        self._places.give_back(dispatch.endpoint_id, dispatch.organization_id)
        self._waiting.moved(dispatch.endpoint_id, now=time.monotonic())
        while (following := self._waiting.next(self._has_room)) is not None:
            if not self.makes(following):
                self._begin(following)

    async def _make(self, dispatch: Dispatch) -> None:
        following = await self._make_one(dispatch)
        while following is not None:
            if self.makes(following):
                self._called.add(following.delivery_id)
                return
            # What was published meanwhile finds that it is made here, and so does the next chain.
            self._followed.add(following.delivery_id)
            try:
                after = await self._make_one(following)
            finally:
                self._followed.discard(following.delivery_id)
            following = after

    async def _make_one(self, dispatch: Dispatch) -> Dispatch | None:
        """Make one attempt, or another one if there is room now; what it leaves the way to."""
        again = True
        while again:
            self._called.discard(dispatch.delivery_id)
            result = await self._attempt(dispatch)
            again = result is not None and result.crowded and dispatch.delivery_id in self._called
        self._called.discard(dispatch.delivery_id)
        return None if result is None else result.next

    async def _attempt(self, dispatch: Dispatch) -> AttemptResult | None:
        """None if it failed of ourselves."""
        try:
            result = await self._attempts.make(dispatch.delivery_id)
            if result.state is DeliveryState.PENDING and not result.parked:
                await self._workflows.start([dispatch], after=result.retry_after)
        except asyncio.CancelledError:
            # It may have landed; its receiver knows it by its `webhook-id`.
            await self._workflows.start([dispatch])
            raise
        except Exception:
            # The database or Temporal is away; its row is found again.
            self._workflows.note_orphans()
            log.exception("first_attempt_failed", delivery_id=dispatch.delivery_id)
            return None
        if result.endpoint_is_back:
            self._workflows.note_orphans()
        return result
