"""What a list tells of an address."""

from urllib.parse import quote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from webhook_dispatcher.convert.listed_urls import hides_something, listed_url
from webhook_dispatcher.models import Channel

WORDS = st.text("abcXYZ019-_", min_size=1, max_size=8)


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("https://h.example/hook", "https://h.example/hook"),
        ("https://h.example/hook?token=s3cret&b=", "https://h.example/hook?token=***&b=***"),
        ("https://h.example/?s3cret", "https://h.example/?s3cret=***"),
        ("https://h.example/?&", "https://h.example/?***"),
    ],
)
def test_the_values_of_a_query_are_not_listed(url: str, told: str) -> None:
    """They are where receivers' tokens stand."""
    assert listed_url(url, Channel.WEBHOOK) == told


def test_an_incoming_webhook_is_listed_by_its_host() -> None:
    """Its path is the secret."""
    told = listed_url("https://hooks.example:8443/services/T0/B1/s3cret?a=b", Channel.SLACK)

    assert told == "https://hooks.example:8443/***"


@given(
    st.lists(WORDS, max_size=3), st.dictionaries(WORDS, WORDS, max_size=3), st.sampled_from(Channel)
)
def test_what_leaves_something_out_is_known(
    path: list[str], query: dict[str, str], channel: Channel
) -> None:
    """Whatever a list makes of an address, and no address that is whole."""
    url = f"https://h.example/{'/'.join(path)}" + (f"?{urlencode(query)}" if query else "")
    told = listed_url(url, channel)

    assert not hides_something(url)
    assert hides_something(told) == (told != url)
    assert hides_something(quote(told, safe=":/?=&")) == (told != url)
