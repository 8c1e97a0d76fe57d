"""Write down what an environment consists of: `inventory.py ENVIRONMENT PART`.

`sbom.cdx.json` (CycloneDX 1.6) and `licences.txt`, from what each package says of itself.
"""

import json
import sys
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Any


def components(found: list[Distribution]) -> list[dict[str, Any]]:
    """The packages, by name, as CycloneDX has them."""
    return sorted(map(_component, found), key=lambda each: each["name"])


def _component(of: Distribution) -> dict[str, Any]:
    name, version = of.metadata["Name"].lower().replace("_", "-"), of.version
    purl = f"pkg:pypi/{name}@{version}"
    return {
        "type": "library",
        "bom-ref": purl,
        "name": name,
        "version": version,
        "purl": purl,
        "licenses": [{"license": {"name": licence_of(of)}}],
    }


def licence_of(of: Distribution) -> str:
    """What a package says of its licence, in one of the three places where they say it."""
    told = of.metadata["License-Expression"]
    classified = [
        line.rpartition(" :: ")[2]
        for line in of.metadata.get_all("Classifier") or []
        if line.startswith("License ::")
    ]
    # The old field has been given whole licences.
    old = (of.metadata["License"] or "").strip().splitlines()
    return told or ", ".join(classified) or (old[0] if old else "") or "not said"


def write(environment: Path, part: str) -> None:
    """Write both files into the environment."""
    found = components(
        list(distributions(path=[str(next(environment.glob("lib/*/site-packages")))]))
    )
    bom = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": {"type": "application", "name": part.rpartition("/")[2]}},
        "components": found,
    }
    (environment / "sbom.cdx.json").write_text(json.dumps(bom, indent=1) + "\n")
    lines = (f"{c['name']} {c['version']}: {c['licenses'][0]['license']['name']}" for c in found)
    (environment / "licences.txt").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    write(Path(sys.argv[1]), sys.argv[2])
