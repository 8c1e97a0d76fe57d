"""Edits of campaigns on the wire; refused by field."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from campaigns.campaign_edit import CampaignEdit
from outreach.campaign.v1 import campaign_pb2, campaign_service_pb2
from servicekit.errors import FieldViolation
from servicekit.grpc.requests.rules import broken_rules

from campaign_api.convert.settings import settings_from_proto
from campaign_api.errors import InvalidFields, invalid, required

_SETTINGS = "settings"
_MODEL_NAMES = {"start_time": "start_at", "end_time": "end_at"}
"""Of settings whose name is another one here; the others are called alike."""


def edit_from_proto(request: campaign_service_pb2.UpdateCampaignRequest) -> CampaignEdit:
    """What the mask names, as it is to be; raises `InvalidFields` naming all that is wrong."""
    campaign, paths = request.campaign, list(request.update_mask.paths)
    violations = [*broken_rules(), *_violations(request)]
    settings: Mapping[str, Any] = {}
    try:
        settings = _settings(campaign.settings, paths, {each.field for each in violations})
    except InvalidFields as error:
        violations += error.violations
    if violations:
        raise InvalidFields(violations)
    return CampaignEdit(
        etag=campaign.etag,
        name=campaign.name.strip() if "name" in paths else None,
        account_ids=tuple(campaign.account_ids) if "account_ids" in paths else None,
        settings=settings,
    )


def _violations(
    request: campaign_service_pb2.UpdateCampaignRequest,
) -> Iterator[FieldViolation]:
    campaign, paths = request.campaign, list(request.update_mask.paths)
    if request.HasField("update_mask") and not paths:
        yield required("update_mask")
    for position, path in enumerate(paths):
        if path not in _PATHS:
            yield invalid(f"update_mask.paths[{position}]", "This is not changed here.")
    if "name" in paths and not campaign.name.strip():
        yield required("campaign.name")
    if "account_ids" in paths and not campaign.account_ids:
        yield required("campaign.account_ids")


def _settings(
    settings: campaign_pb2.CampaignSettings, paths: list[str], broken: Collection[str]
) -> Mapping[str, Any]:
    """Those that the mask names; what is not named may be whatever it is."""
    named = set(_FIELDS) if _SETTINGS in paths else {each.partition(".")[2] for each in paths}
    asked = campaign_pb2.CampaignSettings()
    asked.CopyFrom(settings)
    for name in set(_FIELDS) - named:
        asked.ClearField(name)  # type: ignore[arg-type]  # a name of the descriptor's
    wanted = settings_from_proto(asked, field="campaign.settings", broken=broken)
    names = (_MODEL_NAMES.get(name, name) for name in _FIELDS if name in named)
    return {name: getattr(wanted, name) for name in names}


_FIELDS = tuple(campaign_pb2.CampaignSettings.DESCRIPTOR.fields_by_name)
_PATHS = {"name", "account_ids", _SETTINGS, *(f"{_SETTINGS}.{name}" for name in _FIELDS)}
