"""What a cluster is given beside the manifests: secrets and ConfigMaps, and the keys in them.

`deploy/k8s/secrets.yaml` lists them, for people too.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from deployment.manifests.objects import Rendering

_CERTIFICATE = frozenset({"tls.crt", "tls.key", "ca.crt"})


@dataclass(frozen=True, kw_only=True)
class Catalog:
    """By name, the keys."""

    secrets: Mapping[str, Collection[str]]
    config_maps: Mapping[str, Collection[str]]

    @classmethod
    def read(cls, path: Path) -> Catalog:
        """Read the file."""
        content = yaml.safe_load(path.read_text())
        return cls(
            secrets={name: set(keys) for name, keys in content["secrets"].items()},
            config_maps={name: set(keys) for name, keys in content["configMaps"].items()},
        )

    def secret(self, rendering: Rendering, name: str) -> Collection[str]:
        """The keys of a secret: of the rendering itself, of a certificate, or from elsewhere."""
        found = rendering.find("Secret", name)
        if found is not None:
            return {*found.get("data", {}), *found.get("stringData", {})}
        certificates = [*rendering.of("Certificate")]
        if any(each["spec"]["secretName"] == name for each in certificates):
            return _CERTIFICATE
        complete = rendering.sandbox and not rendering.alone
        if complete or (certificates and set(self.secrets.get(name, ())) == _CERTIFICATE):
            # The sandbox is complete; and who has cert-manager makes no certificate by hand.
            return ()
        return self.secrets.get(name, ())

    def config_map(self, rendering: Rendering, name: str) -> Collection[str]:
        """The keys of a ConfigMap."""
        found = rendering.find("ConfigMap", name)
        if found is not None:
            return set(found.get("data", {}))
        return () if rendering.sandbox and not rendering.alone else self.config_maps.get(name, ())
