"""`python -m webhook_dispatcher.reseal`: wrap the keys of what is sealed by the newest one.

Safe while the service runs, and safe to repeat. After it the older wrapping keys can go.
"""

import asyncio
import sys

from servicekit.startup import command
from servicekit.startup.rewrapping import rewrap
from servicekit.telemetry import logs

from webhook_dispatcher.composition import SCHEMA, SERVICE
from webhook_dispatcher.settings import Settings


def main() -> None:
    """Exits with 1 if a data key is wrapped by a key that is not there."""
    settings, clock = command.accepted(SERVICE, Settings)
    logs.configure(
        SERVICE,
        level=settings.log_level,
        log_format=settings.log_format,
        secrets=settings.secrets(),
    )
    sys.exit(asyncio.run(rewrap(settings, clock, service=SERVICE, schema=SCHEMA)))


if __name__ == "__main__":
    main()
