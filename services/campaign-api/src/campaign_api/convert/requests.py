"""Requests that need more than reading a field: unpacked, and refused by field."""

import re
from collections.abc import AsyncIterator, Iterator

from campaigns.models import CampaignSettings
from outreach.campaign.v1 import campaign_service_pb2 as pb
from outreach.campaign.v1 import linkedin_event_service_pb2 as events_pb
from servicekit.errors import FieldViolation
from servicekit.telemetry import logs

from campaign_api.commands.drafts import SEQUENCE, Draft
from campaign_api.convert.campaigns import instant
from campaign_api.convert.settings import settings_from_proto
from campaign_api.errors import InvalidFields, invalid, required
from campaign_api.linkedin_events import events

MAX_REQUEST_ID = 200
MAX_NAME = 200
MAX_ACCOUNTS = 100
MAX_SEQUENCE = 5 * 1024 * 1024
MAX_PREVIEWS = 20
_DEFAULT_PREVIEWS = 3

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")

log = logs.get_logger(__name__)


def draft_from_proto(request: pb.CreateCampaignRequest) -> Draft:
    """The draft, with everything that its fields tell is wrong with it."""
    violations = [
        *_text_violations("request_id", request.request_id, longest=MAX_REQUEST_ID),
        *_text_violations("organization_id", request.organization_id, longest=MAX_REQUEST_ID),
        *_text_violations("name", request.name.strip(), longest=MAX_NAME),
        *_account_violations(list(request.account_ids)),
        *_sequence_violations(request.sequence_json),
    ]
    settings = CampaignSettings()
    try:
        settings = settings_from_proto(request.settings)
    except InvalidFields as error:
        violations += error.violations
    return Draft(
        request_id=request.request_id,
        organization_id=request.organization_id,
        name=request.name.strip(),
        account_ids=tuple(request.account_ids[:MAX_ACCOUNTS]),
        sequence_json=request.sequence_json[: MAX_SEQUENCE + 1],
        settings=settings,
        violations=violations,
    )


def check_sequence(sequence_json: str) -> None:
    """Refuse what is no sequence at all; what is wrong inside of it is told by path."""
    violations = [*_sequence_violations(sequence_json)]
    if violations:
        raise InvalidFields(violations)


def check_validate_sequence(request: pb.ValidateSequenceRequest) -> None:
    """Refuse a request without what it needs; what is wrong inside the sequence is its answer."""
    violations = [
        *_text_violations("organization_id", request.organization_id, longest=MAX_REQUEST_ID),
        *_sequence_violations(request.sequence_json),
    ]
    if violations:
        raise InvalidFields(violations)


def renders_campaign(request: pb.RenderSequenceRequest) -> bool:
    """Whether a campaign's sequence is to be rendered, and not a drawing; one it must be."""
    source = request.WhichOneof("source")
    if source is None:
        raise InvalidFields([required("source")])
    return source == "campaign_id"


def check_drawing(drawing: pb.SequenceSource) -> None:
    """Refuse a drawing without what it needs; what is wrong inside is told in the answer."""
    violations = [
        *_text_violations(
            "drawing.organization_id", drawing.organization_id, longest=MAX_REQUEST_ID
        ),
        *_sequence_violations(drawing.sequence_json, field=f"drawing.{SEQUENCE}"),
    ]
    if violations:
        raise InvalidFields(violations)


def check_organization(organization_id: str) -> None:
    """Refuse a request that does not say whose things it is about."""
    violations = [*_text_violations("organization_id", organization_id, longest=MAX_REQUEST_ID)]
    if violations:
        raise InvalidFields(violations)


def _text_violations(field: str, value: str, *, longest: int) -> Iterator[FieldViolation]:
    if not value.strip():
        yield required(field)
    elif len(value) > longest:
        yield invalid(field, f"At most {longest} characters are allowed.")
    elif _CONTROL.search(value):
        yield invalid(field, "Control characters are not allowed.")


