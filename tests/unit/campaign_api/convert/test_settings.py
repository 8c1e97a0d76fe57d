"""Settings on the wire: what goes out comes back, and what is wrong is named."""

from contextvars import copy_context
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from campaign_api.convert.requests import draft_from_proto
from campaign_api.convert.settings import settings_from_proto, settings_to_proto
from campaigns.models import CampaignSettings, LeadAdmission, SendingWindow
from campaigns.sending_hours import too_short
from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp
from hypothesis import given
from hypothesis import strategies as st
from outreach.campaign.v1 import campaign_pb2, campaign_service_pb2
from outreach.common.v1 import sending_window_pb2
from servicekit.errors import BadInput
from servicekit.grpc.requests.checks import checked
from servicekit.grpc.requests.rules import ContractRules

windows = st.builds(
    SendingWindow,
    time_zone=st.sampled_from(["UTC", "Europe/Lisbon", "Asia/Kolkata", "America/New_York"]),
    weekdays=st.sets(st.integers(1, 7), min_size=1).map(lambda days: tuple(sorted(days))),
    opens=st.builds(time, st.integers(0, 23), st.integers(0, 59)),
    closes=st.builds(time, st.integers(0, 23), st.integers(0, 59)),
)
settings = st.builds(
    CampaignSettings,
    max_concurrent_leads=st.integers(1, 10_000),
    lead_processing_delay=st.timedeltas(timedelta(), timedelta(days=7)),
    leads_per_day=st.integers(0, 1_000_000),
    start_at=st.none()
    | st.datetimes(datetime(2000, 1, 1), timezones=st.just(UTC)).filter(  # noqa: DTZ001
        lambda at: at.year < 9999
    ),
    sending_window=st.none() | windows.filter(lambda window: not too_short(window)),
    continue_after_reply=st.booleans(),
    admission=st.sampled_from(LeadAdmission),
    keep_open=st.booleans(),
)


@given(settings)
def test_settings_round_trip(given_settings: CampaignSettings) -> None:
    """Every setting survives the wire."""
    assert settings_from_proto(settings_to_proto(given_settings)) == given_settings


def test_what_is_absent_has_its_default() -> None:
    """Nothing set is the defaults of the contract; a delay of zero is one that was set."""
    assert settings_from_proto(campaign_pb2.CampaignSettings()) == CampaignSettings(
        max_concurrent_leads=100, lead_processing_delay=timedelta(seconds=30)
    )
    none = campaign_pb2.CampaignSettings(lead_processing_delay=Duration())
    assert settings_from_proto(none).lead_processing_delay == timedelta()


def window(**changes: Any) -> campaign_pb2.CampaignSettings:
    values = {"time_zone": "Europe/Lisbon", "opens": "09:00", "closes": "18:00", **changes}
    return campaign_pb2.CampaignSettings(sending_window=sending_window_pb2.SendingWindow(**values))


def test_no_weekdays_are_monday_to_friday() -> None:
    """And a day that is named twice is one day."""
    usual = settings_from_proto(window()).sending_window
    twice = settings_from_proto(window(weekdays=[7, 1, 7])).sending_window

    assert usual is not None
    assert usual.weekdays == (1, 2, 3, 4, 5)
    assert twice is not None
    assert twice.weekdays == (1, 7)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        (campaign_pb2.CampaignSettings(max_concurrent_leads=-1), "max_concurrent_leads"),
        (campaign_pb2.CampaignSettings(max_concurrent_leads=10_001), "max_concurrent_leads"),
        (campaign_pb2.CampaignSettings(leads_per_day=-1), "leads_per_day"),
        (
            campaign_pb2.CampaignSettings(lead_processing_delay=Duration(seconds=-1)),
            "lead_processing_delay",
        ),
        (
            campaign_pb2.CampaignSettings(lead_processing_delay=Duration(seconds=2**62)),
            "lead_processing_delay",
        ),
        (campaign_pb2.CampaignSettings(start_time=Timestamp(seconds=2**62)), "start_time"),
        (window(time_zone="Europe"), "sending_window.time_zone"),
        (window(time_zone="../etc/passwd"), "sending_window.time_zone"),
        (window(time_zone="\0"), "sending_window.time_zone"),
        (window(time_zone=""), "sending_window.time_zone"),
        (window(opens="24:00"), "sending_window.opens"),
        (window(opens="9:00"), "sending_window.opens"),
        (window(closes="09:00:01"), "sending_window.closes"),
        (window(closes=""), "sending_window.closes"),
        (window(weekdays=[1, 0]), "sending_window.weekdays[1]"),
        (window(weekdays=[8]), "sending_window.weekdays[0]"),
    ],
)
def test_a_wrong_setting_is_named(wrong: campaign_pb2.CampaignSettings, field: str) -> None:
    """One violation, at the path of the field."""
    request = campaign_service_pb2.CreateCampaignRequest(settings=wrong)

    with pytest.raises(BadInput) as refused:
        _drafted(request)

    told = [each.field for each in refused.value.violations]
    assert [each for each in told if each.startswith("settings")] == [f"settings.{field}"]


def _drafted(request: campaign_service_pb2.CreateCampaignRequest) -> None:
    """What becomes of a request that comes by the interceptor."""

    def draft() -> None:
        checked(request, ContractRules(), handed=True)
        raise BadInput(draft_from_proto(request).violations)

    copy_context().run(draft)
