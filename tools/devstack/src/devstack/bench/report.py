"""The table of the bench."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table


def show_bench(console: Console, figures: Mapping[str, Any]) -> None:
    """Print what was measured."""
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1), show_edge=False)
    table.add_column("")
    for column in ("whole line", "floor", "line / floor"):
        table.add_column(column, justify="right")
    rates, share = figures["leads_per_second"], figures["line_share_of_floor"]
    table.add_row("leads per second", _range(rates["line"]), _range(rates["floor"]), _range(share))
    line, floor = figures["history_of_a_lead"], figures["history_of_a_floor_lead"]
    for name, title in (
        ("events", "history events per lead"),
        ("workflow_tasks", "workflow tasks per lead"),
        ("activities", "activities per lead"),
        ("timers", "timers per lead"),
        ("signals", "signals per lead"),
    ):
        ratio = f"{line[name] / floor[name]:.2f}" if floor[name] else ""
        table.add_row(title, str(line[name]), str(floor[name]), ratio)
    asked, floor_asked = figures["requests_per_lead"], figures["requests_per_floor_lead"]
    for name, title in (
        ("frontend", "frontend requests per lead"),
        ("persistence", "persistence operations per lead"),
    ):
        ratio = f"{asked[name] / floor_asked[name]:.2f}" if floor_asked[name] else ""
        table.add_row(title, f"{asked[name]:.1f}", f"{floor_asked[name]:.1f}", ratio)
    for name, milliseconds in figures["processor_milliseconds_per_lead"].items():
        table.add_row(f"processor ms per lead, {name}", f"{milliseconds:.0f}", "", "")
    for name, mebibytes in figures["mebibytes_per_1000_open_leads"].items():
        table.add_row(f"MiB per 1,000 open leads, {name}", f"{mebibytes:.0f}", "", "")
    console.print()
    console.print(table)
    _show_pace(console, figures["pace"])
    _show_compiling(console, figures["compiling"])
    console.print(
        f"  {figures['leads_per_run']} leads a run, {figures['steps_per_lead']} steps a lead, "
        "delays zero, caps open; [lowest-highest] of the runs.\n"
        "  Requests of the line include its webhooks' workflows; long polls are left out.",
        style="dim",
        markup=False,
    )


def _show_pace(console: Console, pace: Mapping[str, Any]) -> None:
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1), show_edge=False)
    for column in ("decisions by 8 callers", "per second", "/ floor", "p50 ms", "p99 ms"):
        table.add_column(column, justify="left" if "callers" in column else "right")
    for accounts in ("1_account", "1000_accounts"):
        for name, figures in pace[accounts].items():
            columns = ("per_second", "share_of_floor", "p50_ms", "p99_ms")
            title = f"{name}, {accounts.replace('_', ' ')}"
            table.add_row(title, *(_range(figures[column]) for column in columns))
    console.print(table)
    waiting = pace["10000_waiting"]
    console.print(
        f"  {waiting['waiting']} waiting on one account: p50 {waiting['p50_ms']:.1f} ms, "
        f"p99 {waiting['p99_ms']:.1f} ms; {waiting['wake_ups_per_action']} wake-ups for each of "
        f"{waiting['performed']} performed",
        style="dim",
        markup=False,
    )
    mixed = pace["all_kinds_waiting"]
    console.print(
        f"  {mixed['waiting']} of all kinds waiting on one account: p50 {mixed['p50_ms']:.1f} ms, "
        f"p99 {mixed['p99_ms']:.1f} ms; {mixed['wake_ups_per_action']} wake-ups for each of "
        f"{mixed['performed']} performed, {mixed['as_told']:.0%} when they were told at first",
        style="dim",
        markup=False,
    )
    for name, past in pace.items():
        if name.endswith("_rows"):
            _show_past(console, name.removesuffix("_rows"), past)


def _show_past(console: Console, rows: str, past: Mapping[str, Any]) -> None:
    """The slow end of each: that is where a table read whole would show."""
    slow = {f"a page of {name}": page["first_page"] for name, page in past["list_actions"].items()}
    slow |= {"a decision": past["decisions"], "the gauge of the queue": past["queued_gauge"]}
    slow |= {"the call that lifts a hold": past["hold_lifted"]["call"]}
    told = ", ".join(f"{name} {figures['p99_ms']:.1f}" for name, figures in slow.items())
    console.print(f"  beside {int(rows):,} rows, p99 ms: {told}", style="dim", markup=False)


def _show_compiling(console: Console, compiling: Mapping[str, Any]) -> None:
    console.print(
        f"  a sequence of {compiling['steps']} steps compiles in "
        f"{_range(compiling['compile_ms'])} ms, {_range(compiling['times_the_floor'])} times as "
        f"long as reading its JSON ({compiling['bytes']:,} bytes)",
        markup=False,
    )


def _range(measured: Mapping[str, Any]) -> str:
    return f"{measured['median']:.2f} [{measured['lowest']:.2f}-{measured['highest']:.2f}]"
