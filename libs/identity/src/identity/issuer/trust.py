"""Whom a service believes, as its settings say: built where the service is composed."""

from functools import partial
from pathlib import Path

from servicekit.identity.authenticator import Issuer
from servicekit.identity.identity import Trust
from servicekit.identity.key_files import KeyFiles, callers_keys_in_jwks
from servicekit.identity.key_sources import FiledKeys, KeySource, ToldKeys
from servicekit.settings import ServiceSettings

from identity.issuer.further_issuers import FILE, FurtherIssuer
from identity.issuer.http_client import AskedStanding, IssuerClient


def trust_of(settings: ServiceSettings, client: IssuerClient) -> Trust:
    """That of a service which is not the issuer itself.

    Raises `OSError` and `ValueError` for a file of further issuers that cannot be read.
    """
    url, introspection = settings.auth_jwks_url, settings.auth_introspection_url
    return Trust(
        keys=None if url is None else ToldKeys(partial(client.keys, url)),
        further=further_issuers(settings.auth_issuers_file, client),
        standing=None if introspection is None else AskedStanding(client, introspection),
    )


def further_issuers(path: Path | None, client: IssuerClient) -> list[Issuer]:
    """The issuers of a file; raises as `trust_of` does."""
    listed = [] if path is None else FILE.validate_json(path.read_bytes())
    return [
        Issuer(
            keys=_keys(each, client),
            issuer=each.issuer,
            audience=each.audience,
            longest_life=each.longest_life,
            read=each.caller,
        )
        for each in listed
    ]


def _keys(further: FurtherIssuer, client: IssuerClient) -> KeySource:
    if further.jwks_file is not None:
        return FiledKeys(KeyFiles(Path(further.jwks_file), callers_keys_in_jwks))
    return ToldKeys(partial(client.keys, further.jwks_url or ""))
