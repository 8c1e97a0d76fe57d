"""What the gateway reads from its environment."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator
from servicekit.settings import DatabaseUrl, Refusal, ServerSettings

from linkedin_gateway.models import EnrolmentPolicy, InvitationScope
from linkedin_gateway.unipile_address import (
    address_of,
    is_inside_a_cluster,
    is_simulated,
    is_text,
)

ACTIONS_ANSWER_WITHIN = timedelta(seconds=75)
"""What the contract promises of an action, as `action_service.proto` has it."""

_SEGMENT = re.compile(r"[A-Za-z0-9._~!$&'()*+,;=:@-]+")
"""What stands in a URL's path as it is, RFC 3986's `pchar`."""


class Settings(ServerSettings, env_prefix="LINKEDIN_GATEWAY_"):
    """Read once, in `main`; `.env.example` lists the same names."""

    required_credentials = ("database_url", "unipile_access_token", "webhook_secret")

    shutdown_grace: timedelta = timedelta(seconds=80)
    """How long work in flight may take to end after SIGTERM: longer than a call of Unipile. What
    kills the process later on, a pod's grace, leaves it five seconds more."""
    database_url: DatabaseUrl | None = None
    """PostgreSQL, schema `gateway`, by the role that sees one organization at a time."""
    decision_database_url: DatabaseUrl | None = None
    """The same database by the role that decides; unset: as `BACKGROUND_DATABASE_URL`."""
    decision_database_url_file: Path | None = None
    """A file with it instead, read again when it changes."""
    database_connections: int = 16
    """The most connections of one process by each role."""
    grpc_port: int = 50052
    """The port of the gRPC API."""
    audit_keep: timedelta = Field(timedelta(days=400), ge=timedelta(days=90))
    """How long records of the audit are kept; a month is dropped whole once all of it is older."""
    webhook_host: str = "0.0.0.0"
    """The address on which Unipile's webhooks are listened for."""
    webhook_port: int = 8080
    """The port of `POST /webhooks/unipile/{token}`; the only one to expose."""
    webhook_tls: bool = False
    """Whether the webhook port speaks TLS, with the certificate of the service."""
    webhook_token: SecretStr = Field(min_length=16)
    """The unguessable part of the webhook's path, at least 16 characters that a URL may have."""
    webhook_secret: SecretStr | None = Field(None, min_length=16)
    """What Unipile sends in the `Unipile-Auth` header, at least 16 characters. Required, or its
    file."""
    webhook_secret_file: Path | None = None
    """A file with it instead, read again when it changes. Of several lines the first is told to
    Unipile, and all are believed."""
    webhook_public_url: str = ""
    """How Unipile reaches the webhook port, for example `https://hooks.example.com`. Empty
    registers no webhooks, and is refused outside of the sandbox."""
    webhook_check_interval: timedelta = Field(timedelta(minutes=5), ge=timedelta(seconds=1))
    """How often it is looked whether the webhooks are still registered, in real time."""
    campaign_api_address: str = "campaign-api:50051"
    """Where LinkedIn's events are published."""
    unipile_dsn: str = Field(validation_alias="UNIPILE_DSN")
    """Host and port of the Unipile tenant; a URL with http:// only on loopback. The API's own path,
    `/api/v1`, may stand behind it."""
    unipile_access_token: SecretStr | None = Field(None, validation_alias="UNIPILE_ACCESS_TOKEN")
    """The tenant's API key. Required, or its file."""
    unipile_access_token_file: Path | None = Field(
        None, validation_alias="UNIPILE_ACCESS_TOKEN_FILE"
    )
    """A file with it instead, read again when it changes."""
    unipile_timeout: timedelta = timedelta(seconds=60)
    """One whole request that LinkedIn answers through Unipile, in real time; a sign-in may take
    twice as long. Keep it under the worker's timeout."""
    unipile_store_timeout: timedelta = timedelta(seconds=20)
    """One whole request that Unipile answers from its own store, in real time."""
    unipile_latency: timedelta = timedelta(milliseconds=500)
    """How long a write usually takes at Unipile, in real time. Who finds the account's one
    write in flight comes again after about so long."""
    unipile_connections: int = 64
    """The most connections to Unipile of one process."""
    min_gap: timedelta = timedelta(seconds=45)
    """The shortest pause between two writes of an account, in domain time."""
    max_gap: timedelta = timedelta(seconds=180)
    """The longest one; each pause is random between the two."""
    daily_variation: float = Field(default=0.15, ge=0, le=0.5)
    """By what part a day's caps are lower than the usual at most, drawn for each day."""
    slow_check: timedelta = timedelta(hours=6)
    """How long a caller waits when nobody can know the end, in domain time, jittered."""
    unipile_store_lag: timedelta = timedelta(minutes=20)
    """How late Unipile's lists and chats may show what was done at LinkedIn, in real time. What is
    not found before a call's timeout and this are over may still appear, and is not sent again."""
    verify_pause: timedelta = timedelta(seconds=10)
    """Before the first look for an action whose answer was lost, in real time; doubled for each
    further one."""
    probe_interval: timedelta = timedelta(minutes=15)
    """How often an account's state is asked for, in real time, beside the webhooks."""
    poll_interval: timedelta = timedelta(hours=8)
    """How often relations and sent invitations are read, in domain time; drawn from half
    of it to one and a half."""
    message_poll_interval: timedelta = Field(timedelta(minutes=5), ge=timedelta(seconds=1))
    """How often each account's messages are read from Unipile's store, in real time: so late at
    most a reply is heard whose webhook was lost."""
    message_poll_overlap: timedelta = timedelta(minutes=30)
    """How far back of its last one each such reading begins, in real time: longer than Unipile's
    store may lag behind."""
    invitation_scope: InvitationScope = InvitationScope.ORGANIZATION
    """Whose open invitation to a person forbids another: `organization` or `campaign`."""
    enrolment_policy: EnrolmentPolicy = EnrolmentPolicy.WAIT
    """What becomes of a lead whose person another campaign of the organization works on: it
    waits for that lead's end (`wait`), ends (`end`), or goes on all the same (`allow`)."""
    inbound_kept: timedelta = timedelta(days=30)
    """How long Unipile's webhooks are kept, in domain time; so far back they can be replayed."""
    archive_after: timedelta = Field(timedelta(days=35), ge=timedelta(days=31))
    """When ended actions leave the ledger for its archive, in domain time. No window is longer
    than 30 days."""
    archive_kept: timedelta = Field(timedelta(days=730), ge=timedelta(days=31))
    """How long the archive answers for old requests, in domain time: the longest life of a
    campaign. Months that are older are dropped."""
    removals_keep: timedelta = Field(timedelta(days=90), ge=timedelta(days=1))
    """How long whoever follows lists is told what was removed from them; one who comes later begins
    anew."""
    sandbox_unipile_host: str = ""
    """In the sandbox: a Service of the same cluster, the simulator's, that UNIPILE_DSN may name
    beside this machine, and by http://. Refused outside of it."""
    sandbox_open_caps: bool = False
    """No caps, gaps and hours. Only in the sandbox, for load runs."""

    @field_validator("webhook_token")
    @classmethod
    def _part_of_a_path(cls, value: SecretStr) -> SecretStr:
        if not _SEGMENT.fullmatch(value.get_secret_value()):
            raise ValueError("must fit into a URL's path as it stands: no spaces, / % ? #")
        return value

    @field_validator("unipile_dsn")
    @classmethod
    def _address(cls, value: str) -> str:
        return address_of(value)

    @property
    def most_connections(self) -> int:
        """By three roles."""
        return 3 * self.database_connections

    @property
    def longest_call(self) -> timedelta:
        """An action: the request that LinkedIn answers, or what its callers are promised."""
        return max(self.unipile_timeout, ACTIONS_ANSWER_WITHIN)

    def refusals(self, *, sandbox: bool) -> Iterator[Refusal]:
        """Beside what every service refuses: a fast clock on real accounts, and deaf ones."""
        yield from super().refusals(sandbox=sandbox)
        yield from self._unipile_refusals(sandbox=sandbox)
        if not sandbox and not _reachable(self.webhook_public_url):
            yield self.refusal(
                "webhook_public_url",
                "is not how anybody reaches the webhook port: replies would not be heard",
                expected="the URL by which Unipile reaches it, as https://hooks.example.com",
            )
        if self.webhook_tls and self.tls_certificate_file is None:
            yield self.refusal(
                "tls_certificate_file",
                f"is not set, and {self.name_of('webhook_tls')} needs it",
            )
        if self.sandbox_open_caps and not sandbox:
            yield self.refusal(
                "sandbox_open_caps",
                "is for the sandbox: without caps accounts are restricted",
                expected="false, or a SANDBOX_CLOCK",
            )

    def _unipile_refusals(self, *, sandbox: bool) -> Iterator[Refusal]:
        simulator = self.sandbox_unipile_host
        simulated = is_simulated(self.unipile_dsn, simulator)
        if sandbox and not simulated:
            yield self.refusal(
                "unipile_dsn",
                "is not this machine, and the sandbox's clock must not drive real accounts",
                expected="a loopback address, or no SANDBOX_CLOCK",
            )
        elif is_text(self.unipile_dsn) and not simulated:
            yield self.refusal("unipile_dsn", "may use http:// only on loopback")
        if simulator and not (sandbox and is_inside_a_cluster(simulator)):
            yield self.refusal(
                "sandbox_unipile_host",
                "is for the sandbox (SANDBOX_CLOCK), and for a Service of the cluster alone",
            )


def _reachable(public_url: str) -> bool:
    """Whether a URL can be the address of anything; `.invalid` is what nobody filled in yet."""
    url = urlsplit(public_url)
    host = url.hostname or ""
    return url.scheme in {"http", "https"} and bool(host) and not host.endswith("invalid")
