"""API keys: made, told apart from what only looks like one, and known again."""

from hypothesis import given
from hypothesis import strategies as st
from identity.keys.api_key import hash_of, is_hash_of, new_key, prefix_of

KEY, PREFIX = new_key()


def test_a_key_is_found_by_how_it_begins() -> None:
    """Its prefix is part of it, and two keys have two."""
    other, others_prefix = new_key()

    assert KEY.startswith(f"{PREFIX}_")
    assert prefix_of(KEY) == PREFIX
    assert (other, others_prefix) != (KEY, PREFIX)


@given(st.integers(0, len(KEY) - 1), st.sampled_from("0z-_ é"))
def test_a_mistyped_key_is_none(place: int, typed: str) -> None:
    """One character that is wrong, wherever: no database is asked."""
    mistyped = KEY[:place] + typed + KEY[place + 1 :]

    assert (prefix_of(mistyped) is None) == (mistyped != KEY)


@given(st.integers(0, len(KEY) - 1))
def test_a_key_that_was_cut_off_is_none(length: int) -> None:
    """As by a copy that missed its end."""
    assert prefix_of(KEY[:length]) is None


@given(st.text())
def test_whatever_is_given_is_looked_at(text: str) -> None:
    """Nothing that is no key is taken for one, and nothing breaks."""
    assert prefix_of(text) is None


def test_what_is_kept_knows_the_key_and_does_not_tell_it() -> None:
    """Only the key itself matches."""
    other, _ = new_key()

    assert is_hash_of(KEY, hash_of(KEY))
    assert not is_hash_of(other, hash_of(KEY))
    assert KEY.encode() not in hash_of(KEY)
