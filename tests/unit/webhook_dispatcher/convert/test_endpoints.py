"""What a list tells of an address."""

import pytest
from webhook_dispatcher.convert.endpoints import redacted_url


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("https://h.example/hook", "https://h.example/hook"),
        ("https://h.example/hook?token=s3cret&b=", "https://h.example/hook?token=***&b=***"),
        ("https://h.example/?s3cret", "https://h.example/?s3cret=***"),
    ],
)
def test_the_values_of_a_query_are_not_listed(url: str, told: str) -> None:
    """They are where receivers' tokens stand."""
    assert redacted_url(url) == told