def _account_violations(account_ids: list[str]) -> Iterator[FieldViolation]:
    if not account_ids:
        yield required("account_ids")
    elif len(account_ids) > MAX_ACCOUNTS:
        yield invalid("account_ids", f"At most {MAX_ACCOUNTS} accounts can send.")
    for position, account_id in enumerate(account_ids[:MAX_ACCOUNTS]):
        field = f"account_ids[{position}]"
        if not account_id:
            yield required(field)
        elif account_id in account_ids[:position]:
            yield invalid(field, "This account is named twice.")


def _sequence_violations(sequence_json: str, *, field: str = SEQUENCE) -> Iterator[FieldViolation]:
    if not sequence_json.strip():
        yield required(field)
    elif len(sequence_json) > MAX_SEQUENCE:
        yield FieldViolation(field, "The sequence is too large.", "SEQUENCE_UNREADABLE")
    elif "\x00" in sequence_json:
        yield FieldViolation(field, "This is not JSON.", "SEQUENCE_UNREADABLE")


def leads_to_preview(request: pb.PreviewMessagesRequest) -> int:
    """How many leads to show; refuses more than can be written for in one call."""
    if len(request.lead_ids) > MAX_PREVIEWS:
        raise InvalidFields([invalid("lead_ids", f"At most {MAX_PREVIEWS} leads are shown.")])
    if not 0 <= request.leads <= MAX_PREVIEWS:
        raise InvalidFields([invalid("leads", f"0 to {MAX_PREVIEWS} leads can be asked for.")])
    return request.leads or _DEFAULT_PREVIEWS


async def import_header(
    requests: AsyncIterator[pb.ImportLeadsRequest],
) -> pb.ImportLeadsHeader:
    """The first message of an import, which says where the leads go."""
    async for request in requests:
        if request.WhichOneof("part") == "header":
            return request.header
        break
    raise InvalidFields(
        [FieldViolation("header", "The first message must be the header.", "FIELD_REQUIRED")]
    )


async def import_content(requests: AsyncIterator[pb.ImportLeadsRequest]) -> AsyncIterator[bytes]:
    """The file, piece by piece."""
    async for request in requests:
        if request.WhichOneof("part") != "content":
            raise InvalidFields([invalid("header", "Only the first message is a header.")])
        yield request.content


def event_from_proto(event: events_pb.LinkedInEvent) -> events.LinkedInEvent | None:
    """The event; None for one that cannot be heard: incomplete, or newer than this code.

    It is logged and no error: it would be reported again for ever, and keep
    those behind it from being heard.
    """
    what = _what(event)
    complete = event.event_id and event.account_id and event.HasField("occur_time")
    if what is None or not complete:
        log.error("linkedin_event_not_understood", event_id=event.event_id)
        return None
    return events.LinkedInEvent(
        id=event.event_id,
        organization_id=event.organization_id,
        account_id=event.account_id,
        at=instant(event.occur_time),
        leads=tuple(
            events.LeadRef(campaign_id=lead.campaign_id, lead_id=lead.lead_id)
            for lead in event.leads
        ),
        what=what,
    )


def _what(event: events_pb.LinkedInEvent) -> events.What | None:  # noqa: PLR0911 - one each
    match event.WhichOneof("event"):
        case "invitation_accepted":
            return events.InvitationAccepted(provider_id=event.invitation_accepted.provider_id)
        case "reply_received":
            reply = event.reply_received
            return events.ReplyReceived(
                provider_id=reply.provider_id,
                chat_id=reply.chat_id,
                message_id=reply.message_id,
                # A character that neither PostgreSQL nor a person can read.
                text=reply.text.replace("\0", ""),
                automatic=reply.automatic,
            )
        case "account_disconnected":
            return events.AccountDisconnected(reason=event.account_disconnected.reason)
        case "account_reconnected":
            return events.AccountReconnected()
        case "account_cooling_down":
            cooling = event.account_cooling_down
            return events.AccountCoolingDown(
                action=cooling.action, cause=cooling.cause, ends_at=instant(cooling.end_time)
            )
        case "account_cooled_down":
            return events.AccountCooledDown(action=event.account_cooled_down.action)
        case "actions_freed":
            return events.ActionsFreed(cause=event.actions_freed.cause)
        case _:
            return None
