"""What there is to know of each kind of decision, in one table. Pure.

Whether a program in AUTOPILOT does it by itself: only what orders, slows down or stops, and what
archives what was proven worse. Whatever makes more, or says something new, is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from servicekit.tables import total

from automation.decisions.decision import Decision, DecisionKind, DecisionState, Facts


@dataclass(frozen=True, kw_only=True)
class KindOfDecision:
    """How a kind is told, and how freely it is done."""

    by_itself: bool
    """Whether AUTOPILOT applies it without asking."""
    clause: Callable[[Facts, Facts, Facts], str]
    """What is done and why, by inputs, before and after: a clause without a full stop."""
    stops: bool = False
    """Whether it only stops something: REVIEW does not wait for an answer to that either."""


def _count(facts: Facts, name: str) -> str:
    value = facts.get(name, 0)
    return f"{value:,}" if isinstance(value, int) else str(value)


def _told(facts: Facts, name: str, text: str) -> str:
    """The text with a fact in it; nothing where the fact is not known."""
    value: Any = facts.get(name)
    return text.format(value) if value not in (None, "") else ""


def _release(inputs: Facts, _before: Facts, after: Facts) -> str:
    told = f"release {_count(after, 'released')} of {_count(inputs, 'candidates')} ready leads"
    told += _told(after, "day", " for {}")
    told += _told(inputs, "explored", ", {} of them by chance")
    told += _told(inputs, "model_id", ", the others ranked by {}")
    told += _told(inputs, "unused", "; {} slots stay unused")
    told += _left_out(after)
    return told + (f"; {_count(after, 'begun')} had begun, and go on" if after.get("begun") else "")


def _left_out(after: Facts) -> str:
    reasons: Mapping[str, int] = after.get("left_out_by_reason") or {}
    if not reasons:
        return ""
    by = ", ".join(f"{number} by {why}" for why, number in sorted(reasons.items()))
    return f"; {sum(reasons.values())} that were selected did not fit any more: {by}"


def _admission(_inputs: Facts, before: Facts, after: Facts) -> str:
    was, becomes = before.get("admission", "?"), after.get("admission", "?")
    return f"change the campaign's admission from {was} to {becomes}"


def _archive(inputs: Facts, before: Facts, after: Facts) -> str:
    told = f"archive variant {after.get('archived', '?')}"
    told += _told(after, "step_id", " of step {}")
    told += _told(before, "revision", ", by a revision after {}")
    return told + _told(inputs, "p_value", ": it is worse, p = {}")


def _split(inputs: Facts, _before: Facts, after: Facts) -> str:
    told = f"say variant {after.get('winner', '?')} to nine in ten"
    return told + _told(inputs, "p_value", ": it is better, p = {}")


def _end_hold_out(inputs: Facts, _before: Facts, after: Facts) -> str:
    if after.get("contradicted"):
        told = f"share the texts as before: the hold-out speaks against {after['contradicted']}"
    else:
        told = f"say variant {after.get('winner', '?')} to everybody: no hold-out contradicts it"
    told += _told(inputs, "power", "; one of this size finds a wrong verdict with probability {}")
    told += _told(inputs, "difference_low", ", and the winner's lead lies between {}")
    return told + _told(inputs, "difference_high", " and {}")


def _raise(_inputs: Facts, before: Facts, after: Facts) -> str:
    was, becomes = before.get("leads_per_day", "?"), after.get("leads_per_day", "?")
    return f"raise the leads that begin a day from {was} to {becomes}"


def _pause_campaign(inputs: Facts, _before: Facts, _after: Facts) -> str:
    return "pause the campaign" + _told(inputs, "guardrail", ": {}")


def _pause_sender(inputs: Facts, _before: Facts, after: Facts) -> str:
    told = f"pause the sender {after.get('account_id', '?')}"
    return told + _told(inputs, "guardrail", ": {}")


def _promote(_inputs: Facts, before: Facts, after: Facts) -> str:
    told = f"rank by {after.get('model_id') or 'the rules'}"
    return told + _told(before, "model_id", " instead of {}")


KINDS: Mapping[DecisionKind, KindOfDecision] = total(
    DecisionKind,
    {
        DecisionKind.RELEASE_LEADS: KindOfDecision(by_itself=True, clause=_release),
        DecisionKind.CHANGE_ADMISSION: KindOfDecision(by_itself=True, clause=_admission),
        DecisionKind.ARCHIVE_VARIANT: KindOfDecision(by_itself=True, clause=_archive),
        DecisionKind.SPLIT_AFTER_VERDICT: KindOfDecision(by_itself=True, clause=_split),
        DecisionKind.END_HOLD_OUT: KindOfDecision(by_itself=True, clause=_end_hold_out),
        DecisionKind.RAISE_LEADS_PER_DAY: KindOfDecision(by_itself=False, clause=_raise),
        DecisionKind.PAUSE_CAMPAIGN: KindOfDecision(
            by_itself=True, clause=_pause_campaign, stops=True
        ),
        DecisionKind.PAUSE_SENDER: KindOfDecision(by_itself=True, clause=_pause_sender, stops=True),
        DecisionKind.PROMOTE_MODEL: KindOfDecision(by_itself=True, clause=_promote),
    },
)


_STANDING: Mapping[DecisionState, str] = total(
    DecisionState,
    {
        DecisionState.DRY: "Would",
        DecisionState.PROPOSED: "Proposed to",
        DecisionState.APPLIED: "Decided to",
        DecisionState.REJECTED: "Rejected: to",
        DecisionState.EXPIRED: "Expired without an answer: to",
        DecisionState.REVERTED: "Taken back: to",
        DecisionState.SUPERSEDED: "Left to what a person changed meanwhile: to",
        DecisionState.FAILED: "Failed: to",
    },
)


def sentence(decision: Decision) -> str:
    """What was decided, by which rule, and what has become of it, in one sentence."""
    change = decision.change
    standing = _STANDING[decision.state]
    if decision.ending is not None:
        standing = "Called off: to"
    elif decision.is_approved:
        standing = "Approved, about to"
    elif decision.is_reverting:
        standing = "About to take back: to"
    clause = KINDS[decision.kind].clause(decision.inputs, change.before, change.after)
    rule = f"(rule {decision.rule}, version {decision.rule_version})"
    return f"{standing} {clause} {rule}."
