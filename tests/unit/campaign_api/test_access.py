"""Who may see what."""

import pytest
from campaign_api.access import acts_for
from servicekit.auth import Caller


@pytest.mark.parametrize(
    ("caller", "allowed"),
    [
        (Caller("ada", "org_north", frozenset({"campaigns.read"})), True),
        (Caller("ada", "org_south", frozenset({"*"})), False),
        (Caller("gateway", "", frozenset({"*"})), True),
        (Caller("nobody", "", frozenset({"campaigns.read"})), False),
    ],
)
def test_who_acts_for_an_organization(caller: Caller, *, allowed: bool) -> None:
    """Its own callers and our own services; a star does not open another organization."""
    assert acts_for(caller, "org_north") is allowed
