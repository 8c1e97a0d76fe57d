"""The table of what is played: how each fault is made, which alert it is, what ends it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from devstack.gameday.world import World

Deed = Callable[[World], Awaitable[object]]


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One way in which things go wrong."""

    name: str
    cause: str
    make: Deed
    alert: str
    """The alert by which whoever is on call learns of it."""
    labels: Mapping[str, str] = field(default_factory=dict)
    """Which of its kind."""
    action: str
    """What `docs/alerts.md` says to do."""
    end: Deed
    tidy: Deed | None = None
    """What puts the world back once the alert is over, where the action does not."""


FAULTS = (
    Fault(
        name="kill",
        cause="kill -9 of outreach-worker, and nobody starts it",
        make=lambda world: world.stack.kill("outreach-worker"),
        alert="OutreachServiceAbsent",
        labels={"service": "outreach-worker"},
        action="Restart",
        end=lambda world: world.stack.start("outreach-worker"),
    ),
    Fault(
        name="hang",
        cause="linkedin-gateway stands still (SIGSTOP)",
        make=lambda world: world.freeze("linkedin-gateway"),
        alert="OutreachServiceAbsent",
        labels={"service": "linkedin-gateway"},
        action="Restart",
        end=lambda world: world.restart("linkedin-gateway"),
    ),
    Fault(
        name="expired certificate",
        cause="webhook-dispatcher's certificate ends",
        make=lambda world: world.let_end_certificate("webhook-dispatcher"),
        alert="OutreachCertificateEnds",
        labels={"job": "webhook-dispatcher"},
        action="Put a new certificate and key into its secret",
        end=lambda world: world.renew_certificate("webhook-dispatcher"),
    ),
    Fault(
        name="poisoned webhook",
        cause="a bug of ours at what Unipile tells, on its last try",
        make=World.poison,
        alert="WebhooksNotUnderstood",
        action="Mend the gateway, then `ReplayInbound`",
        end=World.mend_and_replay,
    ),
    Fault(
        name="429 storm",
        cause="Unipile answers 429 to every call of every account",
        make=World.storm,
        alert="LinkedInCoolDownsMany",
        action="All accounts at once: `outreach holds put everything --reason WHY`",
        end=World.hold_everything,
        tidy=World.storm_is_over,
    ),
    Fault(
        name="Temporal away",
        cause="kill -9 of Temporal's server",
        make=lambda world: world.stack.kill("temporal"),
        alert="TemporalRequestsFail",
        action="Bring Temporal back",
        end=lambda world: world.stack.start("temporal"),
    ),
    Fault(
        name="stuck migration",
        cause="ALTER TABLE waits behind a session that is left open, all behind it",
        make=World.stick_migration,
        alert="OutreachObjectiveBurnsFast",
        labels={"slo": "api_availability"},
        action="End the session that has the lock",
        end=World.end_blocker,
    ),
    Fault(
        name="database's clock",
        cause="PostgreSQL's clock is set 30 s forward",
        make=lambda world: world.step_clock("+30s"),
        alert="LinkedInDatabaseClockStepped",
        action="Set the clock right",
        end=lambda world: world.step_clock("+0"),
    ),
    Fault(
        name="disk full",
        cause="the disk that has PostgreSQL's tables is full",
        make=lambda world: world.disk.fill(),
        alert="OutreachWritesRefused",
        action="Make room",
        end=lambda world: world.disk.make_room(),
    ),
    Fault(
        name="fail-over",
        cause="PostgreSQL is killed; who follows has its address, not yet its place",
        make=World.fail_over,
        alert="OutreachWritesRefused",
        action="promote the one that follows",
        end=lambda world: world.follower.promote(),
    ),
)
"""In the order in which they are played: the database's server does not come back from the last."""
