"""What is told of an action that does not go."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from linkedin_gateway.models import AccountState
from linkedin_gateway.pace.explanation import explain
from linkedin_gateway.pace.ranking import QueueAhead
from linkedin_gateway.pace.snapshot import PaceRules, Snapshot

from tests.contracts.ledger import NOW, asked
from tests.unit.linkedin_gateway.pace.snapshots import snapshots

OF_THE_ACCOUNT = {"WAITING_FOR_HOURS", "WAITING_FOR_CAP", "WAITING_FOR_GAP", "WAITING_FOR_TURN"}


@given(snapshots)
def test_nothing_goes_by_the_hours_of_an_account_that_is_gone(snapshot: Snapshot) -> None:
    """A lead of a removed account was told of working hours, and when they begin."""
    gone = replace(snapshot, account=replace(snapshot.account, state=AccountState.REMOVED))

    told = explain(asked(), gone, QueueAhead(), PaceRules(), now=NOW)

    assert told[0].reason == "ACCOUNT_REMOVED"
    assert not OF_THE_ACCOUNT & {each.reason for each in told}
