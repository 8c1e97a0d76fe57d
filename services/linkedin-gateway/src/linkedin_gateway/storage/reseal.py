"""`python -m linkedin_gateway.storage.reseal`: wrap the keys of what is sealed anew.

With `--older-than DAYS` it also changes data keys. Safe while the service runs, and safe to repeat.
After it the older wrapping keys can go.
"""

from functools import partial
from typing import NoReturn

from servicekit.startup import rotating
from servicekit.startup.rewrapping import rewrap

from linkedin_gateway.settings import Settings
from linkedin_gateway.storage.sealed_columns import SEALED

_SERVICE, _SCHEMA = "linkedin-gateway", "gateway"


def main() -> NoReturn:
    """Exits with 1 if a data key is wrapped by a key that is not there."""
    reseal = partial(rewrap, service=_SERVICE, schema=_SCHEMA)
    rotating.run(_SERVICE, _SCHEMA, Settings, SEALED, reseal=reseal)


if __name__ == "__main__":
    main()
