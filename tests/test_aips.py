"""The contract next to Google's API improvement proposals, rule by rule."""

from collections import Counter

import pytest

from tests.aips.exceptions import EXCEPTIONS
from tests.aips.rules import RULES


@pytest.mark.parametrize("name", RULES)
def test_a_rule_is_kept_or_is_not_on_purpose(name: str) -> None:
    """What does not keep it is listed with its reason, and nothing else is."""
    reasons = EXCEPTIONS.get(name, {})
    listed = Counter(each for names in reasons.values() for each in names)

    assert Counter(each.removeprefix("outreach.") for each in RULES[name]()) == listed


def test_no_exception_is_of_a_rule_that_is_gone() -> None:
    """Each belongs to a rule, by its whole name."""
    assert {*EXCEPTIONS} <= {*RULES}
