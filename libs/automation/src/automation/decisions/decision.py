"""A decision of a program: what it changes, why, and what may become of it. Pure.

A change says how a thing was found (`before`) and what it is to be (`after`). Taking a decision
back is the change the other way round, so what undoes a decision is known when it is made. How
each kind is brought about is the worker's matter; what it is called is said in `kinds`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from servicekit.tables import total

ANSWERED_WITHIN = timedelta(hours=48)
"""How long a proposal waits for somebody; then it is rejected by nobody's answer."""
REVERTED_WITHIN = timedelta(days=30)
"""How long after its effect a decision can be taken back."""

Facts = Mapping[str, Any]
"""Of JSON: counts, ids and codes, nothing that says who somebody is."""


class DecisionKind(StrEnum):
    """What is decided about."""

    RELEASE_LEADS = "release_leads"
    """Who enters the sequence next, and from which account."""
    CHANGE_ADMISSION = "change_admission"
    """Whether the campaign admits only who is released, and stays open when its list is empty."""
    ARCHIVE_VARIANT = "archive_variant"
    """A text that is provably worse is said to nobody any more."""
    SPLIT_AFTER_VERDICT = "split_after_verdict"
    """The better text is said to nine in ten, the other one to a hold-out."""
    END_HOLD_OUT = "end_hold_out"
    """The better text is said to everybody."""
    RAISE_LEADS_PER_DAY = "raise_leads_per_day"
    """The campaign begins with more people a day."""
    PAUSE_CAMPAIGN = "pause_campaign"
    PAUSE_SENDER = "pause_sender"
    PROMOTE_MODEL = "promote_model"
    """Another model ranks."""


class DecisionState(StrEnum):
    """What has become of a decision."""

    DRY = "dry"
    """Looked at, and nothing more: the program changes nothing."""
    PROPOSED = "proposed"
    """It waits for somebody's answer; or it was approved, and takes effect in a moment."""
    APPLIED = "applied"
    REJECTED = "rejected"
    EXPIRED = "expired"
    """Nobody answered in time, which rejects it."""
    REVERTED = "reverted"
    SUPERSEDED = "superseded"
    """A person changed the same thing meanwhile, and theirs stays."""
    FAILED = "failed"
    """It was approved and could not be brought about; `failure` says why."""


NEXT: Mapping[DecisionState, frozenset[DecisionState]] = total(
    DecisionState,
    {
        DecisionState.DRY: frozenset(),
        DecisionState.PROPOSED: frozenset(
            {
                DecisionState.APPLIED,
                DecisionState.REJECTED,
                DecisionState.EXPIRED,
                DecisionState.SUPERSEDED,
                DecisionState.FAILED,
            }
        ),
        DecisionState.APPLIED: frozenset({DecisionState.REVERTED, DecisionState.SUPERSEDED}),
        DecisionState.REJECTED: frozenset(),
        DecisionState.EXPIRED: frozenset(),
        DecisionState.REVERTED: frozenset(),
        DecisionState.SUPERSEDED: frozenset(),
        DecisionState.FAILED: frozenset(),
    },
)
"""Which states may follow each; whatever else is asked for is refused."""


class LeadSource(StrEnum):
    """By what a lead came to its slot."""

    RULES = "rules"
    MODEL = "model"
    EXPLORATION = "exploration"
    """By a hash alone, so that ranking can be compared with chance."""
    LIST_ORDER = "list_order"


class LeftOut(StrEnum):
    """What keeps a lead that a release names from being released by it."""

    ALREADY_RELEASED = "already_released"
    NOT_READY = "not_ready"
    """It is in the sequence, or has ended."""
    HELD = "held"
    NOT_FOUND = "not_found"
    ACCOUNT_NOT_OF_CAMPAIGN = "account_not_of_campaign"
    UNREADABLE = "unreadable"
    """Its details do not open: where it works is not known."""
    SUPPRESSED = "suppressed"
    """It must not be contacted."""
    DECIDED = "decided"
    """Another release that was approved before is of it."""
    COMPANY_SPACING = "company_spacing"
    SENDER = "sender"
    """Who was to turn to it can take on nobody more: its slots are taken, or it cannot act."""
    PLAN = "plan"
    ROOM = "room"


