"""What a site says of itself in an overlay's `site.env`, looked at before anything is applied.

Kustomize refuses a line that is missing and nothing else: an empty value is an image without a
registry, and a value of the documentation somebody else's host. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

STAND_INS: Mapping[str, str] = {
    "PUBLIC_URL": "https://hooks.example.com",
    "AUTH_ISSUER": "https://outreach.example.com",
    "AUTH_AUDIENCE": "outreach",
    "REGISTRY": "registry.example.com/outreach",
    "VERSION": "0.1.0",
    "TEMPORAL_ADDRESS": "temporal-frontend.temporal:7233",
    "TEMPORAL_NAMESPACE": "outreach",
    "DATABASE_CIDR": "192.0.2.0/24",
    "MESH": "linkerd",
    "BACKUP_PATH": "s3://outreach-backups/production",
    "BACKUP_NAME": "outreach-1",
}
"""What is said where overlays are checked that are nobody's."""
_NOBODYS = re.compile(
    r"\bexample(\.(com|org|net))?\b|\.invalid\b|\b(192\.0\.2|198\.51\.100|203\.0\.113)\."
)
"""Names and networks that documentation has to itself (RFC 2606, RFC 5737)."""


def said(text: str) -> dict[str, str]:
    """The values by their names, as kustomize reads such a file."""
    lines = (line.strip() for line in text.splitlines())
    pairs = (line.partition("=") for line in lines if line and not line.startswith("#"))
    return {name.strip(): value.strip() for name, _, value in pairs}


def sometimes(example: str) -> set[str]:
    """What some components ask for: such a line of an example is a comment, `#NAME=`."""
    return set(re.findall(r"^#([A-Z_]+)=", example, re.MULTILINE))


def stand_ins(example: str) -> str:
    """A `site.env` for the overlay of an example; what is known beforehand stays as it is.

    Raises `KeyError` for a name that nothing stands in for.
    """
    return "".join(f"{name}={value or STAND_INS[name]}\n" for name, value in said(example).items())


def unsaid(example: str, own: str) -> Iterator[str]:
    """What is missing, empty, nobody's, or asked for by nobody."""
    names, values = said(example), said(own)
    known = sometimes(example)
    for name in (*names, *(each for each in values if each in known)):
        value = values.get(name)
        if value is None:
            yield f"{name} is missing"
        elif not value:
            yield f"{name} is empty"
        elif _NOBODYS.search(value):
            yield f"{name} is the documentation's: {value}"
    yield from (f"nobody asks for {name}" for name in values if name not in {*names, *known})
