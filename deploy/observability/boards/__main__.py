"""Writes `dashboards/*.json` for Grafana: `make dashboards`."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path

from grafana_foundation_sdk.cog.encoder import JSONEncoder

from boards.accounts import ACCOUNTS
from boards.campaigns import CAMPAIGNS
from boards.grafana import built
from boards.overview import OVERVIEW
from boards.panel import Rows
from boards.runtime import RUNTIME
from boards.temporal import TEMPORAL
from boards.webhooks import WEBHOOKS

WRITTEN_TO = Path(__file__).parent.parent / "dashboards"
BOARDS: Mapping[str, Rows] = {
    "overview": OVERVIEW,
    "campaigns": CAMPAIGNS,
    "accounts and pace": ACCOUNTS,
    "webhooks": WEBHOOKS,
    "rpc and runtime": RUNTIME,
    "temporal": TEMPORAL,
}


def main(directory: Path) -> None:
    """Write every dashboard into the folder."""
    directory.mkdir(parents=True, exist_ok=True)
    for name, rows in BOARDS.items():
        text = JSONEncoder(sort_keys=True, indent=2).encode(built(name, rows).build())
        path = directory / f"{name.replace(' ', '-')}.json"
        path.write_text(json.dumps(json.loads(text), sort_keys=True, indent=2) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if sys.argv[1:] else WRITTEN_TO)
