"""`python -m webhook_dispatcher.reseal`: wrap the keys of what is sealed by the newest one.

With `--older-than DAYS` it also changes data keys. Safe while the service runs, and safe to repeat.
After it the older wrapping keys can go.
"""

from functools import partial
from typing import NoReturn

from servicekit.request_ids.table import sealed_rows
from servicekit.sealing.rotation import SealedRows
from servicekit.startup import rotating
from servicekit.startup.rewrapping import rewrap

from webhook_dispatcher.composition import SCHEMA, SERVICE
from webhook_dispatcher.deliveries.sealed_answers import ANSWER
from webhook_dispatcher.sealed_payloads import PAYLOAD
from webhook_dispatcher.settings import Settings

SEALED = (
    # Events first: what is answered to one is sealed by its key.
    SealedRows(
        place=PAYLOAD,
        key={"organization_id": "text", "event_id": "text"},
        named="events.event_id",
    ),
    SealedRows(
        place=ANSWER,
        key={"delivery_id": "text", "number": "integer"},
        named="attempts.delivery_id || '/' || extract(epoch FROM attempts.attempted_at)",
    ),
    sealed_rows(SCHEMA),
)
"""Every column of the schema in which values are sealed."""


def main() -> NoReturn:
    """Exits with 1 if a data key is wrapped by a key that is not there."""
    reseal = partial(rewrap, service=SERVICE, schema=SCHEMA)
    rotating.run(SERVICE, SCHEMA, Settings, SEALED, reseal=reseal)


if __name__ == "__main__":
    main()
