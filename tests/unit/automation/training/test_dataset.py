"""Rows are the same whoever reads them, and no company outweighs the others."""

from dataclasses import replace

from automation.scoring.features import OTHER
from automation.scoring.rules import MISSING
from automation.training.dataset import MOST_OF_A_COMPANY, Dataset, dataset_of, rows_json
from automation.training.vocabulary import MOST_LEVELS, vocabulary_of
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.automation.training.people import people, person


@given(st.permutations(range(12)))
def test_the_order_of_rows_makes_no_difference(order: list[int]) -> None:
    """Nor who is there twice."""
    rows = people(12)

    assert Dataset.of([*rows, *(rows[place] for place in order)]) == Dataset.of(rows)


def test_rows_are_the_same_when_they_are_read_again() -> None:
    """Line by line."""
    assert dataset_of(rows_json(people(5))) == Dataset.of(people(5))


def test_a_company_counts_for_twenty_at_most() -> None:
    """Five hundred of one house beside sixty of sixty others."""
    crowd = [person(number, company_key="house", accepted=True) for number in range(500)]
    found = Dataset.of([*crowd, *(person(1_000 + n, accepted=False) for n in range(60))])

    assert round(found.matured) == MOST_OF_A_COMPANY + 60
    assert round(found.accepted) == MOST_OF_A_COMPANY


def test_a_company_is_in_one_fold() -> None:
    """Whichever rows are beside it; who has no company is a company of their own."""
    found = Dataset.of([person(n, company_key=f"c{n % 9}") for n in range(90)])
    fewer = found.some(range(0, 90, 2))
    folds = {row.group: fold for row, fold in zip(found.rows, found.folds(5, 1), strict=True)}

    assert len(folds) == 9
    assert [folds[row.group] for row in fewer.rows] == [*fewer.folds(5, 1)]
    assert len({person(n).group for n in range(4)}) == 4


def test_the_last_weeks_are_whole_weeks() -> None:
    """As many as have the share of the rows; where that is all of it there are none before."""
    found = Dataset.of([person(n, week=n // 10) for n in range(100)])

    assert found.last_weeks(0.25) == 7
    assert Dataset.of([person(n, week=3) for n in range(9)]).last_weeks(0.25) is None
    assert Dataset(()).last_weeks(0.25) is None


def test_levels_that_few_have_are_others() -> None:
    """Ten thousand levels of one person each are one level, which tells nobody apart."""
    found = Dataset.of(
        [
            person(n, features={"title": f"t{n}", "country": "FR", "industry": f"i{n % 3}"})
            for n in range(10_000)
        ]
    )

    assert vocabulary_of(found).levels == {"industry": ("i0", "i1", "i2")}


def test_a_feature_has_so_many_levels_at_most() -> None:
    """The most frequent ones; the rest are others."""
    rows = [person(n, features={"city": f"c{n % 80:02}"}) for n in range(80 * 11)]
    levels = vocabulary_of(Dataset.of(rows)).levels["city"]

    assert len(levels) == MOST_LEVELS + 1
    assert OTHER in levels


def test_what_is_not_known_is_a_level() -> None:
    """Of its own, and not that of others."""
    rows = [person(n, features={"industry": "Media"} if n % 2 else {}) for n in range(40)]

    assert vocabulary_of(Dataset.of(rows)).levels["industry"] == (MISSING, "Media")


@given(
    rows=st.lists(st.tuples(st.integers(0, 12), st.integers(0, 5)), min_size=1, max_size=40),
    first=st.integers(0, 13),
)
def test_the_weeks_before_know_nothing_of_the_last(rows: list[tuple[int, int]], first: int) -> None:
    """No answer that came in them, and no colleague; everybody of the last weeks is in them."""
    whole = Dataset.of(
        replace(people(1)[0], lead_id=f"lead_{number}", week=week, company_key=f"c{company}")
        for number, (week, company) in enumerate(rows)
    )

    before, after = whole.parted(first)

    assert sorted(row.lead_id for row in after.rows) == sorted(
        row.lead_id for row in whole.rows if row.week >= first
    )
    assert all(row.week + 2 < first for row in before.rows)
    assert not {row.group for row in before.rows} & {row.group for row in after.rows}
