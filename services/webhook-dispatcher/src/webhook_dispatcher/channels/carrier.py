"""One event on its way to one endpoint: written in its form, signed, and sent by its channel."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import assert_never

from servicekit.telemetry import logs

from webhook_dispatcher.channels.mailer import Mailer
from webhook_dispatcher.channels.messages import Mail, Messages
from webhook_dispatcher.channels.payload_forms import in_form
from webhook_dispatcher.endpoints.request_headers import RequestHeaders
from webhook_dispatcher.endpoints.rows import Signing
from webhook_dispatcher.endpoints.secret_box import SecretUnreadable
from webhook_dispatcher.http.sender import UNFORMED, UNSIGNED, Answer, Sender
from webhook_dispatcher.models import Channel, PayloadForm

NO_MAIL = "Nothing was sent: there is no SMTP server."

log = logs.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Recipient:
    """Where an event goes, and how."""

    url: str
    channel: Channel
    form: PayloadForm
    signing: Signing
    max_per_minute: int = 0
    """How much its owner wants to be sent at the most; 0 for as much as there is."""


@dataclass(frozen=True, kw_only=True)
class Carried:
    """What was sent, and what came of it."""

    answer: Answer
    body: str = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict)


class Carrier:
    def __init__(
        self,
        sender: Sender,
        request_headers: RequestHeaders,
        messages: Messages,
        mailer: Mailer | None,
    ) -> None:
        self._sender = sender
        self._request_headers = request_headers
        self._messages = messages
        self._mailer = mailer

    @property
    def mails(self) -> bool:
        """Whether there is a server that mails are handed to."""
        return self._mailer is not None

    async def carry(self, to: Recipient, *, event_id: str, payload: str) -> Carried:
        """Send an event, once; `payload` is as it was published. Every end is an `Answer`."""
        try:
            formed = self._formed(to, payload)
        except Exception:
            # It is the same at every attempt: nobody is to wait behind it for ever.
            log.exception("delivery_not_formed", event_id=event_id)
            return Carried(answer=_unsent(UNFORMED), body="")
        if isinstance(formed, Mail):
            return await self._mail(to, event_id, formed)
        return await self._post(to, event_id, formed)

    def _formed(self, to: Recipient, payload: str) -> str | Mail:
        match to.channel:
            case Channel.WEBHOOK:
                return in_form(payload, to.form)
            case Channel.SLACK:
                return self._messages.slack(payload)
            case Channel.EMAIL:
                return self._messages.mail(payload)
            case _:
                assert_never(to.channel)

    async def _post(self, to: Recipient, event_id: str, body: str) -> Carried:
        try:
            headers = self._request_headers.of(to.signing, event_id=event_id, body=body)
        except (SecretUnreadable, ValueError) as error:
            # Nothing goes unsigned. Whoever looks sees why, and an operator can mend it.
            log.warning(
                "delivery_not_signed", endpoint_id=to.signing.endpoint_id, error=repr(error)
            )
            return Carried(answer=_unsent(UNSIGNED), body=body)
        answer = await self._sender.post(to.url, body=body, headers=headers)
        return Carried(answer=answer, body=body, headers=headers)

    async def _mail(self, to: Recipient, event_id: str, mail: Mail) -> Carried:
        if self._mailer is None:
            return Carried(answer=_unsent(NO_MAIL), body=mail.text)
        answer = await self._mailer.send(to.url, mail, event_id=event_id)
        return Carried(answer=answer, body=mail.text)


def _unsent(error: str) -> Answer:
    """What no endpoint is to blame for."""
    return Answer(latency=timedelta(0), error=error, ours=True)
