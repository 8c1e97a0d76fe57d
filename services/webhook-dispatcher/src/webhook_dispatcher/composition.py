"""Parts of the dispatcher that its settings decide about."""

from datetime import timedelta

from identity.audit.record_repository import Tracked
from identity.audit.trail import AuditTrail
from prometheus_client import CollectorRegistry
from servicekit.clock import Clock
from servicekit.identity.identity import Identity
from servicekit.postgres import pool as postgres

from webhook_dispatcher.endpoints.secret_box import SecretBox
from webhook_dispatcher.http.destination import Rules
from webhook_dispatcher.settings import Settings

SERVICE = "webhook-dispatcher"
SCHEMA = "webhook"


def compose_audit(
    pool: postgres.Pool, identity: Identity, registry: CollectorRegistry, *, keep: timedelta
) -> AuditTrail:
    """What records the dispatcher's calls."""
    return AuditTrail(
        pool,
        identity,
        registry,
        schema=SCHEMA,
        tracked={"endpoint_id": Tracked("endpoints", "endpoint_id")},
        keep=keep,
    )


def rules_of(settings: Settings, clock: Clock) -> Rules:
    """What may be called; this machine only in the sandbox, and only when set to.

    Raises `ValueError` when loopback is allowed outside the sandbox.
    """
    if settings.allow_loopback and not clock.sandbox:
        raise ValueError("WEBHOOK_DISPATCHER_ALLOW_LOOPBACK is for the sandbox (SANDBOX_CLOCK)")
    return Rules(loopback=settings.allow_loopback)


def secrets_of(settings: Settings, clock: Clock) -> SecretBox:
    """The box of endpoints' secrets; only the sandbox does without keys of its own.

    Raises `ValueError` when there is no key outside the sandbox.
    """
    if settings.secret_keys_file is not None:
        return SecretBox.of_file(settings.secret_keys_file)
    keys = settings.secret_keys.get_secret_value() if settings.secret_keys else ""
    if keys:
        return SecretBox.of_text(keys)
    if not clock.sandbox:
        raise ValueError("WEBHOOK_DISPATCHER_SECRET_KEYS is required outside the sandbox")
    return SecretBox.for_sandbox()
