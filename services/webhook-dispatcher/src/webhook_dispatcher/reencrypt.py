"""`python -m webhook_dispatcher.reencrypt`: encrypt endpoints' secrets by the newest key, then end.

Safe while the service runs, and safe to repeat. After it the older keys can go.
"""

import asyncio
import sys

from servicekit.clock import Clock
from servicekit.startup import command
from servicekit.startup.served_pool import served_pool
from servicekit.telemetry import logs

from webhook_dispatcher.composition import SCHEMA, SERVICE, secrets_of
from webhook_dispatcher.endpoints.reencryption import Reencrypted, reencrypt
from webhook_dispatcher.endpoints.sealing import Sealing
from webhook_dispatcher.endpoints.secret_repository import SecretRepository
from webhook_dispatcher.settings import Settings


def main() -> None:
    """Exits with 1 if some secret could not be read."""
    settings, clock = command.accepted(SERVICE, Settings)
    logs.configure_by(settings, service=SERVICE)
    done = asyncio.run(_reencrypt(settings, clock))
    sys.exit(1 if done.unreadable else 0)


async def _reencrypt(settings: Settings, clock: Clock) -> Reencrypted:
    sealing = Sealing(secrets_of(settings, clock))
    async with served_pool(
        settings,
        SCHEMA,
        application=SERVICE,
        max_size=1,
    ) as pool:
        across = pool.across("what any organization's endpoints keep is encrypted anew")
        return await reencrypt(SecretRepository(across), sealing)


if __name__ == "__main__":
    main()
