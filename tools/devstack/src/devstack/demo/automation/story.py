"""What the program does, told as it happens, in lines of 80 columns."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from textwrap import wrap

from automation.decisions.decision import Decision, DecisionKind
from automation.decisions.kinds import sentence
from outreach.automation.v1 import run_pb2
from outreach.campaign.v1 import experiment_pb2
from rich.console import Console
from rich.text import Text

_WIDTH = 80
_DAY_WIDTH = 12
_UNUSED = "unused_"


class Story:
    """Prints each thing once."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._told: set[tuple[str, ...]] = set()

    def run(self, run: run_pb2.Run) -> bool:
        """Tell a run that has ended; whether it was news."""
        if run.state == run_pb2.RUN_STATE_RUNNING or not self._is_news("run", run.run_id):
            return False
        counts: Mapping[str, int] = json.loads(run.result_json or "{}")
        if run.type == run_pb2.RUN_TYPE_DAILY:
            words = daily_words(run, counts)
            failed = run.state != run_pb2.RUN_STATE_COMPLETED
            self._tell(_day(run.nominal_time.ToDatetime(UTC)), words, "red" if failed else "")
        return True

    def week(self, run: run_pb2.Run, experiment: experiment_pb2.Experiment) -> None:
        """Tell how the variants stood at a review."""
        at = run.nominal_time.ToDatetime(UTC)
        self._tell(f"{_day(at)}", f"WEEK: {experiment_words(experiment)}", "bold")

    def decision(self, decision: Decision) -> None:
        """Tell what was decided, and once more whatever has become of it."""
        if decision.kind is DecisionKind.RELEASE_LEADS:
            return
        standing = (str(decision.is_approved), str(decision.is_reverting))
        if self._is_news("decision", decision.id, decision.state.value, *standing):
            at = decision.ended_at or decision.applied_at or decision.created_at
            self._tell(_day(at), sentence(decision), "cyan")

    def said(self, at: datetime, words: str) -> None:
        """Tell what a person, or LinkedIn, does."""
        self._tell(_day(at), words, "magenta")

    def _is_news(self, *what: str) -> bool:
        news = what not in self._told
        self._told.add(what)
        return news

    def _tell(self, day: str, words: str, style: str) -> None:
        for line in lines(day, words):
            self._console.print(Text(line, style=style))


def lines(day: str, words: str) -> Iterator[str]:
    """The words beside the day, wrapped."""
    wrapped = wrap(words, _WIDTH - _DAY_WIDTH, break_on_hyphens=False)
    for number, line in enumerate(wrapped):
        yield f"{'' if number else day:<{_DAY_WIDTH}}{line}"


def daily_words(run: run_pb2.Run, counts: Mapping[str, int]) -> str:
    """A day in a line: capacity, who was picked by what, and what stays unused, with why."""
    if run.state != run_pb2.RUN_STATE_COMPLETED:
        return f"{run_pb2.RunState.Name(run.state).removeprefix('RUN_STATE_').lower()}: {run.error}"
    if "selected" not in counts:
        return "only counted: the day was over"
    selected, explored = counts["selected"], counts.get("explored", 0)
    unused = {
        name.removeprefix(_UNUSED).replace("_", " "): slots
        for name, slots in counts.items()
        if name.startswith(_UNUSED)
    }
    told = (
        f"{selected:>2} of {counts['candidates']}: {selected - explored} by rank,"
        f" {explored} by chance"
    )
    reasons = ", ".join(f"{slots or ''} {why}".strip() for why, slots in sorted(unused.items()))
    return f"{told}; unused: {reasons}" if reasons else f"{told}; nothing unused"


def experiment_words(experiment: experiment_pb2.Experiment) -> str:
    """How the variants stand, and what that says."""
    tallies = ", ".join(
        f"{each.variant} {each.successes} of {each.judged} accepted" for each in experiment.variants
    )
    return f"{tallies or 'nobody judged yet'}; {_verdict(experiment)}"


def _verdict(experiment: experiment_pb2.Experiment) -> str:
    name = experiment_pb2.ExperimentState.Name(experiment.state)
    state = name.removeprefix("EXPERIMENT_STATE_").lower().replace("_", " ")
    if not experiment.winner:
        return state
    p_value = max(
        each.p_value for each in experiment.comparisons if each.better == experiment.winner
    )
    return f"{experiment.winner} wins at look {experiment.decided_at_look}, p = {p_value:.2g}"


def _day(at: datetime) -> str:
    return at.strftime("%a %d %b")
