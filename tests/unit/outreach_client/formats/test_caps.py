"""Caps as people write them."""

import pytest
from outreach.linkedin.v1 import action_pb2
from outreach_client.formats.caps import parse_cap


@pytest.mark.parametrize(
    ("text", "seconds", "actions"),
    [
        ("invitation/hour=3", 3600, 3),
        ("invitation/day=15", 86400, 15),
        ("invitation/7d=80", 604800, 80),
    ],
)
def test_caps_are_read(text: str, seconds: int, actions: int) -> None:
    """A kind, a rolling window and a number make a cap."""
    cap = parse_cap(text)

    assert cap.kind == action_pb2.ACTION_KIND_INVITATION
    assert (cap.per.seconds, cap.actions) == (seconds, actions)


@pytest.mark.parametrize(
    "text", ["", "invitation", "invitation/day", "dance/day=1", "visit/day=-1", "visit/moon=1"]
)
def test_other_texts_are_no_caps(text: str) -> None:
    """What is not a cap is refused, and told why."""
    with pytest.raises(ValueError, match="is not"):
        parse_cap(text)
