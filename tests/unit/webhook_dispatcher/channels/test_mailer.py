"""Mails are handed over as one mail to one address, by nobody whom we do not know."""

import asyncio
import ssl
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import trustme
from hypothesis import given, settings
from hypothesis import strategies as st
from webhook_dispatcher.channels.mailer import MAIL_SERVER_AWAY, Mailer, SmtpServer
from webhook_dispatcher.channels.messages import Mail
from webhook_dispatcher.errors import DestinationForbidden
from webhook_dispatcher.http.destination import mailbox_of
from webhook_dispatcher.http.sender import Answer
from webhook_dispatcher.models import SmtpSecurity

from tests.servers.smtp import Mailbox, Talk, only, smtp_by_rote, smtp_server

MAIL = Mail(subject="A reply: Zoë", text="Tell me more.\n", html="<p>Tell me more.</p>\n")
TO = "mailto:sales@example.com"


def mailer(mailbox: Mailbox | Talk, **options: Any) -> Mailer:
    given = {
        "security": SmtpSecurity.NONE,
        "host": "127.0.0.1",
        "timeout": timedelta(seconds=5),
    } | options
    return Mailer(
        SmtpServer(
            port=mailbox.port,
            sender="events@outreach.example",
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


@pytest.mark.parametrize(
    ("answer", "codes"),
    [
        ("451 Later", "451"),
        ("552 5.3.4 sales@example.com has too much", "552 5.3.4"),
        ("552 5.3.4444 Too much", "552"),
    ],
)
async def test_a_refusal_is_told_by_its_codes(answer: str, codes: str) -> None:
    """Its words name people, and were kept beside what is sealed: they are in the excerpt alone."""
    async with smtp_server() as mailbox:
        mailbox.answers = [answer]
        told = await mailer(mailbox).send(TO, MAIL, event_id="evt_1")

    assert told.status_code == int(answer[:3])
    assert told.error == f"Answered {codes}: the mail is refused."
    assert told.excerpt == answer[4:]
    assert not told.ours


@pytest.mark.parametrize("command", ["RCPT", "DATA", "."])
async def test_a_refused_recipient_or_mail_is_theirs(command: str) -> None:
    """Also in words of another encoding."""
    async with smtp_by_rote({command: b"550 Empf\xe4nger unbekannt\r\n"}) as talk:
        told = await mailer(talk).send(TO, MAIL, event_id="evt_1")

    assert (told.status_code, told.ours) == (550, False)
    what = "recipient" if command == "RCPT" else "mail"
    assert told.error == f"Answered 550: the {what} is refused."
    assert told.excerpt == "Empf\ufffdnger unbekannt"


def assert_ours(told: Answer) -> None:
    assert (told.ours, told.status_code, told.error) == (True, 0, MAIL_SERVER_AWAY)


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("", b"554 Not from there\r\n"),
        ("EHLO", b"421 Later\r\n"),
        ("MAIL", b"553 Not from events@outreach.example\r\n"),
        ("RCPT", b"454 Relay access denied\r\n"),
        ("RCPT", b"530 Who are you\r\n"),
        ("DATA", b"250 Yes\r\n"),
        (".", b"421 Closing\r\n"),
        (".", b"what\r\n"),
    ],
)
async def test_what_is_between_the_server_and_us_is_ours(command: str, answer: bytes) -> None:
    """Customers read none of its words, and no endpoint is blamed."""
    refuses = {command: answer} | ({"HELO": answer} if command == "EHLO" else {})
    async with smtp_by_rote(refuses) as talk:
        assert_ours(await mailer(talk).send(TO, MAIL, event_id="evt_1"))


async def test_a_mail_takes_no_longer_than_told() -> None:
    """However soon each of its answers comes: whoever tries it next waits for that alone."""
    after = timedelta(seconds=0.2)
    async with smtp_by_rote({}, after=after) as talk:
        slow = await mailer(talk, timeout=2 * after).send(TO, MAIL, event_id="evt_1")

    assert_ours(slow)
    assert slow.latency < 4 * after
    assert "." not in talk.commands


async def test_nobody_waits_for_a_goodbye() -> None:
    """The mail is taken: the server is told that we leave, and need not answer."""
    async with smtp_by_rote({"QUIT": b""}) as talk:
        told = await mailer(talk).send(TO, MAIL, event_id="evt_1")
        await asyncio.wait_for(talk.ended.wait(), 5)

    assert told.accepted
    assert told.latency < timedelta(seconds=2)
    assert talk.commands[-2:] == [".", "QUIT"]


@given(
    st.sampled_from(["", "EHLO", "MAIL", "RCPT", "DATA", "."]),
    st.binary(max_size=30) | st.binary(max_size=30).map(lambda words: b"550 " + words),
)
@settings(max_examples=60)
def test_whatever_a_server_says_there_is_an_answer(command: str, said: bytes) -> None:
    """Theirs is a refusal of the recipient or of the mail, by a code; else it is taken or ours."""

    async def tell() -> Answer:
        async with smtp_by_rote({command: said + b"\r\n"}) as talk:
            short = mailer(talk, timeout=timedelta(seconds=0.2))
            return await short.send(TO, MAIL, event_id="evt_1")

    told = asyncio.run(tell())

    assert told.error.isprintable()
    if not told.accepted and not told.ours:
        assert command in {"RCPT", "DATA", "."}
        assert told.status_code in range(400, 600)
    if told.ours:
        assert_ours(told)


async def test_nobody_there_is_told() -> None:
    """A server that does not listen is an answer like any other."""
    async with smtp_server() as mailbox:
        pass

    told = await mailer(mailbox).send(TO, MAIL, event_id="evt_1")

    assert_ours(told)


async def test_without_starttls_nothing_is_handed_over() -> None:
    """Whoever takes it out of the offer on the way reads neither the mail nor the password."""
    async with smtp_server(auth_require_tls=False, authenticator=only(b"u", b"p")) as mailbox:
        starttls = mailer(mailbox, security=SmtpSecurity.STARTTLS, user="u", password="p")
        told = await starttls.send(TO, MAIL, event_id="evt_1")

    assert_ours(told)
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

    assert_ours(stranger)
    assert known.accepted, known.error
    assert_ours(wrong)
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
