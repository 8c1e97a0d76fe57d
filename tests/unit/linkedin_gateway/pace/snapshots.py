"""What may be known of one request, drawn."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import strategies as st
from linkedin_gateway.models import AccountState, ActionRequest, HoldScope, Kind, OwnerMessages
from linkedin_gateway.pace.snapshot import Counted, Snapshot

from tests.contracts.ledger import ACCOUNT, NOW, asked

ANYTHING = Snapshot(account=ACCOUNT, action=None, profile=None)
"""Nothing is known that stands in the way."""


def around_now(hours: int = 48) -> st.SearchStrategy[datetime]:
    return st.integers(-hours, hours).map(lambda hour: NOW + timedelta(hours=hour))


lately = st.lists(st.integers(0, 200), max_size=120).map(
    lambda hours: Counted(ended=sorted(NOW - timedelta(hours=hour) for hour in hours))
)
requests: st.SearchStrategy[ActionRequest] = st.builds(
    lambda kind, messages, wait: asked(
        kind=kind, owner_messages=messages, automatic_reply_wait=wait
    ),
    st.sampled_from(Kind),
    st.sampled_from(OwnerMessages),
    st.none() | st.just(timedelta(days=1)),
)
snapshots: st.SearchStrategy[Snapshot] = st.builds(
    Snapshot,
    # Most accounts can act, and most people are known: else little would ever go.
    account=(st.just(AccountState.CONNECTED) | st.sampled_from(AccountState)).map(
        lambda state: replace(ACCOUNT, state=state)
    ),
    action=st.none(),
    profile=st.none(),
    holds=st.just([]) | st.lists(st.sampled_from(HoldScope), max_size=2),
    resolved=st.just(value=True) | st.booleans(),
    elsewhere=st.booleans(),
    replied=st.booleans(),
    owner_wrote_at=st.none() | around_now(),
    answered_at=st.none() | around_now(),
    automatic_at=st.none() | around_now(),
    post_taken=st.booleans(),
    cools_until=st.none() | st.none() | around_now(),
    counted=st.just(Counted()) | lately,
    in_flight_until=st.none() | st.none() | around_now(1),
    last_write=st.none() | st.just(("camp_1/lead_9/visit", NOW - timedelta(seconds=30))),
    due_ahead=st.just(0) | st.integers(0, 3),
)
