"""What `--check` asks of those who issue callers' tokens, as the service itself would."""

from functools import partial

from servicekit.credentials.tls import Tls
from servicekit.settings import ServiceSettings, blaming
from servicekit.startup.checks import Dependency, NotAsNeeded

from identity.issuer.further_issuers import FILE
from identity.issuer.http_client import IssuerClient

_NOBODYS = "--check"
"""A token that is nobody's, so that it does not stand."""


def issuers(settings: ServiceSettings, tls: Tls | None) -> list[Dependency]:
    """Each place that tells public keys, and the one that says whether a token still stands.

    Raises `SettingsRefused` for a file of further issuers that cannot be read.
    """
    found = []
    if url := settings.auth_jwks_url:
        found.append(_keys("issuer's keys", settings.name_of("auth_jwks_url"), url, tls))
    if url := settings.auth_introspection_url:
        setting = settings.name_of("auth_introspection_url")
        reach = partial(_tokens_are_judged, url, tls)
        found.append(Dependency(name="issuer's introspection", setting=setting, reach=reach))
    return found + [
        _keys(f"keys of {issuer}", settings.name_of("auth_issuers_file"), url, tls)
        for issuer, url in _further(settings)
    ]


def _further(settings: ServiceSettings) -> list[tuple[str, str]]:
    path = settings.auth_issuers_file
    if path is None:
        return []
    refusal = settings.refusal("auth_issuers_file", "")
    with blaming(refusal.setting, expected=refusal.expected):
        listed = FILE.validate_json(path.read_bytes())
    return [(each.issuer, each.jwks_url) for each in listed if each.jwks_url]


def _keys(name: str, setting: str, url: str, tls: Tls | None) -> Dependency:
    return Dependency(name=name, setting=setting, reach=partial(_keys_are_told, url, tls))


async def _keys_are_told(url: str, tls: Tls | None) -> str:
    async with IssuerClient(tls) as client:
        keys = await client.keys(url)
    if not keys:
        raise NotAsNeeded(f"{url} tells no key that could be believed")
    return f"{len(keys)} keys"


async def _tokens_are_judged(url: str, tls: Tls | None) -> str:
    async with IssuerClient(tls) as client:
        if await client.stands(url, _NOBODYS):
            raise NotAsNeeded(f"{url} says that a token stands which is nobody's")
    return "a token that is nobody's does not stand"
