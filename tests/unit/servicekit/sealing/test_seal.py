"""A value opens where it was sealed, by the key of whom it is of, and nowhere else."""

import base64
import hmac
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from servicekit.credentials.secrets import Secret
from servicekit.sealing.hashes import KeyedHashes
from servicekit.sealing.seal import DataKey, Seal, SealedColumn, ValueUnreadable
from servicekit.sealing.wrapping_keys import KeyLost, KeysOfSettings

FIRST, SECOND = (base64.urlsafe_b64encode(bytes([n]) * 32).decode() for n in (1, 2))
NAMES = SealedColumn("campaign", "leads", "person")


def sealing(keys: str = FIRST, told: list[str] | None = None) -> Seal:
    heard = [] if told is None else told
    return Seal(
        KeysOfSettings(Secret.of(keys)),
        KeyedHashes(b"\x07" * 32),
        on_unreadable=heard.append,
    )


def sealed(seal: Seal, value: bytes = b"Ada Lovelace") -> tuple[DataKey, bytes, bytes]:
    key, wrapped = seal.new_key("org_1", "ada")
    return key, wrapped, seal.seal(key, NAMES, "org_1", "lead_1", value)


@given(st.binary(max_size=400))
def test_what_is_sealed_opens(value: bytes) -> None:
    """Whatever it is; and it is never sealed to the same twice."""
    seal = sealing()
    key, wrapped, found = sealed(seal, value)

    assert seal.open(NAMES, "org_1", "lead_1", found, wrapped) == value
    assert seal.seal(key, NAMES, "org_1", "lead_1", value) != found
    assert not value or len(value) < 4 or value not in found


@pytest.mark.parametrize(
    ("place", "organization", "row"),
    [
        (NAMES, "org_1", "lead_2"),
        (NAMES, "org_2", "lead_1"),
        (replace(NAMES, column="reply"), "org_1", "lead_1"),
        (replace(NAMES, table="lead_list_entries"), "org_1", "lead_1"),
        (replace(NAMES, schema="gateway"), "org_1", "lead_1"),
    ],
)
def test_a_value_that_was_copied_does_not_open(
    place: SealedColumn, organization: str, row: str
) -> None:
    """To another row, column, table, schema or organization; it is told of."""
    told: list[str] = []
    seal = sealing(told=told)
    _, wrapped, found = sealed(seal)

    with pytest.raises(ValueUnreadable) as refused:
        seal.open(place, organization, row, found, wrapped)

    assert "Ada" not in str(refused.value)
    assert len(told) == 1


def test_a_changed_value_does_not_open() -> None:
    """Not in any of its bytes."""
    seal = sealing()
    _, wrapped, found = sealed(seal)

    for place in range(len(found)):
        changed = found[:place] + bytes([found[place] ^ 1]) + found[place + 1 :]
        with pytest.raises(ValueUnreadable):
            seal.open(NAMES, "org_1", "lead_1", changed, wrapped)


def test_another_persons_key_does_not_open_and_does_not_seal() -> None:
    """Swapped between people, or relabelled as another's, a data key is of no use."""
    told: list[str] = []
    seal = sealing(told=told)
    key, wrapped, found = sealed(seal)
    other, others = seal.new_key("org_1", "bob")

    with pytest.raises(ValueUnreadable):
        seal.open(NAMES, "org_1", "lead_1", found, others)
    with pytest.raises(ValueUnreadable):
        seal.key_for("org_1", "bob", key.id, wrapped)
    with pytest.raises(ValueUnreadable):
        seal.key_for("org_2", "ada", key.id, wrapped)
    assert seal.key_for("org_1", "bob", other.id, others).id == other.id
    assert len(told) == 3


def test_a_destroyed_key_takes_everything_with_it_at_once() -> None:
    """However lately it was used: nothing opens without the key that comes with the row."""
    seal = sealing()
    _, wrapped, found = sealed(seal)
    assert seal.open(NAMES, "org_1", "lead_1", found, wrapped)

    with pytest.raises(ValueUnreadable):
        seal.open(NAMES, "org_1", "lead_1", found, None)


