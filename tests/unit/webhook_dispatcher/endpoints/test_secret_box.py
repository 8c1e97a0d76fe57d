"""Secrets at rest."""

import pytest
from cryptography.fernet import Fernet
from hypothesis import given
from hypothesis import strategies as st
from webhook_dispatcher.endpoints.secret_box import SecretBox, SecretUnreadable

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()


@given(st.text())
def test_round_trip(secret: str) -> None:
    """What is sealed is opened again, and is not readable in between."""
    box = SecretBox([NEW])

    sealed = box.seal(secret)

    assert box.open(sealed) == secret
    assert not secret or len(secret) < 5 or secret.encode() not in sealed


def test_keys_rotate() -> None:
    """With the new key in front, old secrets still open and new ones need only the new key."""
    sealed_before = SecretBox([OLD]).seal("whsec_old")
    rotated = SecretBox([NEW, OLD])

    assert rotated.open(sealed_before) == "whsec_old"
    assert SecretBox([NEW]).open(rotated.seal("whsec_new")) == "whsec_new"


def test_a_key_that_is_gone_is_noticed() -> None:
    """A secret under a key that was dropped too early says so instead of failing darkly."""
    sealed = SecretBox([OLD]).seal("whsec_old")

    with pytest.raises(SecretUnreadable):
        SecretBox([NEW]).open(sealed)


def test_no_key_is_refused() -> None:
    """A box without a key cannot be made."""
    with pytest.raises(ValueError, match="at least one key"):
        SecretBox([])
