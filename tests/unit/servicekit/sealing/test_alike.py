"""Values that are sealed alike: found by what they are, and read by whoever has the key alone."""

from hypothesis import given
from hypothesis import strategies as st
from servicekit.sealing.alike import ALIKE
from servicekit.sealing.hashes import KeyedHashes
from servicekit.sealing.seal import Seal

from tests.fakes.sealing import IN_CLEAR, SEAL

VALUES = st.text(st.characters(codec="utf-8"), min_size=1).filter(
    lambda value: not value.startswith(ALIKE)
)


@given(value=VALUES, other=VALUES)
def test_equal_values_are_equal_texts_and_open(value: str, other: str) -> None:
    """Whoever compares, joins or merges by the texts does it as by the values."""
    sealed = SEAL.seal_alike("org_1", value)

    assert sealed.startswith(ALIKE)
    assert SEAL.open_alike("org_1", sealed) == value
    assert (SEAL.seal_alike("org_1", other) == sealed) == (other == value)


def test_another_organization_s_are_others() -> None:
    """Lists of two organizations cannot be compared, and a text that is copied does not open."""
    told: list[str] = []
    seal = Seal(SEAL.keys, KeyedHashes(bytes(32)), on_unreadable=told.append)
    sealed = seal.seal_alike("org_1", "ada")

    assert seal.seal_alike("org_2", "ada") != sealed
    assert seal.open_alike("org_2", sealed) == sealed
    assert len(told) == 1


def test_what_was_changed_is_nobody_s_and_told_of() -> None:
    """It stays as it lies: no provider knows anybody by it, and nothing that compares is another's.

    So do texts that only begin like one.
    """
    told: list[str] = []
    seal = Seal(SEAL.keys, KeyedHashes(bytes(32)), on_unreadable=told.append)
    sealed = seal.seal_alike("org_1", "ada")
    changed = sealed[:-4] + ("A" if sealed[-4] != "A" else "B") + sealed[-3:]

    for kept in (changed, f"{ALIKE}ä", ALIKE, f"{ALIKE}x"):
        assert seal.open_alike("org_1", kept) == kept
    assert len(told) == 4


def test_what_was_kept_in_clear_is_read_as_it_is() -> None:
    """A release before has written it so; whether a process seals other values is all one."""
    assert SEAL.open_alike("org_1", "ada") == "ada"
    assert IN_CLEAR.seal_alike("org_1", "ada") == SEAL.seal_alike("org_1", "ada")
    assert SEAL.seal_alike("org_1", "") == ""


def test_what_does_not_open_is_not_sealed_again() -> None:
    """A process of another hash key finds the row that it has read, and writes it as it lay."""
    kept = SEAL.seal_alike("org_1", "ada")
    other = Seal(SEAL.keys, KeyedHashes(bytes(32)), on_unreadable=lambda _: None)

    assert other.seal_alike("org_1", other.open_alike("org_1", kept)) == kept
