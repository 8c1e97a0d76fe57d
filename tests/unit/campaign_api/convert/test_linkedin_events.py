"""What LinkedIn told, as far as it is understood."""

from campaign_api.convert.linkedin_events import event_from_proto
from outreach.campaign.v1 import linkedin_event_service_pb2 as pb


def test_an_incomplete_event_is_nothing() -> None:
    """It would be reported for ever and block those behind it."""
    event = pb.LinkedInEvent(
        event_id="evt_1",
        account_id="acct_ada",
        account_reconnected=pb.AccountReconnected(),
    )

    assert event_from_proto(event) is None


def test_an_event_of_a_later_kind_is_nothing() -> None:
    """This code does not know it, and must not fail on it."""
    assert event_from_proto(pb.LinkedInEvent(event_id="evt_1")) is None
