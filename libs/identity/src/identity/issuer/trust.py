"""Whom a service believes, as its settings say: built where the service is composed."""

from functools import partial
from pathlib import Path

from servicekit.identity.authenticator import Issuer
from servicekit.identity.identity import Trust
from servicekit.identity.key_files import KeyFiles, callers_keys_in_jwks
from servicekit.identity.key_sources import FiledKeys, KeySource, ToldKeys
from servicekit.settings import ServiceSettings, blaming

from identity.issuer.further_issuers import FILE, FurtherIssuer
from identity.issuer.http_client import AskedStanding, IssuerClient


def trust_of(settings: ServiceSettings, client: IssuerClient) -> Trust:
    """That of a service which is not the issuer itself.

    Raises `SettingsRefused` for a file of further issuers that cannot be read.
    """
    url, introspection = settings.auth_jwks_url, settings.auth_introspection_url
    return Trust(
        keys=None if url is None else ToldKeys(partial(client.keys, url)),
        further=_further(settings, client),
        standing=None if introspection is None else AskedStanding(client, introspection),
    )


def _further(settings: ServiceSettings, client: IssuerClient) -> list[Issuer]:
    refusal = settings.refusal("auth_issuers_file", "")
    with blaming(refusal.setting, expected=refusal.expected):
        return further_issuers(settings.auth_issuers_file, client)


def further_issuers(path: Path | None, client: IssuerClient) -> list[Issuer]:
    """The issuers of a file; raises `OSError` and `ValueError` where it cannot be read."""
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