def test_wrapping_keys_are_changed_by_overlap() -> None:
    """Values stay as they are; once the data key is wrapped anew, the old one is not needed."""
    before, both, after = sealing(FIRST), sealing(f"{SECOND},{FIRST}"), sealing(SECOND)
    key, wrapped, found = sealed(before)

    anew = both.rewrapped("org_1", key.id, wrapped)

    assert both.open(NAMES, "org_1", "lead_1", found, wrapped) == b"Ada Lovelace"
    assert anew.startswith(both.keys.newest)
    assert after.open(NAMES, "org_1", "lead_1", found, anew) == b"Ada Lovelace"
    with pytest.raises(ValueUnreadable):
        after.open(NAMES, "org_1", "lead_1", found, wrapped)
    with pytest.raises(KeyLost):
        after.rewrapped("org_1", key.id, wrapped)


def test_keys_are_kept_for_a_while() -> None:
    """So many, and no longer than so; by all of what they are unwrapped from."""
    now = [0.0]
    seal = Seal(KeysOfSettings(Secret.of(FIRST)), KeyedHashes(b"\x07" * 32), now=lambda: now[0])
    key, wrapped = seal.new_key("org_1", "ada")

    first = seal.cipher("org_1", key.id, wrapped)
    now[0] = 299.0
    assert seal.cipher("org_1", key.id, wrapped) is first
    now[0] = 300.0
    assert seal.cipher("org_1", key.id, wrapped) is not first
    for number in range(10_001):
        other, others = seal.new_key("org_1", str(number))
        seal.cipher("org_1", other.id, others)
    assert len(seal._kept) == 10_000


def test_many_are_sealed_as_one_is() -> None:
    """Each by its key for its row, and no nonce twice; so are keys that are made at once."""
    seal, people = sealing(), ["ada", "bob", "cy"]
    keys = seal.new_keys("org_1", people)

    found = seal.seal_all(
        NAMES,
        "org_1",
        [(key, row, row.encode()) for (key, _), row in zip(keys, people, strict=True)],
    )

    for (key, wrapped), row, value in zip(keys, people, found, strict=True):
        assert seal.open(NAMES, "org_1", row, value, wrapped) == row.encode()
        assert seal.key_for("org_1", row, key.id, wrapped).id == key.id
    assert len({value[17:29] for value in found}) == len({key.id for key, _ in keys}) == 3
    assert len({wrapped[9:21] for _, wrapped in keys}) == 3


@given(
    st.binary(min_size=32, max_size=32),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=200),
)
def test_hashes_are_hmac(key: bytes, value: str) -> None:
    """What is found by a hash now is found by those that lie in tables since before."""
    own = hmac.digest(key, b"keyed hashes of org_1\x01", "sha256")

    assert (
        KeyedHashes(key).hashed("org_1", "person", value)
        == hmac.digest(own, b"person\n" + value.encode("utf-8"), "sha256")[:16].hex()
    )


def test_hashes_are_of_an_organization_and_of_a_kind() -> None:
    """What is equal is found; elsewhere, or as another thing, it is another hash. None of none."""
    seal = sealing()
    ada = seal.hashed("org_1", "person", "ada")

    assert ada == seal.hashed("org_1", "person", "ada")
    others = {seal.hashed("org_2", "person", "ada"), seal.hashed("org_1", "company", "ada")}
    assert len({ada, *others}) == 3
    assert seal.hashed("org_1", "person", "") == ""


@pytest.mark.parametrize("length", range(0, 90, 7))
def test_what_was_cut_short_is_told_of(length: int) -> None:
    """A value, or the data key beside it: it does not open, wherever it ends."""
    seal = sealing()
    key, wrapped, found = sealed(seal)

    for value, beside in (
        (found[: min(length, len(found) - 1)], wrapped),
        (found, wrapped[:length]),
    ):
        with pytest.raises(ValueUnreadable):
            seal.open(NAMES, "org_1", "lead_1", value, beside)
    with pytest.raises(KeyLost):
        seal.rewrapped("org_1", key.id, wrapped[:length])


@pytest.mark.parametrize(
    "keys", ["", "short", "!", "é", FIRST[:-4], f"{FIRST},x", f"{FIRST[:9]}$%!{FIRST[9:]}", ","]
)
def test_what_is_no_key_is_refused(keys: str) -> None:
    """Before anything is sealed by it."""
    with pytest.raises(ValueError, match="32 random bytes"):
        KeysOfSettings(Secret.of(keys))
