"""What is said under whose name: no step gets another one's text, whatever its id is."""

from campaigns.sequences.text_keys import kept_under, step_of
from hypothesis import given
from hypothesis import strategies as st

IDS = st.text(st.sampled_from("a1#~%2é"), min_size=1, max_size=8)
TEXTS = st.tuples(IDS, st.integers(1, 12), st.integers(0, 12))


@given(TEXTS, TEXTS)
def test_no_two_texts_share_a_key(one: tuple[str, int, int], other: tuple[str, int, int]) -> None:
    """The second post of `a` was kept as the first of `a#2`, which then said the same."""
    keys = {kept_under(step_id, n=n, again=again) for step_id, n, again in (one, other)}

    assert len(keys) == len({one, other})


@given(TEXTS)
def test_a_key_names_its_step(text: tuple[str, int, int]) -> None:
    """So that what a step has said stays when what others would say is forgotten."""
    step_id, n, again = text

    assert step_of(kept_under(step_id, n=n, again=again)) == step_id


def test_a_plain_id_is_its_own_key() -> None:
    """As texts were kept from the beginning: they are found again after an update."""
    keys = [kept_under("Schritt 0", n=n, again=again) for n, again in ((1, 0), (2, 0), (3, 1))]

    assert keys == ["Schritt 0", "Schritt 0#2", "Schritt 0#3~1"]
