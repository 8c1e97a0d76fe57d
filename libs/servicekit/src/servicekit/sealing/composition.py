"""The seal of a process, put together from its settings; it counts and logs what does not open."""

import base64

from prometheus_client import CollectorRegistry, Counter

from servicekit.credentials.secrets import Secret
from servicekit.sealing.hashes import KeyedHashes
from servicekit.sealing.seal import Seal
from servicekit.sealing.wrapping_keys import KeysOfSettings
from servicekit.settings import SealingSettings, blaming
from servicekit.settings.key_texts import KEYS_EXPECTED, read_keys
from servicekit.telemetry import logs

OF_SANDBOX = base64.urlsafe_b64encode(b"everybody knows this in sandbox.").decode()
"""The key of a sandbox that was given none."""

log = logs.get_logger(__name__)


def seal_of(
    settings: SealingSettings, *, sandbox: bool, registry: CollectorRegistry | None = None
) -> Seal:
    """The seal by the keys of these settings; only the sandbox does without keys of its own.

    Raises `SettingsRefused` for what is no key.
    """
    with blaming(settings.name_of("sealing_keys"), expected=KEYS_EXPECTED):
        keys = KeysOfSettings(_secret(settings, "sealing_keys", sandbox=sandbox))
    with blaming(settings.name_of("sealing_hash_key"), expected=KEYS_EXPECTED):
        hash_key = _only(_secret(settings, "sealing_hash_key", sandbox=sandbox))
    if not settings.sealing_on and not sandbox:
        log.warning("personal_data_in_clear", why=f"{settings.name_of('sealing_on')} is false")
    return Seal(
        keys,
        KeyedHashes(hash_key),
        on=settings.sealing_on,
        on_unreadable=UnreadableValues(registry),
    )


class UnreadableValues:
    """Counts values that did not open, and says where each stands."""

    def __init__(self, registry: CollectorRegistry | None) -> None:
        self._values = Counter(
            "sealed_values_unreadable_total",
            "Sealed values that did not open: their key is lost, or they stand where they do not"
            " belong.",
            registry=registry,
        )

    def __call__(self, why: str) -> None:
        self._values.inc()
        log.error("sealed_value_unreadable", why=why)


def _secret(settings: SealingSettings, field: str, *, sandbox: bool) -> Secret:
    found = Secret.of_setting(settings, field, check=read_keys)
    return Secret.of(OF_SANDBOX) if sandbox and not found else found


def _only(secret: Secret) -> bytes:
    (key,) = read_keys(secret.all())
    return key
