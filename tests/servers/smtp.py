"""An SMTP server that keeps what it is handed, and answers what it is told to."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, cast

from aiosmtpd.smtp import SMTP, AuthResult


@dataclass
class Mailbox:
    """What was handed over, to whom, and whether nobody could have read it on the way."""

    answers: list[str] = field(default_factory=list)
    """The first answers; after them it takes everything."""
    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    recipients: list[list[str]] = field(default_factory=list)
    in_clear: list[bool] = field(default_factory=list)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    async def handle_DATA(self, _server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        if self.answers:
            return self.answers.pop(0)
        mail = message_from_bytes(envelope.content, policy=policy.default)
        self.mails.append(cast("EmailMessage", mail))
        self.recipients.append(envelope.rcpt_tos)
        self.in_clear.append(session.ssl is None)
        self.arrived.set()
        return "250 Taken"


@asynccontextmanager
async def smtp_server(tls: ssl.SSLContext | None = None, **options: Any) -> AsyncIterator[Mailbox]:
    """Serve on this machine; with a context STARTTLS is offered, and required."""
    mailbox = Mailbox()

    def serve() -> SMTP:
        return SMTP(mailbox, tls_context=tls, require_starttls=tls is not None, **options)

    server = await asyncio.get_running_loop().create_server(serve, "127.0.0.1", 0)
    mailbox.port = server.sockets[0].getsockname()[1]
    try:
        yield mailbox
    finally:
        server.close()


def only(user: bytes, password: bytes) -> Any:
    """Whom a server lets hand over."""

    def authenticate(_server: Any, _session: Any, _envelope: Any, _how: str, data: Any) -> Any:
        known = (data.login, data.password) == (user, password)
        return AuthResult(success=known, handled=False)

    return authenticate
