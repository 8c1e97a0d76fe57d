"""The seal of tests: by keys that every process of a test has, also one that is a service."""

from servicekit.sealing.composition import seal_of
from servicekit.sealing.seal import Seal
from servicekit.settings import SealingSettings

SEAL: Seal = seal_of(SealingSettings(), sandbox=True)
IN_CLEAR: Seal = seal_of(SealingSettings(sealing_on=False), sandbox=True)
"""The same keys, of a process that does not seal what it writes yet."""
