"""An edit of an endpoint: what it makes of it, and what it is an edit of. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from servicekit.etags import content_etag, fits

from webhook_dispatcher.models import Endpoint


@dataclass(frozen=True, kw_only=True)
class EndpointEdit:
    """What somebody changes of an endpoint, or makes one of; what is not named stays."""

    etag: str = ""
    changes: Mapping[str, Any] = field(default_factory=dict)
    """Values by the names of `Endpoint`'s fields, as far as anybody may read them."""
    headers: Mapping[str, str] | None = field(default=None, repr=False)
    """All headers that are to be sent along, instead of those of before."""
    legacy_secret: str = field(default="", repr=False)
    """What a `legacy_signature` among the changes is made by."""

    @property
    def url(self) -> str | None:
        """The new address, if there is one."""
        return self.changes.get("url")

    def of(self, endpoint: Endpoint) -> Endpoint:
        """The endpoint as it is to be, once what is secret was sealed."""
        edited = replace(endpoint, **self.changes)
        most = edited.channel.most_per_minute(edited.max_per_minute)
        return replace(edited, max_per_minute=most)

    def is_of(self, endpoint: Endpoint) -> bool:
        """Whether the endpoint is as it was read; what changes nothing is nobody's loss."""
        return fits(self.etag, etag_of(endpoint)) or self.of(endpoint) == endpoint


def etag_of(endpoint: Endpoint) -> str:
    """What people edit of an endpoint. What is sealed differs after every edit of it."""
    legacy = endpoint.legacy_signature
    return content_etag(
        endpoint.url,
        endpoint.event_types,
        endpoint.description,
        endpoint.campaign_ids,
        endpoint.account_ids,
        endpoint.sealed_headers.hex(),
        endpoint.max_per_minute,
        endpoint.max_concurrency,
        None
        if legacy is None
        else (legacy.header, legacy.scheme, legacy.prefix, legacy.sealed_secret.hex()),
        endpoint.payload_form,
    )
