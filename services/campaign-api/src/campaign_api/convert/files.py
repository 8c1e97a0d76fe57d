"""Leads as a file: a table for people, or a line of JSON each for programs. A campaign as lines."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

from campaigns.models import Campaign, Lead
from campaigns.sequences.revision import Revision
from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message
from outreach.campaign.v1 import campaign_service_pb2
from outreach.campaign.v1 import lead_service_pb2 as pb

from campaign_api.convert.campaigns import campaign_to_proto
from campaign_api.convert.leads import history_to_proto, lead_to_proto
from campaign_api.convert.sequences import revision_to_proto
from campaign_api.queries.campaign_export import ExportPiece

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""How a cell begins that a spreadsheet would reckon instead of showing."""
_COLUMNS = (
    "lead_id",
    "public_identifier",
    "first_name",
    "last_name",
    "company",
    "title",
    "email",
    "phone",
    "location",
    "industry",
    "time_zone",
    "state",
    "reason",
    "detail",
    "connection",
    "account_id",
    "create_time",
    "start_time",
    "end_time",
    "reply",
    "lead_list_id",
    "release_time",
    "release_id",
    "rank",
    "opt_out_time",
    "suppression_id",
)
_VARIABLES = "variables"


MOST_BYTES = 60 * 1024
"""Of a piece of a file: what the lowest limit of messages that can be set lets through."""

Line = tuple[int, bytes]
"""What stands at a place of a file."""


@dataclass(frozen=True, kw_only=True)
class FilePiece:
    """Some of a file, and the place behind which it goes on; None where it ends within a line."""

    content: bytes
    place: int | None


class ExportFormat(StrEnum):
    """How a file of leads is written."""

    CSV = "csv"
    JSON_LINES = "json_lines"

    @property
    def has_columns(self) -> bool:
        """Whether every piece must have the columns of the first one."""
        match self:
            case ExportFormat.CSV:
                return True
            case ExportFormat.JSON_LINES:
                return False
            case _:
                assert_never(self)


def format_from_proto(number: pb.ExportFormat.ValueType) -> ExportFormat:
    """How the file is to be written."""
    if number == pb.EXPORT_FORMAT_UNSPECIFIED:
        return ExportFormat.CSV
    return ExportFormat[pb.ExportFormat.Name(number).removeprefix("EXPORT_FORMAT_")]


def in_pieces(lines: Iterable[Line]) -> Iterator[FilePiece]:
    """Lines in pieces that a message holds, however long they are."""
    content, place = b"", None
    for at, line in lines:
        if content and len(content) + len(line) > MOST_BYTES:
            yield FilePiece(content=content, place=place)
            content = b""
        content, place = content + line, at
        while len(content) > MOST_BYTES:
            yield FilePiece(content=content[:MOST_BYTES], place=None)
            content = content[MOST_BYTES:]
    if place is not None:
        yield FilePiece(content=content, place=place)


def file_lines(
    leads: Sequence[tuple[int, Lead]],
    form: ExportFormat,
    *,
    variables: Sequence[str],
    begins: bool,
) -> Iterator[Line]:
    """Leads as lines of the file; where it `begins` its header is the first."""
    match form:
        case ExportFormat.JSON_LINES:
            for place, lead in leads:
                yield place, _line(lead_to_proto(lead))
        case ExportFormat.CSV:
            if begins:
                yield 0, _header(variables)
            for place, lead in leads:
                yield place, _row(lead, variables)
        case _:
            assert_never(form)


def _line(message: Message) -> bytes:
    return (json.dumps(MessageToDict(message), ensure_ascii=False) + "\n").encode()


def _header(variables: Sequence[str]) -> bytes:
    named = [f"{_VARIABLES}.{name}" if name in _COLUMNS else name for name in variables]
    return _cells([*_COLUMNS, *named])


def _row(lead: Lead, variables: Sequence[str]) -> bytes:
    shown = MessageToDict(lead_to_proto(lead), preserving_proto_field_name=True)
    own: Mapping[str, str] = shown.get(_VARIABLES, {})
    return _cells([*(shown.get(n, "") for n in _COLUMNS), *(own.get(n, "") for n in variables)])


def _cells(values: Iterable[str]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerow(map(_cell, values))
    return text.getvalue().encode()


def _cell(value: str) -> str:
    """As it is shown and not reckoned, whoever opens it."""
    return f"'{value}" if value.startswith(_FORMULA) else value


def export_lines(campaign: Campaign, present: Revision, piece: ExportPiece) -> Iterator[Line]:
    """A piece of the file as lines; `present` is the campaign's revision."""
    for place, line in _lines(campaign, present, piece):
        yield place, _line(line)


def _lines(
    campaign: Campaign, present: Revision, piece: ExportPiece
) -> Iterator[tuple[int, campaign_service_pb2.CampaignExportLine]]:
    if piece.begins:
        shown = campaign_to_proto(campaign, present)
        yield 0, campaign_service_pb2.CampaignExportLine(campaign=shown)
    if piece.revision is not None:
        exported = campaign_service_pb2.ExportedRevision(
            revision=revision_to_proto(piece.revision), sequence_json=piece.revision.source_json
        )
        yield -piece.revision.number, campaign_service_pb2.CampaignExportLine(revision=exported)
    for place, view in piece.leads:
        lead = campaign_service_pb2.ExportedLead(
            lead=lead_to_proto(view.lead), steps=history_to_proto(view.history, view.sequence)
        )
        yield place, campaign_service_pb2.CampaignExportLine(lead=lead)
