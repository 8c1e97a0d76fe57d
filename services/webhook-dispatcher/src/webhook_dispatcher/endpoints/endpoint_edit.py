"""An edit of an endpoint: what it makes of it, and what it is an edit of. Pure."""

from dataclasses import dataclass, replace

from servicekit.etags import content_etag, fits

from webhook_dispatcher.models import Endpoint


@dataclass(frozen=True, kw_only=True)
class EndpointEdit:
    """What somebody changes of an endpoint; None stays."""

    etag: str = ""
    url: str | None = None
    event_types: tuple[str, ...] | None = None
    description: str | None = None

    def of(self, endpoint: Endpoint) -> Endpoint:
        """The endpoint as it is to be."""
        return replace(
            endpoint,
            url=endpoint.url if self.url is None else self.url,
            event_types=endpoint.event_types if self.event_types is None else self.event_types,
            description=endpoint.description if self.description is None else self.description,
        )

    def is_of(self, endpoint: Endpoint) -> bool:
        """Whether the endpoint is as it was read; what changes nothing is nobody's loss."""
        return fits(self.etag, etag_of(endpoint)) or self.of(endpoint) == endpoint


def etag_of(endpoint: Endpoint) -> str:
    """What people edit of an endpoint."""
    return content_etag(endpoint.url, endpoint.event_types, endpoint.description)
