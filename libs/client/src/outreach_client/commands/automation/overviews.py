"""`outreach reports overview`: how those stand whom campaigns have contacted."""

from collections.abc import Iterable
from itertools import groupby
from typing import Annotated

import typer
from outreach.automation.v1 import overview_pb2, report_pb2, score_pb2
from outreach.automation.v1 import report_service_pb2 as pb

from outreach_client.commands.groups import group
from outreach_client.formats.enums import enum_text
from outreach_client.formats.facts import Fact, print_facts
from outreach_client.formats.output import print_json, print_sentence
from outreach_client.session import AsJson, Organization, ask, enum_option

app = group()

_DIMENSIONS, _SOURCES = overview_pb2.OverviewDimension.DESCRIPTOR, score_pb2.LeadSource.DESCRIPTOR
_YOUNG = "~"
_LEGEND = (
    "Of so many who have had their time, how many did; and where the true share lies"
    f" 95 times of 100. {_YOUNG} Not all of them have had their time yet."
)


@app.command()
def overview(
    organization: Organization,
    program: Annotated[
        list[str] | None, typer.Option(help="Of this program; repeat for more.")
    ] = None,
    campaign: Annotated[
        list[str] | None, typer.Option(help="Of this campaign; repeat for more.")
    ] = None,
    by: Annotated[
        list[int] | None,
        enum_option(_DIMENSIONS, "--by", help="In this respect alone; repeat for more."),
    ] = None,
    first_week: Annotated[
        str, typer.Option(help="From the week with this day on, as 2027-03-22.")
    ] = "",
    last_week: Annotated[str, typer.Option(help="Until the week with this day.")] = "",
    *,
    as_json: AsJson = False,
) -> None:
    """Tell what came of those who were contacted, by step, sender, week and more.

    As things stand now, of the newest programs unless some are named; a report stays as its days
    ended.
    """
    request = pb.GetOverviewRequest(
        organization_id=organization,
        program_ids=program or (),
        campaign_ids=campaign or (),
        dimensions=by or (),  # type: ignore[arg-type]
        first_week=first_week,
        last_week=last_week,
    )
    answer = ask(lambda client: client.reports.get_overview(request))
    if as_json:
        print_json(answer)
        return
    for told in answer.campaigns:
        of = f", {told.program_id}" if told.program_id else ""
        print_sentence(f"{told.campaign_id}{of}, weeks of {told.time_zone}")
        _print_lines("everybody", [{"everybody": "", **_figures(told.everybody)}])
        for dimension, lines in groupby(told.lines, lambda line: line.dimension):
            name = enum_text(_DIMENSIONS, dimension)
            _print_lines(name, [{name: _called(each), **_figures(each.figures)} for each in lines])
    print_sentence(_LEGEND if answer.campaigns else "none")
    if answer.more_programs:
        print_sentence("There are more programs: --program names them.")


def _print_lines(name: str, lines: Iterable[Fact]) -> None:
    print_facts([*lines], name=name)


def _figures(figures: overview_pb2.CohortFigures) -> Fact:
    young = "" if figures.mature else _YOUNG
    return {
        "people": f"{young}{figures.contacted:,}",
        "accepted": _told(figures.accepted) if figures.HasField("accepted") else "",
        "replied": _told(figures.replied),
        "opted out": f"{figures.opted_out.count:,}",
    }


def _told(share: report_pb2.Share) -> str:
    if not share.of:
        return "of nobody yet"
    rate = f"{share.count / share.of:.0%}"
    return f"{share.count:,}/{share.of:,} {rate} {share.low * 100:.0f}-{share.high * 100:.0f}"


def _called(line: overview_pb2.OverviewLine) -> str:
    """What those of a line have in common."""
    if line.dimension == overview_pb2.OVERVIEW_DIMENSION_SLOT:
        return enum_text(_SOURCES, line.slot).replace("_", " ") or "by no program"
    parts = (line.step_id, line.variant, line.account_id, line.seniority, line.industry, line.week)
    return " ".join(filter(None, parts))
