"""The seal of a process: by keys of its own, or in the sandbox by those that everybody knows."""

import base64
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import CollectorRegistry
from pydantic import SecretStr
from servicekit.credentials import watched_files
from servicekit.sealing.composition import seal_of
from servicekit.sealing.seal import Seal, SealedColumn, ValueUnreadable
from servicekit.settings import SealingSettings, SettingsRefused

KEY, OTHER = (base64.urlsafe_b64encode(bytes([n]) * 32).decode() for n in (1, 2))
NAMES = SealedColumn("public", "people", "name")


class Settings(SealingSettings, env_prefix="THING_"):
    """Of a service."""


def settings(**given: Any) -> Settings:
    return Settings(**{"sealing_keys": SecretStr(KEY), "sealing_hash_key": SecretStr(KEY)} | given)


def sealed(seal: Seal) -> tuple[bytes, bytes]:
    key, wrapped = seal.new_key("org_1", "ada")
    return seal.seal(key, NAMES, "org_1", "1", b"Ada"), wrapped


def test_only_the_sandbox_does_without_keys() -> None:
    """Elsewhere both are named by their settings; in it two processes read each other's values."""
    bare = Settings()

    found = {refusal.setting for refusal in bare.refusals(sandbox=False)}

    assert found >= {"THING_SEALING_KEYS", "THING_SEALING_HASH_KEY"}
    assert not [each for each in bare.refusals(sandbox=True) if "SEALING" in each.setting]
    value, wrapped = sealed(seal_of(bare, sandbox=True))
    assert seal_of(bare, sandbox=True).open(NAMES, "org_1", "1", value, wrapped) == b"Ada"


def test_a_file_half_written_leaves_its_keys_in_force(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is sealed opens meanwhile, and new values are sealed by the key of before."""
    monkeypatch.setattr(watched_files, "LOOKED_AT_EVERY", 0.0)
    file = tmp_path / "keys"
    file.write_text(f"{KEY}\n")
    seal = seal_of(settings(sealing_keys=None, sealing_keys_file=file), sandbox=False)
    value, wrapped = sealed(seal)

    file.write_text(f"{OTHER}\n{KEY[:7]}\n")

    assert seal.open(NAMES, "org_1", "1", value, wrapped) == b"Ada"
    assert sealed(seal)[1].startswith(seal_of(settings(), sandbox=False).keys.newest)


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("sealing_keys", "short"),
        ("sealing_keys", f"{KEY},short"),
        ("sealing_hash_key", "short"),
        ("sealing_hash_key", f"{KEY},{OTHER}"),
    ],
)
def test_what_is_no_key_is_refused(field: str, wrong: str) -> None:
    """By the name of its setting, which does not tell the value; of the hash there is one key."""
    with pytest.raises(SettingsRefused) as refused:
        seal_of(settings(**{field: SecretStr(wrong)}), sandbox=False)

    assert [each.setting for each in refused.value.refusals] == [f"THING_{field.upper()}"]
    assert wrong not in str(refused.value)


def test_keys_are_changed_by_overlap(tmp_path: Path) -> None:
    """What the old one wraps opens behind the new one, and no more once the old one is gone."""
    file = tmp_path / "keys"
    value, wrapped = sealed(seal_of(settings(), sandbox=False))
    file.write_text(f"{OTHER}\n{KEY}\n")
    both = settings(sealing_keys=None, sealing_keys_file=file)

    assert seal_of(both, sandbox=False).open(NAMES, "org_1", "1", value, wrapped) == b"Ada"
    alone = seal_of(settings(sealing_keys=SecretStr(OTHER)), sandbox=False)
    with pytest.raises(ValueUnreadable, match=r"people\.name: the wrapping key"):
        alone.open(NAMES, "org_1", "1", value, wrapped)


def test_what_does_not_open_is_counted() -> None:
    """Each time, for whoever is called by it."""
    registry = CollectorRegistry()
    seal = seal_of(settings(), sandbox=False, registry=registry)
    value, wrapped = sealed(seal)

    with pytest.raises(ValueUnreadable):
        seal.open(NAMES, "org_1", "2", value, wrapped)

    assert registry.get_sample_value("sealed_values_unreadable_total") == 1
