"""What the dispatcher reads from its environment, once, in `main`."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import ClassVar

from pydantic import Field, SecretStr
from servicekit.settings import DatabaseUrl, Refusal, ServerSettings

from webhook_dispatcher.http.mailboxes import is_mailbox
from webhook_dispatcher.models import SmtpSecurity


class Settings(ServerSettings, env_prefix="WEBHOOK_DISPATCHER_"):
    """`.env.example` lists the same names."""

    uses_temporal: ClassVar[bool] = True

    shutdown_grace: timedelta = timedelta(seconds=40)
    """How long work in flight may take to end after SIGTERM: longer than a delivery. What
    kills the process later on, a pod's grace, leaves it five seconds more."""
    database_url: DatabaseUrl | None = None
    """PostgreSQL, schema `webhook`, by the role that sees one organization at a time."""
    grpc_port: int = 50053
    """The port of WebhookService."""
    audit_keep: timedelta = Field(timedelta(days=400), ge=timedelta(days=90))
    """How long records of the audit are kept; a month is dropped whole once all of it is older."""
    secret_keys: SecretStr | None = None
    """Fernet keys (44 characters each, separated by commas) that encrypt endpoints' secrets.

    The first one encrypts, all of them decrypt. Required outside the sandbox.
    """
    secret_keys_file: Path | None = None
    """A file with them instead, parted by commas or lines, read again when it changes."""
    allow_loopback: bool = False
    """Also call this machine, on any port and without TLS. Refused outside the sandbox."""
    allowed_ports: str = Field("443,8443", pattern=r"^\d{1,5}(,\d{1,5})*$")
    """The ports of the public internet that endpoints may be on, separated by commas."""
    smtp_host: str = ""
    """The SMTP server that mails are handed to; empty where nobody is told by mail."""
    smtp_port: int = Field(587, ge=1, le=65535)
    """Its port: 587 for STARTTLS, 465 for TLS from the first byte."""
    smtp_security: SmtpSecurity = SmtpSecurity.STARTTLS
    """`starttls`, `tls`, or `none` for this machine in a sandbox."""
    smtp_user: str = ""
    """Who hands over; empty where the server asks nobody."""
    smtp_password: SecretStr | None = None
    """Of that user."""
    mail_sender: str = ""
    """The address that mails come from. Required with a server."""
    delivery_timeout: timedelta = timedelta(seconds=15)
    """How long a customer's answer is waited for. It is never divided by the clock's speed."""
    first_retry: timedelta = timedelta(seconds=5)
    """Between the first attempt of a delivery and the second; then three times longer each time."""
    longest_retry: timedelta = timedelta(hours=6)
    """The longest time between two attempts, also when a receiver asks for a longer one."""
    lapse_after: timedelta = timedelta(days=3)
    """When a delivery is given up."""
    disable_after: timedelta = timedelta(days=5)
    """How long an endpoint may do nothing but fail before it is disabled."""
    keep_event_bodies: timedelta = Field(timedelta(days=30), ge=timedelta(days=7))
    """How long what an event says is kept, to be read and sent again."""
    keep_attempts: timedelta = Field(timedelta(days=90), ge=timedelta(days=7))
    """How long events, deliveries and attempts are kept; never shorter than what events say."""
    deleted_endpoints_keep: timedelta = Field(timedelta(days=30), ge=timedelta(days=1))
    """How long a deleted endpoint comes back; then its secret, headers and address are purged."""
    forget_every: timedelta = Field(timedelta(hours=1), ge=timedelta(minutes=1))
    """How often what is older than that is looked for, real time."""
    concurrent_deliveries: int = Field(default=100, ge=2)
    """How many POSTs this process has under way at most; half of them are for first attempts."""
    database_connections: int = 10
    """How many connections this process opens at most by each role."""

    @property
    def most_connections(self) -> int:
        """By two roles."""
        return 2 * self.database_connections

    @property
    def longest_call(self) -> timedelta:
        """A POST to a customer."""
        return self.delivery_timeout

    def refusals(self, *, sandbox: bool) -> Iterator[Refusal]:
        """Beside what every service refuses: secrets that anybody reads, and calls of itself."""
        yield from super().refusals(sandbox=sandbox)
        if self.allow_loopback and not sandbox:
            yield self.refusal(
                "allow_loopback",
                "is for the sandbox (SANDBOX_CLOCK): a customer could have this machine called",
                expected="false",
            )
        if self.smtp_host and not is_mailbox(self.mail_sender):
            yield self.refusal(
                "mail_sender",
                "is no e-mail address: nobody could be told whom mails are from",
                expected="an address, as events@example.com",
            )
        if self.smtp_host and self.smtp_security is SmtpSecurity.NONE and not sandbox:
            yield self.refusal(
                "smtp_security",
                "sends mails and the password in clear",
                expected="starttls or tls",
            )
        if not sandbox and not self.secret_keys and not self.secret_keys_file:
            yield self.refusal(
                "secret_keys",
                "is not set: endpoints' secrets would be encrypted with a key that everyone knows",
            )
