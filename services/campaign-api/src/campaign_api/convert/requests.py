"""Requests that need more than reading a field: unpacked, and refused by field."""

from collections.abc import AsyncIterator

from campaigns.lead_list_import import LeadListEdit
from campaigns.models import CampaignSettings
from outreach.campaign.v1 import campaign_service_pb2, lead_list_service_pb2, lead_service_pb2
from servicekit.errors import FieldViolation
from servicekit.grpc.requests.rules import broken_rules
from servicekit.request_ids.named_request import said_by

from campaign_api.commands.drafts import Draft
from campaign_api.convert.settings import settings_from_proto
from campaign_api.errors import SEQUENCE, InvalidFields, invalid, required


def draft_from_proto(request: campaign_service_pb2.CreateCampaignRequest) -> Draft:
    """The draft, with everything that its fields tell is wrong with it; less what breaks a rule."""
    violations = broken_rules()
    broken = {each.field for each in violations}
    settings = CampaignSettings()
    try:
        settings = settings_from_proto(request.settings, broken=broken)
    except InvalidFields as error:
        violations += error.violations
    return Draft(
        request_id=request.request_id,
        organization_id=request.organization_id.strip(),
        name=request.name.strip(),
        account_ids=() if "account_ids" in broken else tuple(request.account_ids),
        sequence_json="" if SEQUENCE in broken else request.sequence_json,
        settings=settings,
        literal=() if "allow_literal" in broken else tuple(request.allow_literal),
        said=said_by(request),
        violations=violations,
    )


async def import_header(
    requests: AsyncIterator[lead_service_pb2.ImportLeadsRequest],
) -> lead_service_pb2.ImportLeadsHeader:
    """The first message of an import, which says where the leads go.

    Raises `InvalidFields` if the stream begins with something else, or brings people into a list,
    which an operation does.
    """
    async for request in requests:
        if request.WhichOneof("part") == "header":
            if request.header.lead_list_id and not request.header.validate_only:
                text = (
                    "CreateImport brings people into a list; here it is only said what that does."
                )
                raise InvalidFields([invalid("header.lead_list_id", text)])
            return request.header
        break
    raise InvalidFields(
        [FieldViolation("header", "The first message must be the header.", "FIELD_REQUIRED")]
    )


async def import_content(
    requests: AsyncIterator[lead_service_pb2.ImportLeadsRequest],
) -> AsyncIterator[bytes]:
    """The file, piece by piece.

    Raises `InvalidFields` if another header comes in between.
    """
    async for request in requests:
        if request.WhichOneof("part") != "content":
            raise InvalidFields([invalid("header", "Only the first message is a header.")])
        yield request.content


def lead_list_edit_from_proto(
    request: lead_list_service_pb2.UpdateLeadListRequest,
) -> LeadListEdit:
    """What the mask names, as it is to be; raises `InvalidFields` naming all that is wrong."""
    asked, paths = request.lead_list, list(request.update_mask.paths)
    violations = [
        invalid(f"update_mask.paths[{position}]", "This is not changed here.")
        for position, path in enumerate(paths)
        if path not in ("name", "description")
    ]
    if not paths:
        violations.append(required("update_mask"))
    if not asked.lead_list_id:
        violations.append(required("lead_list.lead_list_id"))
    if "name" in paths and not asked.name.strip():
        violations.append(required("lead_list.name"))
    if violations:
        raise InvalidFields(violations)
    return LeadListEdit(
        etag=asked.etag,
        name=asked.name.strip() if "name" in paths else None,
        description=asked.description if "description" in paths else None,
    )