@dataclass(frozen=True, kw_only=True)
class Change:
    """How a thing was found, and what it is to be; `before["etag"]` is its etag, where it has one.

    Raises `ValueError` for what JSON cannot say: NaN, Infinity.
    """

    before: Facts = field(default_factory=dict)
    after: Facts = field(default_factory=dict)

    def __post_init__(self) -> None:
        for facts in (self.before, self.after):
            check_facts(facts)

    @property
    def inverse(self) -> Change:
        """The change that takes this one back."""
        return Change(before=self.after, after=self.before)


@dataclass(frozen=True, kw_only=True)
class Term:
    """How much one feature of a lead adds to its score, in words of the feature."""

    feature: str
    level: str
    points: float


@dataclass(frozen=True, kw_only=True)
class DecidedLead:
    """A lead of a release: whose it becomes, at which place, by what."""

    lead_id: str
    account_id: str
    rank: float
    score: float | None = None
    source: LeadSource
    terms: tuple[Term, ...] = ()
    left_out: LeftOut | None = None
    """Why it was not released by it after all; None of who was, or is to be."""


@dataclass(frozen=True, kw_only=True)
class Decision:
    """One decision, with all that led to it and all that became of it.

    Raises `ValueError` for inputs that JSON cannot say.
    """

    id: str
    organization_id: str
    program_id: str
    campaign_id: str
    run_id: str = ""
    """The run that made it; empty where a person's call did."""
    key: str
    """What it is about, within its program: the same key twice is one decision."""
    kind: DecisionKind
    state: DecisionState = DecisionState.PROPOSED
    rule: str
    rule_version: int = 1
    inputs: Facts = field(default_factory=dict)
    change: Change = field(default_factory=Change)
    created_at: datetime
    expires_at: datetime | None = None
    """Until when it can be approved; None of one that waits for nobody."""
    answered_at: datetime | None = None
    answered_by: str = ""
    """Who approved or rejected it: a member, or `program:…` where it may act by itself."""
    fitted_at: datetime | None = None
    """Of a release: when it was settled which of its leads still fit, before any is released."""
    applied_at: datetime | None = None
    revert_asked_at: datetime | None = None
    revert_asked_by: str = ""
    ending: DecisionState | None = None
    """Of a release that is called off: what it comes to once its leads are taken back."""
    ended_at: datetime | None = None
    """When it came to a state that stays."""
    failure: str = ""
    """The reason, as errors have it, of FAILED, SUPERSEDED, or of a reversal that failed."""

    def __post_init__(self) -> None:
        check_facts(self.inputs)

    @property
    def is_approved(self) -> bool:
        """Whether its effect is to be brought about, and is not yet."""
        return self.state is DecisionState.PROPOSED and self.answered_at is not None

    @property
    def is_reverting(self) -> bool:
        """Whether it is to be taken back, and is not yet."""
        return self.state is DecisionState.APPLIED and self.revert_asked_at is not None

    def waits_at(self, now: datetime) -> bool:
        """Whether somebody can answer it."""
        waits = self.state is DecisionState.PROPOSED and self.answered_at is None
        return waits and (self.expires_at is None or now < self.expires_at)

    def can_be_reverted_at(self, now: datetime) -> bool:
        """Whether it can be taken back: for 30 days after its effect."""
        if self.state is not DecisionState.APPLIED or self.applied_at is None:
            return False
        return now < self.applied_at + REVERTED_WITHIN


def check_facts(facts: Facts) -> None:
    """Raise `ValueError` if JSON cannot say them, however deep."""
    for name, value in facts.items():
        _check(name, value)


def _check(name: str, value: object) -> None:
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"{name} is no number: {value}")
    if isinstance(value, Mapping):
        for inner, of in value.items():
            _check(f"{name}.{inner}", of)
    elif isinstance(value, list | tuple):
        for of in value:
            _check(name, of)
