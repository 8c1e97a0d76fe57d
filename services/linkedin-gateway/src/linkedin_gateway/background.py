"""What the gateway does by itself, beside answering: every job, and how often in real time.

It is no organization's: each job sees the rows of all of them, and says why with each statement.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Iterator
from datetime import timedelta
from functools import partial
from typing import Any

from servicekit.postgres.scope import spanning
from servicekit.tasks import every

from linkedin_gateway.composition import Gateway

Job = Callable[[], Awaitable[object]]
Work = Callable[[], Coroutine[Any, Any, object]]
"""What goes on for ever."""

_SECOND = timedelta(seconds=1)
_TEN_SECONDS = timedelta(seconds=10)
_MINUTE = timedelta(minutes=1)
_HOUR = timedelta(hours=1)
_WHY = {
    "outbox relay": "events leave in the one order of all",
    "webhook registration": "one registration serves all accounts",
    "clock": "the clock is nobody's",
    "verification": "lost answers are anybody's",
    "polling": "accounts that are due are anybody's",
    "message polling": "accounts that are due are anybody's",
    "restarts": "accounts that froze are anybody's",
    "cool-downs": "cool-downs that are over are anybody's",
    "sign-ins": "sign-ins to be finished are anybody's",
    "probes": "accounts that are due are anybody's",
    "webhook retries": "a webhook is nobody's until it is understood",
    "called-off turns": "turns that were called off are anybody's",
    "missed turns": "turns that nobody came for are anybody's",
    "lifted holds": "holds that were lifted are anybody's",
    "health": "accounts that are due are anybody's",
    "connections": "accounts that are due are anybody's",
    "gauges": "metrics count what is everybody's",
    "cap utilisation": "metrics count what is everybody's",
    "suppressed names": "names that are due are anybody's",
    "enrolments": "enrolments that are due are anybody's",
    "archive": "the archive is by month, not by organization",
    "removals": "removals are forgotten by their age alone",
}
"""Why each job sees rows of every organization."""


def background_jobs(gateway: Gateway) -> Iterator[tuple[str, Work]]:
    """What runs beside the servers, by name."""
    for name, work in _works(gateway):
        yield name, spanning(_WHY[name], work)


def _works(gateway: Gateway) -> Iterator[tuple[str, Work]]:
    yield "outbox relay", gateway.relay.run
    yield "webhook registration", gateway.webhook_registration.run
    for name, interval, job in _jobs(gateway):
        yield name, partial(every, interval, name, job)


def _jobs(gateway: Gateway) -> Iterator[tuple[str, timedelta, Job]]:
    yield "clock", _TEN_SECONDS, gateway.read_clock
    yield "verification", _SECOND, gateway.verifier.verify_due
    yield "polling", _SECOND, gateway.polling.poll_due
    yield "message polling", _SECOND, gateway.message_polling.poll_due
    yield "restarts", _SECOND, gateway.restarts.restart_due
    yield "cool-downs", _SECOND, gateway.cool_downs.publish_over
    yield "lifted holds", _SECOND, gateway.holds.end_lifted
    yield "sign-ins", _TEN_SECONDS, gateway.account_registration.finish_due
    yield "probes", _TEN_SECONDS, probing(gateway)
    yield "webhook retries", _TEN_SECONDS, gateway.inbound.retry_due
    yield "called-off turns", _TEN_SECONDS, gateway.called_off_turns.publish_due
    yield "missed turns", _TEN_SECONDS, gateway.missed_turns.pass_on_due
    yield "health", _TEN_SECONDS, gateway.health.assess_due
    yield "connections", _TEN_SECONDS, gateway.connection_counter.count_due
    yield "gauges", _TEN_SECONDS, gateway.gauges.read
    yield "cap utilisation", _MINUTE, gateway.cap_utilisation.measure
    yield "suppressed names", _TEN_SECONDS, gateway.profiles.read_suppressed_due
    yield "enrolments", _MINUTE, gateway.enrolment_check.check_due
    yield "archive", _MINUTE, gateway.archive.archive_due
    yield "removals", _HOUR, forgetting(gateway)


def probing(gateway: Gateway) -> Job:
    """Probes the accounts whose interval, real time, is over."""
    interval = gateway.clock.virtual(gateway.settings.probe_interval)
    return lambda: gateway.lifecycle.probe_due(every=interval)


def forgetting(gateway: Gateway) -> Job:
    """Forgets what was removed for as long as whoever follows lists may be away."""
    removals, keep = gateway.repositories.removals, gateway.settings.removals_keep
    return partial(removals.forget, older_than=keep)
