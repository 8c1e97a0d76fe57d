"""An SMTP server that keeps what it is handed, and answers what it is told to."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
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


@dataclass
class Talk:
    """What was said to a server that answers by rote."""

    port: int = 0
    commands: list[str] = field(default_factory=list)
    ended: asyncio.Event = field(default_factory=asyncio.Event)


@asynccontextmanager
async def smtp_by_rote(
    answers: Mapping[str, bytes], *, after: timedelta = timedelta(0)
) -> AsyncIterator[Talk]:
    """Serve what says these bytes to these commands, each `after` a while, and yes to all else.

    `""` is its greeting and `.` the end of a mail; of an answer that is empty nothing is said.
    """
    talk = Talk()
    yes = {"": b"220 Here\r\n", "DATA": b"354 Go on\r\n", "QUIT": b"221 Bye\r\n"}

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async def say(command: str) -> None:
            await asyncio.sleep(after.total_seconds())
            writer.write(answers.get(command, yes.get(command, b"250 Yes\r\n")))

        try:
            await say("")
            reads = False
            while line := await reader.readline():
                command = line.decode().strip() if reads else line[:4].decode().strip().upper()
                if reads and command != ".":
                    continue
                talk.commands.append(command)
                await say(command)
                reads = command == "DATA" and "DATA" not in answers
        finally:
            talk.ended.set()
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    talk.port = server.sockets[0].getsockname()[1]
    try:
        yield talk
    finally:
        server.close()


def only(user: bytes, password: bytes) -> Any:
    """Whom a server lets hand over."""

    def authenticate(_server: Any, _session: Any, _envelope: Any, _how: str, data: Any) -> Any:
        known = (data.login, data.password) == (user, password)
        return AuthResult(success=known, handled=False)

    return authenticate
