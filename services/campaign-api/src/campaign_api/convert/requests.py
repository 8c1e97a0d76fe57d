"""Requests that need more than reading a field: unpacked, and refused by field."""

import re
from collections.abc import AsyncIterator, Iterator, Sequence

from campaigns.models import CampaignSettings
from outreach.campaign.v1 import campaign_service_pb2, lead_service_pb2, sequence_service_pb2
from servicekit.errors import FieldViolation

from campaign_api.commands.drafts import Draft
from campaign_api.convert.settings import settings_from_proto
from campaign_api.errors import SEQUENCE, InvalidFields, invalid, required

MAX_REQUEST_ID = 200
MAX_NAME = 200
MAX_ACCOUNTS = 100
MAX_SEQUENCE = 5 * 1024 * 1024
MAX_PREVIEWS = 20
MAX_LITERALS = 100
MAX_LITERAL = 200
_DEFAULT_PREVIEWS = 3

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def draft_from_proto(request: campaign_service_pb2.CreateCampaignRequest) -> Draft:
    """The draft, with everything that its fields tell is wrong with it."""
    violations = [
        *_text_violations("request_id", request.request_id, longest=MAX_REQUEST_ID),
        *_text_violations("organization_id", request.organization_id, longest=MAX_REQUEST_ID),
        *_text_violations("name", request.name.strip(), longest=MAX_NAME),
        *_account_violations(list(request.account_ids)),
        *_sequence_violations(request.sequence_json),
        *_literal_violations("allow_literal", request.allow_literal),
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
        literal=tuple(request.allow_literal[:MAX_LITERALS]),
        violations=violations,
    )


def literal(words: Sequence[str], *, of: str = "") -> tuple[str, ...]:
    """What looks like a placeholder and is meant as it stands.

    Raises `InvalidFields` if there are too many, or one is empty or too long to be one.
    """
    violations = [*_literal_violations(f"{of}allow_literal", words)]
    if violations:
        raise InvalidFields(violations)
    return tuple(words)


def check_sequence(sequence_json: str) -> None:
    """Refuse what is no sequence at all; what is wrong inside of it is told by path.

    Raises `InvalidFields` if it is empty, too large or cannot be JSON.
    """
    violations = [*_sequence_violations(sequence_json)]
    if violations:
        raise InvalidFields(violations)


def check_validate_sequence(request: sequence_service_pb2.ValidateSequenceRequest) -> None:
    """Refuse a request without what it needs; what is wrong inside the sequence is its answer.

    Raises `InvalidFields` if it names no organization or holds no sequence.
    """
    violations = [
        *_text_violations("organization_id", request.organization_id, longest=MAX_REQUEST_ID),
        *_sequence_violations(request.sequence_json),
    ]
    if violations:
        raise InvalidFields(violations)


def renders_campaign(request: sequence_service_pb2.RenderSequenceRequest) -> bool:
    """Whether a campaign's sequence is to be rendered, and not a drawing; one it must be.

    Raises `InvalidFields` if the request names neither.
    """
    source = request.WhichOneof("source")
    if source is None:
        raise InvalidFields([required("source")])
    return source == "campaign_id"


def check_drawing(drawing: sequence_service_pb2.SequenceSource) -> None:
    """Refuse a drawing without what it needs; what is wrong inside is told in the answer.

    Raises `InvalidFields` if it names no organization or holds no sequence.
    """
    violations = [
        *_text_violations(
            "drawing.organization_id", drawing.organization_id, longest=MAX_REQUEST_ID
        ),
        *_sequence_violations(drawing.sequence_json, field=f"drawing.{SEQUENCE}"),
    ]
    if violations:
        raise InvalidFields(violations)


def check_organization(organization_id: str) -> None:
    """Refuse a request that does not say whose things it is about.

    Raises `InvalidFields` if it names no organization.
    """
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


def _literal_violations(field: str, words: Sequence[str]) -> Iterator[FieldViolation]:
    if len(words) > MAX_LITERALS:
        yield invalid(field, f"At most {MAX_LITERALS} can be named.")
    for position, word in enumerate(words[:MAX_LITERALS]):
        if not word.strip():
            yield required(f"{field}[{position}]")
        elif len(word) > MAX_LITERAL:
            yield invalid(f"{field}[{position}]", f"At most {MAX_LITERAL} characters are allowed.")


def _sequence_violations(sequence_json: str, *, field: str = SEQUENCE) -> Iterator[FieldViolation]:
    if not sequence_json.strip():
        yield required(field)
    elif len(sequence_json) > MAX_SEQUENCE:
        yield FieldViolation(field, "The sequence is too large.", "SEQUENCE_UNREADABLE")


def leads_to_preview(request: sequence_service_pb2.PreviewMessagesRequest) -> int:
    """How many leads to show.

    Raises `InvalidFields` if texts for so many cannot be written in one call.
    """
    if len(request.lead_ids) > MAX_PREVIEWS:
        raise InvalidFields([invalid("lead_ids", f"At most {MAX_PREVIEWS} leads are shown.")])
    if not 0 <= request.leads <= MAX_PREVIEWS:
        raise InvalidFields([invalid("leads", f"0 to {MAX_PREVIEWS} leads can be asked for.")])
    return request.leads or _DEFAULT_PREVIEWS


async def import_header(
    requests: AsyncIterator[lead_service_pb2.ImportLeadsRequest],
) -> lead_service_pb2.ImportLeadsHeader:
    """The first message of an import, which says where the leads go.

    Raises `InvalidFields` if the stream begins with something else.
    """
    async for request in requests:
        if request.WhichOneof("part") == "header":
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
