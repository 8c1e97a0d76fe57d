"""The parts that send again and forget, put together."""

from functools import partial

from servicekit.clock import Clock
from servicekit.postgres import pool as postgres
from servicekit.process import Process
from servicekit.tasks import every

from webhook_dispatcher.database_clock import DatabaseClock
from webhook_dispatcher.deliveries.router import DeliveryRouter
from webhook_dispatcher.endpoints.endpoint_repository import EndpointRepository
from webhook_dispatcher.events.retention import Retention
from webhook_dispatcher.metrics import Metrics
from webhook_dispatcher.replays.replay_control import ReplayControl
from webhook_dispatcher.replays.replay_repository import ReplayRepository
from webhook_dispatcher.replays.replay_runner import STEP_EVERY, ReplayRunner
from webhook_dispatcher.replays.resend_repository import ResendRepository
from webhook_dispatcher.settings import Settings

_REPLAYS = "replays"
_RETENTION = "retention"


def compose_replays(
    running: Process, pool: postgres.Pool, *, router: DeliveryRouter, clock: DatabaseClock
) -> ReplayControl:
    """What callers do with replays; they go on in the background until the process is left."""
    across = pool.across("replays go on whoever's they are")
    runner = ReplayRunner(
        ReplayRepository(across), endpoints=EndpointRepository(across), router=router, clock=clock
    )
    running.spawn(_REPLAYS, partial(every, STEP_EVERY, _REPLAYS, runner.step))
    return ReplayControl(
        ReplayRepository(pool),
        resends=ResendRepository(pool),
        endpoints=EndpointRepository(pool),
        router=router,
        pool=pool,
        clock=clock,
    )


def forget_in_time(
    running: Process, pool: postgres.Pool, settings: Settings, *, metrics: Metrics, clock: Clock
) -> None:
    """Have what is older than it is kept forgotten until the process is left."""
    retention = Retention(
        pool.across("what is old is forgotten whoever's it is"),
        bodies=settings.keep_event_bodies,
        attempts=settings.keep_attempts,
        metrics=metrics,
        clock=clock,
    )
    running.spawn(_RETENTION, partial(every, settings.forget_every, _RETENTION, retention.forget))
