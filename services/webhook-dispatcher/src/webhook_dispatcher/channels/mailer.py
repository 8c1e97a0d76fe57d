"""A mail to one address, handed to the SMTP server that the settings name."""

import time
from dataclasses import dataclass, field
from datetime import timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY

import aiosmtplib

from webhook_dispatcher.channels.messages import Mail
from webhook_dispatcher.errors import DestinationForbidden
from webhook_dispatcher.http.destination import mailbox_of
from webhook_dispatcher.http.sender import Answer, printable
from webhook_dispatcher.models import SmtpSecurity

_ACCEPTED = 250


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


class Mailer:
    """Hands over one mail a connection. Every way it can end is an `Answer`."""

    def __init__(self, server: SmtpServer) -> None:
        self._server = server

    async def send(self, url: str, mail: Mail, *, event_id: str) -> Answer:
        """Send a mail; its `Message-ID` is made of the event's id, so that a repeat is seen."""
        begun_at = time.perf_counter()
        code, error = 0, ""
        try:
            await self._hand_over(self._message(mailbox_of(url), mail, event_id))
            code = _ACCEPTED
        except aiosmtplib.SMTPResponseException as refusal:
            code = refusal.code
            error = f"Answered {code}: {printable(refusal.message.encode())}"
        except aiosmtplib.SMTPRecipientsRefused as refusal:
            code = refusal.recipients[0].code
            error = f"Answered {code}: {printable(refusal.recipients[0].message.encode())}"
        except DestinationForbidden as refusal:
            latency = timedelta(seconds=time.perf_counter() - begun_at)
            told = f"The address may not be called: it {refusal.message}."
            return Answer(latency=latency, error=told, forbidden=True)
        except Exception as failure:  # noqa: BLE001 - an attempt that failed in any way is told of
            error = f"No answer: {type(failure).__name__}"
        latency = timedelta(seconds=time.perf_counter() - begun_at)
        return Answer(latency=latency, status_code=code, error=error)

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
        async with client:
            await client.send_message(message)
