"""How a campaign goes, live: a panel on a terminal, plain lines anywhere else."""

from __future__ import annotations

import time
from datetime import timedelta
from textwrap import wrap
from types import TracebackType
from typing import Protocol, Self

from outreach.campaign.v1 import campaign_pb2
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text
from servicekit.clock import Clock

from devstack.demo import formatting

_LINE_EVERY = 4.0
_LINE_WIDTH = 80
"""Columns of a log, whoever looks at it."""
_TIED = "\N{NO-BREAK SPACE}"
"""Between a name and its figure: no line ends there."""
_FRAMES = 6
_SECOND = timedelta(seconds=1)
_ENDED = ("completed", "replied", "failed", "stopped")


class Progress(Protocol):
    """What is shown while a campaign runs."""

    def show(self, status: campaign_pb2.CampaignStatus) -> None:
        """The campaign stands there now."""


def ended(status: campaign_pb2.CampaignStatus) -> int:
    """How many leads have ended."""
    return sum(getattr(status, name) for name in _ENDED)


class LinesProgress:
    """One line every few seconds and one at the end, for logs."""

    def __init__(self, console: Console, clock: Clock) -> None:
        self._console = console
        self._clock = clock
        self._shown_at = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def show(self, status: campaign_pb2.CampaignStatus) -> None:
        """Print it, unless something was printed just now."""
        over = bool(status.leads) and ended(status) == status.leads
        if not over and time.monotonic() - self._shown_at < _LINE_EVERY:
            return
        self._shown_at = time.monotonic()
        funnel = ", ".join(
            f"{name}{_TIED}{getattr(status.funnel, name)}"
            for name in (*formatting.FUNNEL, *formatting.FUNNEL_AFTERWARDS)
            if getattr(status.funnel, name)
        )
        at = f"{formatting.moment(self._clock.now())}  "
        state = formatting.campaign_state(status.state)
        leads = formatting.counted(status.leads, "lead")
        text = f"{state}: {ended(status)} of {leads} ended; {funnel or 'begun'}"
        # Broken here, under its beginning: a terminal would break it anywhere.
        for line in wrap(at + text, _LINE_WIDTH, subsequent_indent=" " * len(at)):
            shown = line.replace(_TIED, " ")
            self._console.print(shown, highlight=False, markup=False, soft_wrap=True)


class LiveProgress:
    """A panel that is drawn over and over in place."""

    def __init__(self, console: Console, clock: Clock, *, title: str) -> None:
        self._clock = clock
        self._title = title
        self._began_at = time.monotonic()
        self._status = campaign_pb2.CampaignStatus()
        self._live = Live(
            console=console,
            get_renderable=self._panel,
            refresh_per_second=_FRAMES,
            transient=True,
        )

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._live.stop()

    def show(self, status: campaign_pb2.CampaignStatus) -> None:
        """Draw this from now on."""
        self._status = status

    def _panel(self) -> RenderableType:
        status = self._status
        took = int(time.monotonic() - self._began_at)
        return Panel(
            Group(
                _counts(status),
                Text(),
                _steps(status),
                *(Text(f"{why}", style="yellow") for why in status.explanations[:3]),
            ),
            title=f"[bold]{self._title}[/]",
            subtitle=f"{formatting.moment(self._clock.now())}, a second is "
            f"{formatting.span(self._clock.virtual(_SECOND))} · {took} s",
            border_style="cyan",
            padding=(0, 2),
        )


def progress_on(console: Console, clock: Clock, *, title: str) -> LiveProgress | LinesProgress:
    """The display that suits where it goes."""
    if console.is_terminal and not console.is_dumb_terminal:
        return LiveProgress(console, clock, title=title)
    return LinesProgress(console, clock)


def _counts(status: campaign_pb2.CampaignStatus) -> Table:
    line = Table.grid(expand=True, padding=(0, 1))
    line.add_column(ratio=1)
    line.add_column(justify="right", no_wrap=True)
    parts = [
        f"[{style}]{getattr(status, name)} {name}[/]"
        for name, style in (
            ("ready", "dim"),
            ("running", "cyan"),
            ("completed", "green"),
            ("replied", "bold green"),
            ("failed", "red"),
            ("stopped", "yellow"),
        )
        if getattr(status, name)
    ]
    line.add_row(
        ProgressBar(total=max(1, status.leads), completed=ended(status)), "  ".join(parts) or "…"
    )
    return line


def _steps(status: campaign_pb2.CampaignStatus) -> Table:
    table = Table.grid(expand=True, padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(ratio=1)
    table.add_column(justify="right", no_wrap=True)
    for step in status.steps:
        through = step.done + step.skipped + step.failed
        parts = [f"[green]{step.done} done[/]"]
        parts += [f"[yellow]{step.skipped} skipped[/]"] if step.skipped else []
        parts += [f"[red]{step.failed} failed[/]"] if step.failed else []
        parts += [f"[cyan]{step.waiting} waiting[/]"] if step.waiting else []
        table.add_row(
            f"{step.index + 1} {formatting.step(step.kind)}",
            ProgressBar(total=max(1, status.leads), completed=through),
            "  ".join(parts),
        )
    return table
