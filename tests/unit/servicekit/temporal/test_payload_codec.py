"""Payloads are sealed where they are asked to be, and open wherever their key is."""

import base64
from typing import Any

import pytest
from servicekit.settings.refusals import SettingsRefused
from servicekit.temporal.payload_codec import PayloadUnreadable, payload_codec
from temporalio.api.common.v1 import Payload

OLD, NEW = (base64.urlsafe_b64encode(bytes([number]) * 32).decode() for number in (1, 2))
SAID = Payload(metadata={"encoding": b"json/plain"}, data=b'"Ada Lovelace asked for it"')


def codec(keys: str, *, sealed: str = "true") -> Any:
    return payload_codec({"TEMPORAL_PAYLOAD_KEYS": keys, "TEMPORAL_PAYLOADS_SEALED": sealed})


async def test_what_is_sealed_opens_and_says_nothing() -> None:
    """Twice the same is sealed to two things, of which neither shows what it is."""
    first, second = await codec(NEW).encode([SAID, SAID])

    assert first.data != second.data
    assert b"Ada" not in first.SerializeToString()
    assert await codec(NEW).decode([first, second]) == [SAID, SAID]


async def test_keys_are_changed_by_overlap() -> None:
    """Behind the old one the new key opens, first it seals; then the old one may go."""
    (by_old,) = await codec(f"{OLD},{NEW}").encode([SAID])
    (by_new,) = await codec(f"{NEW},{OLD}").encode([SAID])

    assert await codec(f"{NEW},{OLD}").decode([by_old]) == [SAID]
    assert await codec(NEW).decode([by_new]) == [SAID]
    with pytest.raises(PayloadUnreadable):
        await codec(NEW).decode([by_old])


async def test_a_changed_payload_does_not_open() -> None:
    """Neither in its content nor under the id of another key."""
    (sealed,) = await codec(f"{NEW},{OLD}").encode([SAID])
    (other,) = await codec(OLD).encode([SAID])
    changed = Payload(metadata=dict(sealed.metadata), data=sealed.data[:-1] + b"!")
    swapped = Payload(metadata=dict(other.metadata), data=sealed.data)

    for each in (changed, swapped):
        with pytest.raises(PayloadUnreadable):
            await codec(f"{NEW},{OLD}").decode([each])


async def test_nothing_is_sealed_unless_it_is_asked_for() -> None:
    """Keys alone open; without any there is no codec."""
    given = codec(NEW, sealed="")

    assert await given.encode([SAID]) == [SAID]
    assert await given.decode(await codec(NEW).encode([SAID])) == [SAID]
    assert payload_codec({}) is None


@pytest.mark.parametrize(
    "environ",
    [
        {"TEMPORAL_PAYLOAD_KEYS": "short"},
        {"TEMPORAL_PAYLOAD_KEYS": ","},
        {"TEMPORAL_PAYLOAD_KEYS_FILE": __file__},
        {"TEMPORAL_PAYLOADS_SEALED": "true"},
        {"TEMPORAL_PAYLOADS_SEALED": "perhaps", "TEMPORAL_PAYLOAD_KEYS": NEW},
        {"TEMPORAL_PAYLOAD_KEYS": NEW, "TEMPORAL_PAYLOAD_KEYS_FILE": "/dev/null"},
    ],
)
def test_what_cannot_seal_stops_the_start(environ: dict[str, str]) -> None:
    """A process that believes that it seals, and does not, never begins."""
    with pytest.raises(SettingsRefused):
        payload_codec(environ)
