"""The figures as tables, in the form in which docs/deploying.md has them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console

_LEADS = 100_000
_LEAST_SHARE = 0.01
"""A table that has less of the whole is summed with the others."""


def show(console: Console, figures: Mapping[str, Any]) -> None:
    """Print them."""
    for line in (*memory(figures), "", *database(figures), "", *actions(figures)):
        console.print(line, soft_wrap=True, markup=False)


def memory(figures: Mapping[str, Any]) -> list[str]:
    """What each service held and used."""
    worked = figures["processor_milliseconds_per_lead"]
    return [
        f"| `{name}` | {held['idle']:.0f} | {held['most']:.0f} | {worked[name]:.0f} |"
        for name, held in figures["memory_mebibytes"].items()
    ]


def database(figures: Mapping[str, Any]) -> list[str]:
    """What each table has of 100,000 leads."""
    tables: Mapping[str, Mapping[str, float]] = figures["bytes_per_lead"]
    whole = sum(size["data"] + size["indexes"] for size in tables.values())
    lines, rest = [], 0.0
    for name, size in tables.items():
        per_lead = size["data"] + size["indexes"]
        if per_lead < whole * _LEAST_SHARE:
            rest += per_lead
            continue
        lines.append(
            f"| `{name}` | {size['rows']:g} | {size['data']:,.0f} | {size['indexes']:,.0f} "
            f"| {per_lead * _LEADS / 1e9:.2f} |"
        )
    lines.append(f"| all others | | | {rest:,.0f} | {rest * _LEADS / 1e9:.2f} |")
    lines.append(f"| **all** | | | {whole:,.0f} | {whole * _LEADS / 1e9:.2f} |")
    return lines


def actions(figures: Mapping[str, Any]) -> list[str]:
    """What Temporal Cloud would bill of a lead."""
    told = figures["actions"]
    names = ("starts", "activities", "timers", "signals", "upserts")
    return [
        f"| {whose} | {' | '.join(f'{told[whose][name]:g}' for name in names)} |"
        for whose in ("lead", "campaign")
    ] + [f"| together | {told['per_lead']:g} |"]
