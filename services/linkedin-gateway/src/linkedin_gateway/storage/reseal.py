"""`python -m linkedin_gateway.storage.reseal`: wrap the keys of what is sealed anew.

Safe while the service runs, and safe to repeat. After it the older wrapping keys can go.
"""

import asyncio
import sys

from servicekit.startup import command
from servicekit.startup.rewrapping import rewrap
from servicekit.telemetry import logs

from linkedin_gateway.settings import Settings

_SERVICE, _SCHEMA = "linkedin-gateway", "gateway"


def main() -> None:
    """Exits with 1 if a data key is wrapped by a key that is not there."""
    settings, clock = command.accepted(_SERVICE, Settings)
    logs.configure(
        _SERVICE,
        level=settings.log_level,
        log_format=settings.log_format,
        secrets=settings.secrets(),
    )
    sys.exit(asyncio.run(rewrap(settings, clock, service=_SERVICE, schema=_SCHEMA)))


if __name__ == "__main__":
    main()
