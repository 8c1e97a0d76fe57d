"""Parts of the dispatcher that its settings decide about."""

from datetime import timedelta

from identity.audit.record_repository import Tracked
from identity.audit.trail import AuditTrail
from identity.installation import Installation
from outreach.installation.v1.server_info_pb2 import ServerInfo, TemporalInfo
from prometheus_client import CollectorRegistry
from servicekit import process
from servicekit.clock import Clock
from servicekit.credentials.secrets import owner_url
from servicekit.credentials.tls import Tls
from servicekit.health import Readiness
from servicekit.identity.identity import Identity
from servicekit.postgres import pool as postgres
from servicekit.postgres.migrations import migrate
from servicekit.sealing.seal import Seal
from servicekit.settings import blaming
from servicekit.startup.served_pool import served_pool
from servicekit.startup.server_facts import OwnSchema, ServerFacts
from servicekit.temporal.connection import place_of
from temporalio.client import Client

from webhook_dispatcher.channels.carrier import Carrier
from webhook_dispatcher.channels.mailer import Mailer, SmtpServer
from webhook_dispatcher.channels.messages import Messages
from webhook_dispatcher.database_clock import DatabaseClock
from webhook_dispatcher.deliveries.attempts import Attempts
from webhook_dispatcher.deliveries.delivery_repository import DeliveryRepository
from webhook_dispatcher.deliveries.endpoint_failures import EndpointFailures
from webhook_dispatcher.deliveries.endpoint_limits import EndpointLimits
from webhook_dispatcher.deliveries.health_repository import EndpointHealthRepository
from webhook_dispatcher.deliveries.pending_repository import PendingDeliveryRepository
from webhook_dispatcher.deliveries.retry_schedule import RetrySchedule
from webhook_dispatcher.endpoints.deletion_repository import DeletionRepository
from webhook_dispatcher.endpoints.endpoint_repository import EndpointRepository
from webhook_dispatcher.endpoints.registry import EndpointRegistry
from webhook_dispatcher.endpoints.request_headers import RequestHeaders
from webhook_dispatcher.endpoints.sealing import Sealing
from webhook_dispatcher.endpoints.secret_box import SecretBox
from webhook_dispatcher.endpoints.secret_repository import SecretRepository
from webhook_dispatcher.events.announcements import Announcements
from webhook_dispatcher.events.event_repository import EventRepository
from webhook_dispatcher.http.connection import Resolve
from webhook_dispatcher.http.destination import Rules
from webhook_dispatcher.http.sender import Sender
from webhook_dispatcher.metrics import Metrics
from webhook_dispatcher.settings import Settings

SERVICE = "webhook-dispatcher"
SCHEMA = "webhook"
PACKAGE = "webhook_dispatcher"


def compose_installation(
    settings: Settings,
    pool: postgres.Pool,
    client: Client,
    *,
    readiness: Readiness,
    tls: Tls | None,
) -> Installation:
    """What the dispatcher tells of itself to who looks after the installation."""
    address, namespace = place_of(client)
    place = TemporalInfo(address=address, namespace=namespace)
    return Installation(
        ServerFacts(
            settings,
            service=SERVICE,
            schemas=[OwnSchema(schema=SCHEMA, package=PACKAGE, pool=pool)],
            readiness=readiness,
            tls=tls,
        ),
        lambda: ServerInfo(temporal=place),
        secrets=settings.secrets(),
    )


async def connected(running: process.Process, settings: Settings) -> postgres.Pool:
    """The database, migrated if the settings say so."""
    if settings.migrate_on_start:
        await migrate(owner_url(settings), SCHEMA, PACKAGE)
    return await running.enter(
        served_pool(
            settings,
            SCHEMA,
            application=SERVICE,
            max_size=settings.database_connections,
        )
    )


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


def compose_attempts(
    pool: postgres.Pool,
    pending: PendingDeliveryRepository,
    *,
    carrier: Carrier,
    seal: Seal,
    retries: RetrySchedule,
    metrics: Metrics,
    clock: Clock,
) -> Attempts:
    """What posts events, and judges endpoints by what comes of it; of every organization."""
    failures = EndpointFailures(
        pool,
        EndpointHealthRepository(
            pool, first_probe=retries.first_probe, longest_probe=retries.longest_probe
        ),
        EndpointRepository(pool),
        Announcements(EventRepository(pool, seal, clock)),
        retries=retries,
        metrics=metrics,
        clock=clock,
    )
    return Attempts(
        deliveries=DeliveryRepository(pool, seal),
        pending=pending,
        failures=failures,
        limits=EndpointLimits(pool),
        carrier=carrier,
        retries=retries,
        metrics=metrics,
        clock=clock,
    )


def compose_endpoints(
    pool: postgres.Pool,
    *,
    sealing: Sealing,
    rules: Rules,
    resolve: Resolve,
    metrics: Metrics,
    clock: DatabaseClock,
    deleted_keep: timedelta,
    mails: bool,
) -> EndpointRegistry:
    """What callers do with endpoints."""
    return EndpointRegistry(
        EndpointRepository(pool),
        SecretRepository(pool),
        DeletionRepository(pool),
        sealing=sealing,
        rules=rules,
        resolve=resolve,
        metrics=metrics,
        clock=clock,
        deleted_keep=deleted_keep,
        mails=mails,
    )


def carrier_of(settings: Settings, *, sender: Sender, request_headers: RequestHeaders) -> Carrier:
    """What writes and sends events, by every channel that the settings have."""
    return Carrier(sender, request_headers, Messages(), mailer_of(settings))


def mailer_of(settings: Settings) -> Mailer | None:
    """What hands over mails; None where no server is set."""
    if not settings.smtp_host:
        return None
    password = settings.smtp_password
    return Mailer(
        SmtpServer(
            host=settings.smtp_host,
            port=settings.smtp_port,
            security=settings.smtp_security,
            sender=settings.mail_sender,
            user=settings.smtp_user,
            password="" if password is None else password.get_secret_value(),
            timeout=settings.delivery_timeout,
        )
    )


def retries_of(settings: Settings, clock: Clock) -> RetrySchedule:
    """When deliveries are tried again, and for how long."""
    return RetrySchedule(
        clock,
        post_timeout=settings.delivery_timeout,
        first=settings.first_retry,
        longest=settings.longest_retry,
        lapse_after=settings.lapse_after,
        disable_after=settings.disable_after,
    )


def rules_of(settings: Settings) -> Rules:
    """What may be called; this machine only in the sandbox, and only when set to."""
    ports = frozenset(map(int, settings.allowed_ports.split(",")))
    return Rules(loopback=settings.allow_loopback, ports=ports)


def sender_of(settings: Settings, clock: DatabaseClock, *, resolve: Resolve) -> Sender:
    """What posts, to what may be called alone."""
    return Sender(
        rules_of(settings),
        timeout=settings.delivery_timeout,
        connections=settings.concurrent_deliveries,
        resolve=resolve,
        now=clock.real_now,
    )


def secrets_of(settings: Settings, clock: Clock) -> SecretBox:
    """The box of endpoints' secrets; only the sandbox does without keys of its own.

    Raises `SettingsRefused` for what is no key, and when there is none outside the sandbox.
    """
    keys = settings.secret_keys.get_secret_value() if settings.secret_keys else ""
    if clock.sandbox and not keys and settings.secret_keys_file is None:
        return SecretBox.for_sandbox()
    refusal = settings.refusal("secret_keys", "")
    with blaming(refusal.setting, expected=refusal.expected):
        if settings.secret_keys_file is not None:
            return SecretBox.of_file(settings.secret_keys_file)
        return SecretBox.of_text(keys)
