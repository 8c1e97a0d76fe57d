"""Whoever looks at what a receiver got is told what the receiver should have found."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from outreach_client.cli import app
from outreach_client.commands.webhooks.signature import NotVerified, verify
from standardwebhooks import Webhook
from typer.testing import CliRunner

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OTHER = "whsec_" + "A" * 32
NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


def signed(body: str, *, sent_at: datetime = NOW, secret: str = SECRET) -> dict[str, str]:
    return {
        "Webhook-Id": "evt_1",
        "webhook-timestamp": str(int(sent_at.timestamp())),
        "webhook-signature": Webhook(secret).sign("evt_1", sent_at, body),
    }


@given(st.text())
def test_what_the_reference_library_signs_verifies(body: str) -> None:
    """Whatever it says, and however its headers are spelt."""
    verify(signed(body), body.encode(), secret=SECRET, now=NOW)


def test_any_signature_that_fits_will_do() -> None:
    """While secrets overlap there are several, and of other versions as well."""
    headers = signed("{}", secret=OTHER)
    both = f"v1a,AAAA {headers['webhook-signature']} {signed('{}')['webhook-signature']}"

    verify(headers | {"webhook-signature": both}, b"{}", secret=SECRET, now=NOW)


@pytest.mark.parametrize(
    ("changed", "secret", "told"),
    [
        ({"webhook-signature": "v1,AAAA"}, SECRET, "no signature"),
        ({"webhook-signature": "é"}, SECRET, "no signature"),
        ({"webhook-timestamp": "1" * 5000}, SECRET, "no number"),
        ({"webhook-timestamp": "soon"}, SECRET, "no number"),
        ({}, OTHER, "no signature"),
        ({}, "whsec_?", "no base64"),
    ],
)
def test_what_does_not_verify_says_why(changed: dict[str, str], secret: str, told: str) -> None:
    """In words by which a receiver is mended."""
    with pytest.raises(NotVerified, match=told):
        verify(signed("{}") | changed, b"{}", secret=secret, now=NOW)


def test_what_is_old_is_refused_unless_age_does_not_matter() -> None:
    """Five minutes are what receivers allow."""
    headers = signed("{}", sent_at=NOW - timedelta(minutes=6))

    verify(headers, b"{}", secret=SECRET, now=None)
    with pytest.raises(NotVerified, match="360 s"):
        verify(headers, b"{}", secret=SECRET, now=NOW)


@pytest.mark.parametrize(("body", "code"), [("{}", 0), ("{ }", 4)])
def test_the_command_ends_as_it_found(tmp_path: Path, body: str, code: int) -> None:
    """A script learns from the exit code whether a request in files verifies."""
    lines = [f"{name}: {value}" for name, value in signed("{}").items()]
    for name, text in {"headers": "\n".join(lines), "body": body, "secret": f"{SECRET}\n"}.items():
        (tmp_path / name).write_text(text)
    headers, sent, secret = (str(tmp_path / name) for name in ("headers", "body", "secret"))
    command = ["webhooks", "verify", headers, sent, "--secret-file", secret, "--any-age"]

    ended = CliRunner().invoke(app, command)

    assert ended.exit_code == code
    assert ended.output.startswith("not verified" if code else "verified")
