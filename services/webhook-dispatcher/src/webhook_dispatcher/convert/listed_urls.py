"""What a list tells of an address, and whether an address is only that."""

from urllib.parse import parse_qsl, unquote, urlsplit, urlunsplit

from webhook_dispatcher.endpoints.request_headers import REDACTED
from webhook_dispatcher.models import Channel

_HIDDEN_PATH = f"/{REDACTED}"


def listed_url(url: str, channel: Channel) -> str:
    """An address without the values of its query; of an incoming webhook the host alone.

    >>> listed_url("https://h.example/hook?token=s3cret", Channel.WEBHOOK)
    'https://h.example/hook?token=***'
    """
    parts = urlsplit(url)
    if channel is Channel.SLACK:
        return urlunsplit(parts._replace(path=_HIDDEN_PATH, query=""))
    if not parts.query:
        return url
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    hidden = "&".join(f"{name}={REDACTED}" for name, _ in pairs) or REDACTED
    return urlunsplit(parts._replace(query=hidden))


def hides_something(url: str) -> bool:
    """Whether something of it is left out, as `listed_url` does: nothing could be sent there."""
    parts = urlsplit(url)
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    return unquote(parts.path) == _HIDDEN_PATH or any(REDACTED in pair for pair in pairs)
