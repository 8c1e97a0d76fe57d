"""Seals by keys that tests know, and those that every process of a sandbox has."""

import base64
from collections.abc import Callable, Sequence

from servicekit.credentials.secrets import Secret
from servicekit.sealing.composition import seal_of
from servicekit.sealing.hashes import KeyedHashes
from servicekit.sealing.seal import Seal
from servicekit.sealing.wrapping_keys import KeysOfSettings
from servicekit.settings import SealingSettings

SEAL: Seal = seal_of(SealingSettings(), sandbox=True)
IN_CLEAR: Seal = seal_of(SealingSettings(sealing_on=False), sandbox=True)
"""The same keys, of a process that does not seal what it writes yet."""

FIRST, SECOND = (base64.urlsafe_b64encode(bytes([n]) * 32).decode() for n in (1, 2))


def sealing_environ(prefix: str) -> dict[str, str]:
    """The settings of a service that is no sandbox."""
    return {f"{prefix}_SEALING_KEYS": FIRST, f"{prefix}_SEALING_HASH_KEY": SECOND}


def sealing(
    *keys: str, on: bool = True, on_unreadable: Callable[[str], None] = lambda _: None
) -> Seal:
    """A seal by these wrapping keys."""
    return sealing_by(keys or (FIRST,), on=on, on_unreadable=on_unreadable)


def sealing_by(
    keys: Sequence[str], *, on: bool = True, on_unreadable: Callable[[str], None] = lambda _: None
) -> Seal:
    """A seal by the wrapping keys that are in a list, as it is at each moment."""
    return Seal(
        KeysOfSettings(Secret(lambda: tuple(keys))),
        KeyedHashes(bytes([7]) * 32),
        on=on,
        on_unreadable=on_unreadable,
    )
