"""Edits of campaigns on the wire."""

from contextvars import copy_context
from datetime import timedelta
from typing import Any

import pytest
from campaign_api.convert.campaign_edits import edit_from_proto
from campaign_api.errors import InvalidFields
from campaigns.answers import ReplyScope
from google.protobuf.duration_pb2 import Duration
from google.protobuf.field_mask_pb2 import FieldMask
from outreach.campaign.v1 import campaign_pb2, campaign_service_pb2
from outreach.common.v1.sending_window_pb2 import SendingWindow
from servicekit.errors import BadInput
from servicekit.grpc.requests.checks import checked
from servicekit.grpc.requests.rules import ContractRules


def asked(*paths: str, **campaign: Any) -> campaign_service_pb2.UpdateCampaignRequest:
    return campaign_service_pb2.UpdateCampaignRequest(
        campaign=campaign_pb2.Campaign(campaign_id="camp_1", **{"etag": "4f", **campaign}),
        update_mask=FieldMask(paths=paths),
    )


def test_what_the_mask_does_not_name_is_not_read() -> None:
    """Whoever sends the whole campaign back changes only what they name."""
    settings = campaign_pb2.CampaignSettings(
        leads_per_day=7, reply_scope=campaign_pb2.REPLY_SCOPE_COMPANY, max_concurrent_leads=-1
    )

    edit = edit_from_proto(
        asked("settings.leads_per_day", "settings.reply_scope", name="", settings=settings)
    )

    assert (edit.etag, edit.name, edit.account_ids) == ("4f", None, None)
    assert edit.settings == {"leads_per_day": 7, "reply_scope": ReplyScope.COMPANY}


def test_a_blank_that_the_mask_does_not_name_is_not_refused() -> None:
    """However deep it stands; where it is named it is missing."""
    settings = campaign_pb2.CampaignSettings(sending_window=SendingWindow(time_zone="  "))
    unnamed = asked("name", name="Spring", settings=settings)
    named = asked("settings.sending_window", settings=settings)

    assert checked(unnamed, ContractRules()) is unnamed
    with pytest.raises(BadInput) as refused:
        checked(named, ContractRules())
    assert "campaign.settings.sending_window.time_zone" in {
        each.field for each in refused.value.violations
    }


def test_what_is_named_and_not_set_takes_its_default() -> None:
    """A window is taken away so; `settings` names all of them."""
    one = edit_from_proto(asked("settings.sending_window", "settings.start_time"))
    every = edit_from_proto(asked("settings"))

    assert one.settings == {"sending_window": None, "start_at": None}
    assert every.settings["lead_processing_delay"] == timedelta(seconds=30)
    assert len(every.settings) == len(campaign_pb2.CampaignSettings.DESCRIPTOR.fields)


@pytest.mark.parametrize(
    ("request_", "field"),
    [
        (asked("name", name="Summer", etag=""), "campaign.etag"),
        (asked(), "update_mask"),
        (asked("state"), "update_mask.paths[0]"),
        (asked("settings.nonsense"), "update_mask.paths[0]"),
        (asked("name", name=" "), "campaign.name"),
        (asked("account_ids"), "campaign.account_ids"),
        (asked("account_ids", account_ids=["a", "a"]), "campaign.account_ids[1]"),
        (
            asked(
                "settings",
                settings=campaign_pb2.CampaignSettings(lead_processing_delay=Duration(seconds=-1)),
            ),
            "campaign.settings.lead_processing_delay",
        ),
        (
            asked(
                "settings.sending_window",
                settings=campaign_pb2.CampaignSettings(
                    sending_window=SendingWindow(time_zone="Nowhere", opens="09:00", closes="18:00")
                ),
            ),
            "campaign.settings.sending_window.time_zone",
        ),
    ],
    ids=["no etag", "no mask", "state", "unknown", "name", "no sender", "twice", "delay", "zone"],
)
def test_what_is_wrong_is_named(request_: Any, field: str) -> None:
    """By its path in the request."""

    def edit() -> None:
        checked(request_, ContractRules(), handed=True)
        edit_from_proto(request_)

    with pytest.raises(InvalidFields) as refused:
        copy_context().run(edit)

    assert [wrong.field for wrong in refused.value.violations] == [field]
