"""TLS of gRPC: what a server and a channel are given of a certificate, as it is now."""

from collections.abc import Iterable, Mapping

import grpc

from servicekit.credentials.certificates import KeyPair
from servicekit.credentials.tls import Tls
from servicekit.grpc.calls import Context


def server_credentials(tls: Tls) -> grpc.ServerCredentials:
    """Each connection is met with the certificate and the authorities that there are then."""
    shown = tls.pair()

    def changed() -> grpc.ServerCertificateConfiguration | None:
        """Called by gRPC at each connection; None leaves what it has."""
        nonlocal shown
        pair = tls.pair()
        if pair is shown:
            return None
        shown = pair
        return _configuration(pair)

    return grpc.dynamic_ssl_server_credentials(
        _configuration(shown),
        changed,  # type: ignore[arg-type]  # the stubs know no None
        require_client_authentication=tls.require_client_certificate,
    )


def channel_credentials(pair: KeyPair) -> grpc.ChannelCredentials:
    """A channel believes the authorities, and shows the certificate to whom it calls."""
    return grpc.ssl_channel_credentials(pair.authorities, pair.key, pair.chain)


def shows_name(context: Context, service: str) -> bool:
    """Whether the connection is that of a service: always, where it is not by TLS.

    A certificate names a service as the first part of a DNS name (`thing`, `thing.space.svc`) or
    as the last one of a URI (`spiffe://domain/ns/space/sa/thing`).
    """
    told: Mapping[str, Iterable[bytes]] = context.auth_context()
    if b"ssl" not in told.get("transport_security_type", ()):
        return True
    # Not an e-mail address: people choose theirs, and an authority signs it.
    shown = (
        name.decode(errors="replace")
        for kind in ("peer_dns", "peer_uri")
        for name in told.get(kind, ())
    )
    return any(name.rpartition("/")[2].partition(".")[0] == service for name in shown)


def _configuration(pair: KeyPair) -> grpc.ServerCertificateConfiguration:
    return grpc.ssl_server_certificate_configuration(
        [(pair.key, pair.chain)], root_certificates=pair.authorities
    )
