"""A mail to one address, handed to the SMTP server that the settings name."""

import asyncio
import re
import time
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY

import aiosmtplib
from servicekit.telemetry import logs

from webhook_dispatcher.channels.messages import Mail
from webhook_dispatcher.errors import DestinationForbidden
from webhook_dispatcher.http.destination import mailbox_of
from webhook_dispatcher.http.sender import Answer, printable
from webhook_dispatcher.models import SmtpSecurity

MAIL_SERVER_AWAY = "The SMTP server did not say that it took the mail: that is ours to mend."
_ACCEPTED = 250
_REFUSALS = range(400, 600)
_ENHANCED = re.compile(rb"[245]\.\d{1,3}\.\d{1,3}(?=\s|$)")
_OF_US = frozenset({421, 454, 530, 534, 535, 538})
"""It closes, or wants us to be somebody else: of whatever command, no word on a recipient."""

log = logs.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class SmtpServer:
    """Where mails are handed over, and as whose."""

    host: str
    port: int
    security: SmtpSecurity
    sender: str
    user: str = ""
    password: str = field(default="", repr=False)
    timeout: timedelta = timedelta(seconds=15)
    """For all that is said until a mail is taken."""


class Mailer:
    """Hands over one mail a connection. Every way it can end is an `Answer`.

    A recipient or a mail that the server refuses is told by its codes, and by its words in the
    excerpt, which is sealed; all else is between it and us: its codes are for the log alone.
    """

    def __init__(self, server: SmtpServer) -> None:
        self._server = server

    async def send(self, url: str, mail: Mail, *, event_id: str) -> Answer:
        """Send a mail; its `Message-ID` is made of the event's id, so that a repeat is seen."""
        begun_at = time.perf_counter()
        code, error, excerpt, ours, forbidden = 0, "", "", False, False
        try:
            await self._hand_over(self._message(mailbox_of(url), mail, event_id))
            code = _ACCEPTED
        except DestinationForbidden as refusal:
            error, forbidden = f"The address may not be called: it {refusal.message}.", True
        except Exception as failure:  # noqa: BLE001 - an attempt that failed in any way is told of
            if refused := _refusal(failure):
                code, error = refused.code, _error_text(refused)
                excerpt = printable(_said(refused))
            else:
                error, ours = MAIL_SERVER_AWAY, True
                log.warning("mail_not_handed_over", error=_told(failure))
        return Answer(
            latency=timedelta(seconds=time.perf_counter() - begun_at),
            status_code=code,
            error=error,
            excerpt=excerpt,
            forbidden=forbidden,
            ours=ours,
        )

    def _message(self, mailbox: str, mail: Mail, event_id: str) -> EmailMessage:
        message = EmailMessage(policy=SMTP_POLICY)
        message["From"] = Address(addr_spec=self._server.sender)
        message["To"] = Address(addr_spec=mailbox)
        message["Subject"] = mail.subject
        message["Message-ID"] = f"<{event_id}@{self._server.sender.rpartition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(mail.text)
        message.add_alternative(mail.html, subtype="html")
        return message

    async def _hand_over(self, message: EmailMessage) -> None:
        server = self._server
        client = aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            use_tls=server.security is SmtpSecurity.TLS,
            start_tls=server.security is SmtpSecurity.STARTTLS,
            username=server.user or None,
            password=server.password or None,
            timeout=server.timeout.total_seconds(),
        )
        try:
            async with asyncio.timeout(server.timeout.total_seconds()):
                await client.connect()
                await client.send_message(message)
            _say_goodbye(client)
        finally:
            client.close()


def _say_goodbye(client: aiosmtplib.SMTP) -> None:
    """And wait for no answer: the mail is taken, whatever the server says now."""
    with suppress(aiosmtplib.SMTPServerDisconnected):
        if client.protocol is not None:
            client.protocol.write(b"QUIT\r\n")


def _refusal(failure: Exception) -> aiosmtplib.SMTPResponseException | None:
    """What the server has against the recipient or the mail; None of all else."""
    if isinstance(failure, aiosmtplib.SMTPRecipientsRefused):
        failure = failure.recipients[0]
    elif not isinstance(failure, aiosmtplib.SMTPDataError):
        return None
    return failure if failure.code in _REFUSALS and failure.code not in _OF_US else None


def _error_text(refused: aiosmtplib.SMTPResponseException) -> str:
    """By its codes: its words name the recipient, or whatever was sent."""
    what = "mail" if isinstance(refused, aiosmtplib.SMTPDataError) else "recipient"
    return f"Answered {_codes(refused)}: the {what} is refused."


def _codes(answer: aiosmtplib.SMTPResponseException) -> str:
    """The code of an answer, and the enhanced one (RFC 3463) if its words begin by one."""
    enhanced = _ENHANCED.match(_said(answer))
    return f"{answer.code} {enhanced[0].decode()}" if enhanced else str(answer.code)


def _said(answer: aiosmtplib.SMTPResponseException) -> bytes:
    """What the server says, in whatever encoding."""
    return answer.message.encode("utf-8", "surrogateescape")


def _told(failure: Exception) -> str:
    """For whoever looks after the server."""
    name = type(failure).__name__
    if isinstance(failure, aiosmtplib.SMTPResponseException):
        return f"{name}: {_codes(failure)}"
    return name
