"""Which headers a customer may have us send along."""

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from webhook_dispatcher.endpoints.custom_headers import header_refusals
from webhook_dispatcher.http.sent_headers import CONTENT, is_ours


@pytest.mark.parametrize(
    "name",
    [
        "Transfer-Encoding",
        "connection",
        "Host",
        "content-length",
        "Cookie",
        "Webhook-Id",
        "webhook-signature-2",
        "User-Agent",
        "traceparent",
        "",
        "two words",
        "colon:",
        "line\r\nbreak",
        "ümlaut",
    ],
)
def test_what_is_not_the_receivers_to_say(name: str) -> None:
    """How a request is transferred, what we say ourselves, and what is no name of a header."""
    assert name in header_refusals({name: "value"})


@pytest.mark.parametrize(
    "value", ["a\r\nx-injected: 1", "a\nb", "a\0", " a", "a ", "é", "x" * 2001]
)
def test_no_value_breaks_out(value: str) -> None:
    """A value is a line of visible characters, of a length that any receiver reads."""
    assert list(header_refusals({"x-token": value})) == ["x-token"]


def test_a_refused_value_is_not_told() -> None:
    """It may be a credential, and refusals stand in logs."""
    assert "s3cret" not in header_refusals({"x-token": "s3cret\n"})["x-token"]


def test_a_name_is_there_once() -> None:
    """Whatever the case: of two the receiver would see both, or one."""
    assert list(header_refusals({"X-Token": "1", "x-token": "2"})) == ["x-token"]


@given(st.text(min_size=1, max_size=20), st.text(max_size=20))
def test_what_is_accepted_is_sent_as_it_is(name: str, value: str) -> None:
    """Any header that is not refused arrives once, with its value, beside ours."""
    if header_refusals({name: value}):
        return

    request = httpx.Request("POST", "https://h.example", headers={**CONTENT, name: value})

    assert request.headers.get_list(name) == [value]
    assert all(request.headers[ours] == said for ours, said in CONTENT.items())
    assert not is_ours(name.lower())
