"""The certificates of one stack: an authority's, and one for each service and for its callers.

`python -m devstack.stack.certificates DIRECTORY` makes them for a cluster on this machine.
"""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import trustme
from servicekit.credentials.tls import Tls

from devstack.stack.services import SERVICES, prefix

CALLER = "caller"
"""Whoever drives a stack: its command line, the demo, the tests."""

_HERE = ("localhost", "127.0.0.1")


class Certificates:
    """Makes the authority and the certificates, and writes the files that services read."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.directory.mkdir(parents=True)
        self.authorities = directory / "authorities.pem"
        self.authority = trustme.CA()
        replace_file(self.authorities, self.authority.cert_pem.bytes())
        for name in (*SERVICES, CALLER):
            self.renew(name)

    def renew(
        self,
        name: str,
        *,
        not_before: datetime | None = None,
        not_after: datetime | None = None,
        authority: trustme.CA | None = None,
    ) -> None:
        """A service has a new certificate with a new key from now on; its key comes first."""
        made = (authority or self.authority).issue_cert(
            name, *_HERE, common_name=name, not_before=not_before, not_after=not_after
        )
        replace_file(self.key(name), made.private_key_pem.bytes())
        chain = b"".join(each.bytes() for each in made.cert_chain_pems)
        replace_file(self.certificate(name), chain)

    def believe(self, *authorities: trustme.CA) -> None:
        """Everybody believes these authorities from now on, and no others."""
        replace_file(self.authorities, b"".join(each.cert_pem.bytes() for each in authorities))

    def certificate(self, name: str) -> Path:
        """Where a certificate is."""
        return self.directory / f"{name}.pem"

    def key(self, name: str) -> Path:
        """Where its key is."""
        return self.directory / f"{name}.key"

    def settings(self, name: str) -> dict[str, Any]:
        """What a service is set to, by the fields of its settings."""
        return {
            "tls_certificate_file": self.certificate(name),
            "tls_key_file": self.key(name),
            "tls_authorities_file": self.authorities,
        }

    def tls(self, name: str) -> Tls:
        """The same for whoever calls, read again when it changes."""
        return Tls(*self.settings(name).values())

    def environment(self, name: str, *, read_by: str = "") -> dict[str, str]:
        """The same as environment variables."""
        return {
            f"{read_by or prefix(name)}_{field.upper()}": str(value)
            for field, value in self.settings(name).items()
        }


def replace_file(path: Path, content: bytes) -> None:
    """Write a file of one's own; a reader sees the old one or the new one, never a half."""
    made = path.with_suffix(".new")
    made.touch(mode=0o600)
    made.write_bytes(content)
    made.replace(path)


if __name__ == "__main__":
    Certificates(Path(sys.argv[1]))
