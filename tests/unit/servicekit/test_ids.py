"""servicekit.ids."""

import pytest
from servicekit.ids import has_prefix, new_id, new_ids


def test_ids_have_their_prefix() -> None:
    """An id says what it is an id of."""
    made = new_id("job")

    assert has_prefix(made, "job")
    assert not has_prefix(made, "jo")
    assert len(made) == len("job_") + 26
    assert made == made.lower()


def test_ids_are_unique_and_sort_by_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ids made later sort later, also within a millisecond."""
    moments = iter(range(1_700_000_000_000_000_000, 1_700_000_001_000_000_000, 1_000))
    monkeypatch.setattr("time.time_ns", lambda: next(moments))

    made = [new_id("job") for _ in range(1000)]

    assert made == sorted(made)
    assert len(set(made)) == 1000


@pytest.mark.parametrize(
    "value", ["", "job", "job_", "job_UPPER", "job_il", "other_abc", "job_a/b"]
)
def test_other_strings_are_not_ids(value: str) -> None:
    """Only what `new_id` could have made, or a shorter id of the same letters, is one."""
    assert not has_prefix(value, "job")


@pytest.mark.parametrize("prefix", ["", "Job", "a_b", "1a"])
def test_prefixes_are_words(prefix: str) -> None:
    """A prefix is lower case letters and digits."""
    with pytest.raises(ValueError, match="prefix"):
        new_id(prefix)


def test_ids_of_one_moment() -> None:
    """Many at once are each what `new_id` makes, in their order, and no two alike."""
    before, made, after = new_id("job"), new_ids("job", 500), new_id("job")

    assert [before, *made, after] == sorted({before, *made, after})
    assert all(has_prefix(each, "job") and len(each) == len(before) for each in made)
    assert new_ids("job", 0) == []
