"""Leads as a file: a table for people, or a line of JSON each for programs. A campaign as lines."""

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
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
)
_VARIABLES = "variables"


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


def piece(
    leads: Sequence[Lead], form: ExportFormat, *, variables: Sequence[str], begins: bool
) -> bytes:
    """Some leads as a piece of the file; the one with which it `begins` has its header."""
    match form:
        case ExportFormat.JSON_LINES:
            return "".join(_line(lead_to_proto(lead)) for lead in leads).encode()
        case ExportFormat.CSV:
            return _table(leads, variables, header=begins)
        case _:
            assert_never(form)


def _line(message: Message) -> str:
    return json.dumps(MessageToDict(message), ensure_ascii=False) + "\n"


def _table(leads: Sequence[Lead], variables: Sequence[str], *, header: bool) -> bytes:
    text = io.StringIO()
    table = csv.writer(text)
    if header:
        named = [f"{_VARIABLES}.{name}" if name in _COLUMNS else name for name in variables]
        table.writerow(map(_cell, [*_COLUMNS, *named]))
    for lead in leads:
        shown = MessageToDict(lead_to_proto(lead), preserving_proto_field_name=True)
        own: Mapping[str, str] = shown.get(_VARIABLES, {})
        row = [*(shown.get(name, "") for name in _COLUMNS), *(own.get(n, "") for n in variables)]
        table.writerow(map(_cell, row))
    return text.getvalue().encode()


def _cell(value: str) -> str:
    """As it is shown and not reckoned, whoever opens it."""
    return f"'{value}" if value.startswith(_FORMULA) else value


def export_content(campaign: Campaign, present: Revision, piece: ExportPiece) -> bytes:
    """A piece of the file; `present` is the campaign's revision."""
    return "".join(map(_line, _lines(campaign, present, piece))).encode()


def _lines(
    campaign: Campaign, present: Revision, piece: ExportPiece
) -> Iterator[campaign_service_pb2.CampaignExportLine]:
    if piece.begins:
        yield campaign_service_pb2.CampaignExportLine(campaign=campaign_to_proto(campaign, present))
    if piece.revision is not None:
        exported = campaign_service_pb2.ExportedRevision(
            revision=revision_to_proto(piece.revision), sequence_json=piece.revision.source_json
        )
        yield campaign_service_pb2.CampaignExportLine(revision=exported)
    for view in piece.leads:
        lead = campaign_service_pb2.ExportedLead(
            lead=lead_to_proto(view.lead), steps=history_to_proto(view.history, view.sequence)
        )
        yield campaign_service_pb2.CampaignExportLine(lead=lead)
