"""Replays go on: each step is one transaction, made by whichever process comes first."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import timedelta

from servicekit.clock import Clock
from servicekit.postgres.errors import DatabaseBusy
from servicekit.telemetry import logs

from webhook_dispatcher.deliveries.router import DeliveryRouter
from webhook_dispatcher.endpoints.endpoint_repository import EndpointRepository
from webhook_dispatcher.errors import EndpointNotFound
from webhook_dispatcher.models import Dispatch
from webhook_dispatcher.replays.models import Replay, ReplayState
from webhook_dispatcher.replays.replay_events import LookedAt, look, wanted_of
from webhook_dispatcher.replays.replay_repository import DueReplay, ReplayRepository
from webhook_dispatcher.replays.resend_repository import resend_events

STEP_EVERY = timedelta(seconds=1)
"""How often a replay goes on, in real time."""
_EXAMINED = 2000
"""Events that one step looks at, at most."""
_DISABLED_WAITS = timedelta(minutes=1)
_LOCKED_WAITS = timedelta(seconds=5)
_MINUTE = timedelta(minutes=1)

log = logs.get_logger(__name__)


def step_of(max_per_minute: int) -> tuple[int, timedelta]:
    """How many events one step means to set going, and how long until the next one.

    >>> step_of(600), step_of(1)
    ((10, datetime.timedelta(seconds=1)), (1, datetime.timedelta(seconds=60)))
    """
    events = max(1, int(max_per_minute * (STEP_EVERY / _MINUTE)))
    return events, _MINUTE * events / max_per_minute


def pause_after(dispatches: int, *, max_per_minute: int) -> timedelta:
    """How long until the next step, after one that has set so many events going.

    What nobody waits for is no reason to wait.

    >>> pause_after(0, max_per_minute=600), pause_after(3, max_per_minute=600)
    (datetime.timedelta(0), datetime.timedelta(seconds=1))
    >>> pause_after(500, max_per_minute=600)
    datetime.timedelta(seconds=50)
    """
    events, pause = step_of(max_per_minute)
    return pause * max(1.0, dispatches / events) if dispatches else timedelta(0)


def advanced(
    replay: Replay, looked_at: Sequence[LookedAt], *, along: Collection[str] = (), events: int
) -> tuple[Replay, Sequence[str]]:
    """A replay after the events that it looked at, and what it wants of them. Pure.

    It goes no further than the one with which it has as many as it means to set going: with what
    it takes `along`, of those that come with it, there may be more.
    """
    wanted: list[str] = []
    examined = 0
    for each in looked_at:
        if len(wanted) >= events:
            break
        examined += 1
        wanted += [event_id for event_id in each.with_it if event_id in along]
        if each.wanted:
            wanted.append(each.event_id)
    if not examined:
        return replay, wanted
    last = looked_at[examined - 1]
    moved = replace(
        replay,
        after_time=last.published_at,
        after_subject=last.subject,
        after_number=last.number,
        after_event_id=last.event_id,
        after_id="",
        examined_events=replay.examined_events + examined,
    )
    return moved, wanted


class ReplayRunner:
    """Works for any organization; everything that it asks names whose it is."""

    def __init__(
        self,
        replays: ReplayRepository,
        *,
        endpoints: EndpointRepository,
        router: DeliveryRouter,
        clock: Clock,
    ) -> None:
        self._replays = replays
        self._endpoints = endpoints
        self._router = router
        self._clock = clock

    async def step(self) -> None:
        """Make the next step of every replay that one is due of.

        What a step sets going stands in the rows with how far it came, or neither does; a process
        that dies after it leaves deliveries that are found as those of any process that died.
        """
        while True:
            async with self._replays.due() as due:
                if due is None:
                    return
                dispatches = await self._step(due)
            await self._router.send_again(dispatches)

    async def _step(self, due: DueReplay) -> Sequence[Dispatch]:
        replay = due.replay
        try:
            endpoint = await self._endpoints.get(replay.organization_id, replay.endpoint_id)
        except EndpointNotFound:
            await self._finish(due, replay, ReplayState.CANCELLED)
            return []
        if endpoint.disabled_at is not None:
            await self._replays.stepped(due.connection, replay, pause=_DISABLED_WAITS)
            return []
        events, _ = step_of(replay.max_per_minute)
        looked_at = await look(due.connection, replay, limit=_EXAMINED)
        with_them = {event_id for each in looked_at for event_id in each.with_it}
        along = frozenset(await wanted_of(due.connection, replay, list(with_them)))
        moved, wanted = advanced(replay, looked_at, along=along, events=events)
        examined = moved.examined_events - replay.examined_events
        try:
            dispatches = await resend_events(due.connection, replay, wanted, now=self._clock.now())
        except DatabaseBusy:
            # It stays where it is, for none is left out; other replays go on meanwhile.
            await self._replays.stepped(due.connection, replay, pause=_LOCKED_WAITS)
            return []
        moved = replace(moved, deliveries=replay.deliveries + len(dispatches))
        if examined == len(looked_at) < _EXAMINED:
            await self._finish(due, moved, ReplayState.DONE)
        else:
            pause = pause_after(len(dispatches), max_per_minute=replay.max_per_minute)
            await self._replays.stepped(due.connection, moved, pause=pause)
        return dispatches

    async def _finish(self, due: DueReplay, replay: Replay, state: ReplayState) -> None:
        ended = replace(replay, state=state, finished_at=self._clock.now())
        await self._replays.stepped(due.connection, ended, pause=timedelta(0))
        log.info(
            "replay_ended",
            replay_id=replay.id,
            state=state,
            examined=replay.examined_events,
            deliveries=replay.deliveries,
        )
