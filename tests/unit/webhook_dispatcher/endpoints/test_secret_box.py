"""Secrets at rest."""

from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from hypothesis import given
from hypothesis import strategies as st
from servicekit.credentials import watched_files
from webhook_dispatcher.endpoints.secret_box import SecretBox, SecretUnreadable

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()


@given(st.text())
def test_round_trip(secret: str) -> None:
    """What is sealed is opened again, and is not readable in between."""
    box = SecretBox.of([NEW])

    sealed = box.seal(secret)

    assert box.open(sealed) == secret
    assert not secret or len(secret) < 5 or secret.encode() not in sealed


def test_keys_rotate() -> None:
    """With the new key in front, old secrets still open and new ones need only the new key."""
    sealed_before = SecretBox.of([OLD]).seal("whsec_old")
    rotated = SecretBox.of([NEW, OLD])

    assert rotated.open(sealed_before) == "whsec_old"
    assert SecretBox.of([NEW]).open(rotated.seal("whsec_new")) == "whsec_new"


def test_a_key_that_is_gone_is_noticed() -> None:
    """A secret under a key that was dropped too early says so instead of failing darkly."""
    sealed = SecretBox.of([OLD]).seal("whsec_old")

    with pytest.raises(SecretUnreadable):
        SecretBox.of([NEW]).open(sealed)


def test_no_key_is_refused() -> None:
    """A box without a key cannot be made."""
    with pytest.raises(ValueError, match="at least one key"):
        SecretBox.of([])


def test_keys_in_a_file_are_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A new key in front needs no restart, and a file that holds none leaves the keys of before."""
    monkeypatch.setattr(watched_files, "LOOKED_AT_EVERY", 0.0)
    path = tmp_path / "keys"
    path.write_text(OLD)
    box = SecretBox.of_file(path)
    sealed_before = box.seal("whsec_old")

    path.write_text(f"{NEW}\n{OLD}\n")
    sealed_after = box.seal("whsec_new")
    path.write_text("no key at all")

    assert SecretBox.of([NEW]).open(sealed_after) == "whsec_new"
    assert box.open(sealed_before) == "whsec_old"
