"""Secrets at rest."""

from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from hypothesis import given
from hypothesis import strategies as st
from servicekit.credentials import watched_files
from webhook_dispatcher.endpoints.secret_box import SecretBox, SecretUnreadable

OURS = "org_1/ep_1/secret"
OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()


@given(st.text())
def test_round_trip(secret: str) -> None:
    """What is sealed is opened again, and is not readable in between."""
    box = SecretBox.of([NEW])

    sealed = box.seal(secret, of=OURS)

    assert box.open(sealed, of=OURS) == secret
    assert not secret or len(secret) < 5 or secret.encode() not in sealed


def test_keys_rotate() -> None:
    """With the new key in front, old secrets still open and new ones need only the new key."""
    sealed_before = SecretBox.of([OLD]).seal("whsec_old", of=OURS)
    rotated = SecretBox.of([NEW, OLD])
    sealed_after = rotated.seal("whsec_new", of=OURS)

    assert rotated.open(sealed_before, of=OURS) == "whsec_old"
    assert SecretBox.of([NEW]).open(sealed_after, of=OURS) == "whsec_new"
    assert not rotated.is_newest(sealed_before)
    assert rotated.is_newest(sealed_after)


def test_what_the_release_before_sealed_opens() -> None:
    """It was Fernet's, by the same keys; whoever seals it anew makes it one of today's."""
    box = SecretBox.of([NEW, OLD])
    sealed_before = Fernet(OLD).encrypt(b"whsec_old")

    assert box.open(sealed_before, of=OURS) == "whsec_old"
    assert not box.is_newest(sealed_before)


def test_a_secret_in_anothers_row_does_not_open() -> None:
    """Whoever can write rows cannot have one customer's requests signed by another's secret."""
    sealed = SecretBox.of([NEW]).seal("whsec_ours", of=OURS)

    with pytest.raises(SecretUnreadable):
        SecretBox.of([NEW]).open(sealed, of="org_2/ep_2/secret")


@given(st.binary(max_size=80))
def test_what_nobody_sealed_does_not_open(stored: bytes) -> None:
    """Whatever a row holds, it is a secret that cannot be read, and no other failure."""
    with pytest.raises(SecretUnreadable):
        SecretBox.of([NEW]).open(stored, of=OURS)


def test_a_key_that_is_gone_is_noticed() -> None:
    """A secret under a key that was dropped too early says so instead of failing darkly."""
    sealed = SecretBox.of([OLD]).seal("whsec_old", of=OURS)

    with pytest.raises(SecretUnreadable):
        SecretBox.of([NEW]).open(sealed, of=OURS)


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
    sealed_before = box.seal("whsec_old", of=OURS)

    path.write_text(f"{NEW}\n{OLD}\n")
    sealed_after = box.seal("whsec_new", of=OURS)
    path.write_text("no key at all")

    assert SecretBox.of([NEW]).open(sealed_after, of=OURS) == "whsec_new"
    assert box.open(sealed_before, of=OURS) == "whsec_old"
