"""How caps are told."""

import pytest
from linkedin_gateway.models import Kind
from linkedin_gateway.models.cap import DAY, HOUR, MONTH, WEEK, Cap


@pytest.mark.parametrize(
    ("cap", "told"),
    [
        (Cap(kind=Kind.VISIT, per=DAY, actions=5), "At most 5 visits per day (customer cap)."),
        (Cap(kind=Kind.VISIT, per=HOUR, actions=1), "At most 1 visit per hour (customer cap)."),
        (
            Cap(kind=Kind.INVITATION, per=MONTH, actions=5, layer="tier", noted=True),
            "At most 5 invitations with a note per 30 days (tier cap).",
        ),
        (
            Cap(kind=Kind.MESSAGE, per=WEEK, actions=200, layer="ceiling", shared="direct_message"),
            "At most 200 direct messages per 7 days (ceiling cap).",
        ),
    ],
)
def test_a_cap_is_told_in_words(cap: Cap, told: str) -> None:
    """A lead was told of `5 customer visit per day`."""
    assert cap.sentence == told
