"""What is printed when a campaign has ended."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from campaigns.sequences.diagnostics import Violation
from outreach.campaign.v1 import campaign_pb2, lead_pb2, lead_service_pb2, sequence_pb2
from rich import box
from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from devstack.demo import formatting
from devstack.demo.consistency import Check, LeadWithSteps
from devstack.demo.journal import CapUse
from devstack.stack.receiver import Received, count_types

_MOST_LEADS = 40
MOST_ROW_ERRORS = 12
_ENDED_WIDTH = 18
_WIDTH_BESIDE_STEPS = 27 + 13 + _ENDED_WIDTH
_SYMBOLS: Mapping[lead_pb2.StepState.ValueType, tuple[str, str]] = {
    lead_pb2.STEP_STATE_DONE: ("✓", "green"),
    lead_pb2.STEP_STATE_SKIPPED: ("-", "yellow"),
    lead_pb2.STEP_STATE_FAILED: ("✗", "red"),
    lead_pb2.STEP_STATE_WAITING: ("…", "cyan"),
}
_STATE_STYLES = {"replied": "bold green", "completed": "green", "failed": "red"}
_SAID_BY_STATE = ("", "SEQUENCE_COMPLETED", "PERSON_REPLIED")
_WINDOWS = ("hour", "day", "7 days")


def heading(console: Console, text: str) -> None:
    """A line that begins a part of the report."""
    console.print()
    console.print(Text(text, style="bold"))


def show_import(
    console: Console,
    answer: lead_service_pb2.ImportLeadsResponse,
    held_back: Sequence[lead_pb2.Lead],
) -> None:
    """What became of the rows of the list, and who is held back."""
    console.print(
        f"  {formatting.counted(answer.rows, 'row')}: "
        f"{formatting.counted(answer.imported, 'lead')}, "
        f"{formatting.counted(answer.duplicates, 'duplicate')}, "
        f"{answer.rejected} rejected, {answer.held_back} held back"
    )
    if answer.row_errors:
        _show_row_errors(console, answer)
    if held_back:
        table = _table("held back", "reason", "what is missing")
        for lead in held_back:
            table.add_row(lead.public_identifier, formatting.reason(lead.reason), lead.detail)
        console.print(table)
        more = answer.held_back - len(held_back)
        if more > 0:
            console.print(f"  and {more} more", style="dim")


def _show_row_errors(console: Console, answer: lead_service_pb2.ImportLeadsResponse) -> None:
    table = _table("line", "column", "reason", "what is wrong")
    for error in answer.row_errors[:MOST_ROW_ERRORS]:
        table.add_row(
            str(error.line), error.column, formatting.reason(error.reason), error.description
        )
    console.print(table)
    more = len(answer.row_errors) - MOST_ROW_ERRORS
    if more > 0:
        console.print(f"  and {more} more", style="dim")


def show_violations(
    console: Console, violations: Iterable[sequence_pb2.SequenceViolation | Violation]
) -> None:
    """Why a sequence cannot run, all at once."""
    heading(console, "Sequence")
    table = _table("where", "reason", "what is wrong")
    for violation in violations:
        table.add_row(violation.field, formatting.reason(violation.reason), violation.description)
    console.print(table)


def show_leads(
    console: Console, leads: Sequence[LeadWithSteps], steps: Sequence[campaign_pb2.StepCounts]
) -> None:
    """The table of leads by steps, and the reasons behind its symbols."""
    titles = [f"{step.index + 1} {formatting.step(step.kind)}" for step in steps]
    roomy = console.width >= _WIDTH_BESIDE_STEPS + sum(len(title) + 1 for title in titles)
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), show_edge=False, pad_edge=False)
    table.add_column("  lead", no_wrap=True, max_width=26, overflow="ellipsis")
    for title in titles:
        table.add_column(title if roomy else title.split()[0], justify="center", no_wrap=True)
    answers = console.width >= _WIDTH_BESIDE_STEPS + 3 * len(titles)
    if answers:
        table.add_column("answer", no_wrap=True)
    table.add_column("ended as", min_width=_ENDED_WIDTH, overflow="fold")
    for lead in leads[:_MOST_LEADS]:
        table.add_row(*_lead_row(lead, steps, answers=answers))
    console.print(table)
    if len(leads) > _MOST_LEADS:
        console.print(f"  and {len(leads) - _MOST_LEADS} more", style="dim")
    if not roomy:
        console.print(Padding(Text(", ".join(titles), style="dim"), (0, 0, 0, 2)))
    console.print(Text("  ✓ done   - skipped   ✗ failed   · not reached", style="dim"))
    _show_reasons(console, leads)


def _lead_row(
    lead: LeadWithSteps, steps: Sequence[campaign_pb2.StepCounts], *, answers: bool
) -> list[RenderableType]:
    by_id = {step.step_id: step for step in lead.steps}
    cells: list[RenderableType] = [f"  {_name(lead)}"]
    for step in steps:
        taken = by_id.get(step.step_id)
        symbol, style = _SYMBOLS[taken.state] if taken else ("·", "dim")
        cells.append(Text(symbol, style=style))
    state = formatting.lead_state(lead.lead.state)
    why = f" ({formatting.reason(lead.lead.reason)})"
    if lead.lead.reason in _SAID_BY_STATE:
        why = ""
    if answers:
        cells.append(_answer(lead))
    cells.append(Text(f"{state}{why}", style=_STATE_STYLES.get(state, "")))
    return cells


def _name(lead: LeadWithSteps) -> str:
    full = f"{lead.lead.first_name} {lead.lead.last_name}".strip()
    return full or lead.lead.public_identifier


def _answer(lead: LeadWithSteps) -> str:
    known = formatting.connection_state(lead.lead.connection)
    return "" if known == "none" else known


def _show_reasons(console: Console, leads: Sequence[LeadWithSteps]) -> None:
    reasons: dict[tuple[int, str, str, str], list[str]] = defaultdict(list)
    for lead in leads:
        for step in lead.steps:
            if step.reason:
                word = formatting.step(step.kind)
                key = (step.index + 1, word, formatting.step_state(step.state), step.reason)
                reasons[key].append(_name(lead))
    if not reasons:
        return
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for (number, word, state, code), names in sorted(reasons.items()):
        shown = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")  # noqa: PLR2004 - three names are enough
        table.add_row(
            f"  {number} {word} {state}", formatting.reason(code), Text(shown, style="dim")
        )
    console.print()
    console.print(table)


def show_funnel(console: Console, status: campaign_pb2.CampaignStatus) -> None:
    """How many leads went how far."""
    table = Table.grid(padding=(0, 2, 0, 0))
    for name in (*formatting.FUNNEL, *formatting.FUNNEL_AFTERWARDS):
        count = getattr(status.funnel, name)
        if count or name in {"visited", "invited", "accepted", "messaged", "replied", "withdrawn"}:
            bar = "█" * round(24 * count / max(1, status.leads))
            table.add_row(f"  {name}", Text(str(count), justify="right"), Text(bar, style="cyan"))
    console.print(table)


def show_webhooks(console: Console, events: Sequence[Received], received: int) -> None:
    """Which webhooks arrived."""
    counts = count_types(events)
    table = Table.grid(padding=(0, 2, 0, 0))
    for name, count in sorted(counts.items()):
        table.add_row(f"  {name}", Text(str(count), justify="right"))
    console.print(table)
    console.print(
        f"  {received} received, {len(events)} different ones with a verified signature",
        style="dim",
    )


def show_caps(console: Console, uses: Sequence[CapUse], names: Mapping[str, str]) -> None:
    """The fullest window of every cap that was used at all: highest / allowed."""
    table = _table("account", "action", *(f"in any {window}" for window in _WINDOWS))
    rows: dict[tuple[str, str], dict[str, CapUse]] = defaultdict(dict)
    for use in uses:
        rows[use.cap.account_id, use.cap.kind][_window(use)] = use
    for (account_id, kind), by_window in rows.items():
        if any(use.highest for use in by_window.values()):
            cells = (_use(by_window.get(window)) for window in _WINDOWS)
            table.add_row(names.get(account_id, account_id), kind, *cells)
    console.print(table)


def show_checks(console: Console, checks: Iterable[Check]) -> None:
    """What was checked."""
    for check in checks:
        mark = Text("  ✓ ", style="green") if check.holds else Text("  ✗ ", style="bold red")
        console.print(mark + Text(check.claim))
        if check.detail:
            console.print(Text(f"    {check.detail}", style="red"))


def show_stuck(console: Console, answers: Iterable[lead_service_pb2.GetLeadResponse]) -> None:
    """What leads that have not ended wait for."""
    counted: Counter[tuple[str, str]] = Counter()
    for answer in answers:
        for waiting in answer.waiting_for or [lead_pb2.WaitingFor(reason="UNKNOWN")]:
            counted[waiting.reason, waiting.description] += 1
    table = _table("leads", "wait for", "in words")
    for (code, description), count in counted.most_common():
        table.add_row(str(count), formatting.reason(code), description)
    console.print(table)


def show_steps(console: Console, steps: Iterable[sequence_pb2.Step]) -> None:
    """The compiled sequence, one line for each step."""
    table = Table.grid(padding=(0, 2, 0, 0))
    numbers = {step.step_id: step.index + 1 for step in steps}
    for step in steps:
        table.add_row(
            f"  {step.index + 1} {formatting.step(step.kind)}",
            Text(_followers(step, numbers), style="dim"),
        )
    console.print(table)


def _followers(step: sequence_pb2.Step, numbers: Mapping[str, int]) -> str:
    parts = []
    delay = formatting.span(step.next_delay.ToTimedelta())
    if step.next_step_id:
        after = "" if delay == "0 s" else f" after {delay}"
        parts.append(f"then {numbers[step.next_step_id]}{after}")
    if step.not_accepted_step_id:
        within = formatting.span(step.accept_within.ToTimedelta())
        parts.append(f"not accepted in {within}: {numbers[step.not_accepted_step_id]}")
    parts += [f"{way.name}: {_exit(way, numbers)}" for way in step.exits]
    return "; ".join(parts)


def _exit(way: sequence_pb2.Exit, numbers: Mapping[str, int]) -> str:
    if not way.next_step_id:
        return "the end"
    delay = formatting.span(way.delay.ToTimedelta())
    return str(numbers[way.next_step_id]) + ("" if delay == "0 s" else f" after {delay}")


def _window(use: CapUse) -> str:
    hours = round(use.cap.per.total_seconds() / 3600)
    return {1: "hour", 24: "day", 168: "7 days"}.get(hours, f"{hours} h")


def _use(use: CapUse | None) -> RenderableType:
    if use is None:
        return Text("")
    style = "" if use.kept else "bold red"
    return Text(f"{use.highest} / {use.cap.limit}", style=style)


def _table(*columns: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1), show_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    return table
