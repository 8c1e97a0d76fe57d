"""Mails are handed over as one mail to one address, by nobody whom we do not know."""

import ssl
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import trustme
from hypothesis import given
from hypothesis import strategies as st
from webhook_dispatcher.channels.mailer import Mailer, SmtpServer
from webhook_dispatcher.channels.messages import Mail
from webhook_dispatcher.errors import DestinationForbidden
from webhook_dispatcher.http.destination import mailbox_of
from webhook_dispatcher.models import SmtpSecurity

from tests.servers.smtp import Mailbox, only, smtp_server

MAIL = Mail(subject="A reply: Zoë", text="Tell me more.\n", html="<p>Tell me more.</p>\n")
TO = "mailto:sales@example.com"


def mailer(mailbox: Mailbox, **options: Any) -> Mailer:
    given = {"security": SmtpSecurity.NONE, "host": "127.0.0.1"} | options
    return Mailer(
        SmtpServer(
            port=mailbox.port,
            sender="events@outreach.example",
            timeout=timedelta(seconds=5),
            **given,
        )
    )


async def test_a_mail_says_what_it_says_in_both_forms() -> None:
    """From whom, to whom, and under an id that is the same when it comes again."""
    async with smtp_server() as mailbox:
        first = await mailer(mailbox).send(TO, MAIL, event_id="evt_1")
        again = await mailer(mailbox).send(TO, MAIL, event_id="evt_1")

    assert (first.status_code, first.error, again.error) == (250, "", "")
    mail, repeat = mailbox.mails
    assert mailbox.recipients[0] == ["sales@example.com"]
    assert mail["From"] == "events@outreach.example"
    assert mail["Subject"] == "A reply: Zoë"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Message-ID"] == repeat["Message-ID"] == "<evt_1@outreach.example>"
    text, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert text is not None
    assert html is not None
    assert text.get_content().splitlines() == MAIL.text.splitlines()
    assert html.get_content().splitlines() == MAIL.html.splitlines()


@pytest.mark.parametrize("answer", ["451 Later", "552 Too much"])
async def test_a_refusal_is_told(answer: str) -> None:
    """By the server's code and words."""
    async with smtp_server() as mailbox:
        mailbox.answers = [answer]
        told = await mailer(mailbox).send(TO, MAIL, event_id="evt_1")

    assert told.status_code == int(answer[:3])
    assert told.error == f"Answered {answer[:3]}: {answer[4:]}"


async def test_nobody_there_is_told() -> None:
    """A server that does not listen is an answer like any other."""
    async with smtp_server() as mailbox:
        pass

    told = await mailer(mailbox).send(TO, MAIL, event_id="evt_1")

    assert (told.status_code, told.accepted) == (0, False)


async def test_without_starttls_nothing_is_handed_over() -> None:
    """Whoever takes it out of the offer on the way reads neither the mail nor the password."""
    async with smtp_server(auth_require_tls=False, authenticator=only(b"u", b"p")) as mailbox:
        starttls = mailer(mailbox, security=SmtpSecurity.STARTTLS, user="u", password="p")
        told = await starttls.send(TO, MAIL, event_id="evt_1")

    assert not told.accepted
    assert mailbox.mails == []


def context(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """What a server of the name `localhost` shows, and whom its certificate comes from."""
    authority, authorities = trustme.CA(), folder / "authorities.pem"
    authority.cert_pem.write_to_path(authorities)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    return context, authorities


async def test_starttls_is_verified(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From an authority that is known mails are taken, with user and password; else none is."""
    tls, authority = context(tmp_path)
    async with smtp_server(tls, authenticator=only(b"u", b"p")) as mailbox:
        options = {"host": "localhost", "security": SmtpSecurity.STARTTLS}
        sender = mailer(mailbox, **options, user="u", password="p")
        stranger = await sender.send(TO, MAIL, event_id="evt_1")
        monkeypatch.setenv("SSL_CERT_FILE", str(authority))
        known = await sender.send(TO, MAIL, event_id="evt_2")
        wrong = await mailer(mailbox, **options, user="u", password="x").send(
            TO, MAIL, event_id="evt_3"
        )

    assert not stranger.accepted
    assert known.accepted, known.error
    assert wrong.status_code == 535
    assert [mail["Message-ID"] for mail in mailbox.mails] == ["<evt_2@outreach.example>"]
    assert mailbox.in_clear == [False]


@pytest.mark.parametrize(
    "url",
    [
        "sales@example.com",
        "mailto:",
        "mailto:sales",
        "mailto:a@example.com,b@example.com",
        "mailto:a@example.com?cc=b@example.com",
        "mailto:a@example.com%0d%0aBcc:b@example.com",
        "mailto:a@example.com\r\nBcc: b@example.com",
        "mailto:Sales <a@example.com>",
        "mailto:a@[127.0.0.1]",
        "mailto:a@localhost",
        f"mailto:{'a' * 65}@example.com",
        f"mailto:a@{'a.' * 130}com",
    ],
)
async def test_what_is_more_than_one_address_is_refused(url: str) -> None:
    """Nothing of it reaches a header, and the server is not asked."""
    with pytest.raises(DestinationForbidden):
        mailbox_of(url)

    async with smtp_server() as mailbox:
        told = await mailer(mailbox).send(url, MAIL, event_id="evt_1")

    assert told.forbidden
    assert mailbox.recipients == []


@given(st.text(max_size=60))
def test_an_address_has_no_room_for_a_header(text: str) -> None:
    """Whatever is taken as one is printable ASCII with one @ and without what parts addresses."""
    try:
        mailbox = mailbox_of(f"mailto:{text}")
    except DestinationForbidden:
        return

    assert mailbox.isascii()
    assert mailbox.count("@") == 1
    assert not set(mailbox) & set(' \t\r\n,;:<>()[]"\\%')
