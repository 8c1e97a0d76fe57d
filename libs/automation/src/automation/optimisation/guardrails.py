"""What stops a campaign or a sender by itself, without anybody's approval. Pure.

Each guardrail compares a figure with a limit. What is beyond it is paused, which is
told with the figure, and with a way out. A pause only ever makes less, so that a
wrong one costs some days, and somebody can take it back at once. What is counted over
time is then counted anew from that moment on; unanswered invitations and the health of a
sender are what they are now.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any

from servicekit.tables import total

from automation.outcomes.cohorts import Cohort
from automation.outcomes.intervals import Share

_FEWEST_OPT_OUTS = 3
"""One or two people prove nothing, however few were written to."""
_FEWEST_TRIES = 10
"""Of a step, before its errors are a share."""


class Guardrail(StrEnum):
    """What is watched."""

    ACCEPTANCE = "acceptance"
    OPT_OUTS = "opt_outs"
    STEP_ERRORS = "step_errors"
    PENDING = "pending"
    REFUSALS = "refusals"
    HEALTH = "health"


Watched = tuple[str, Guardrail]
"""Which guardrail of what: of a sender by its account, of the campaign by no name."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What is still allowed; shares are fractions of 1."""

    least_acceptance: float = 0.15
    least_matured: int = 40
    """So many must have had their time before acceptance is judged."""
    most_opt_outs: float = 0.03
    """The upper end of the interval of who opts out."""
    most_step_errors: float = 0.2
    most_pending: int = 400
    """Unanswered invitations of a sender."""
    most_refusals: int = 1
    """Requests to slow down that a sender has had within a week."""
    least_multiplier: float = 0.6
    """By which the sender's caps are multiplied because of its health."""
    hold_out_weeks: int = 4
    """How long one in ten still gets the worse text, to check the verdict; 0 for never."""


_MOST: Mapping[str, float] = {
    "least_acceptance": 1,
    "most_opt_outs": 1,
    "most_step_errors": 1,
    "least_multiplier": 1,
    "least_matured": 10_000,
    "most_pending": 10_000,
    "most_refusals": 100,
    "hold_out_weeks": 26,
}
"""The largest value of each; the smallest is 0."""


def limits_of(given: Mapping[str, Any]) -> Limits:
    """The limits of a program, those that are not named by default.

    Raises `ValueError` for a name that is none, and for what is no number or out of range.
    """
    unknown = sorted(given.keys() - _MOST.keys())
    if unknown:
        raise ValueError(f"there is no guardrail {unknown[0]}")
    whole = {each.name for each in fields(Limits) if each.type == "int"}
    for name, value in given.items():
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if not is_number or not 0 <= value <= _MOST[name]:
            raise ValueError(f"{name} must be a number from 0 to {_MOST[name]:g}")
        if name in whole and value != int(value):
            raise ValueError(f"{name} must be a whole number")
    numbers: dict[str, Any] = {
        name: int(value) if name in whole else float(value) for name, value in given.items()
    }
    return Limits(**numbers)


@dataclass(frozen=True, kw_only=True)
class CampaignFigures:
    """How a campaign fares: those who were invited lately, and how its steps ended.

    `opted_out` is of everybody who was written to, from the moment when it is known.
    """

    invited: Cohort
    opted_out: Share
    errors_by_step: Mapping[str, Share] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class SenderFigures:
    """How an account fares, as the gateway tells it."""

    account_id: str
    pending: int
    refusals: int
    """In a week."""
    multiplier: float


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """A limit that is passed: by what, where, and what can be done; for a campaign or a sender."""

    guardrail: Guardrail
    account_id: str = ""
    """The sender; empty for the campaign."""
    step_id: str = ""
    found: float
    of: int = 0
    """Of how many, where it is a share."""
    limit: float

    @property
    def reason(self) -> str:
        """One sentence."""
        return _REASONS[self.guardrail](self)

    @property
    def way_out(self) -> str:
        """What somebody can do about it, in a sentence."""
        return _WAYS_OUT[self.guardrail]


_REASONS: Mapping[Guardrail, Callable[[Alarm], str]] = total(
    Guardrail,
    {
        Guardrail.ACCEPTANCE: lambda alarm: (
            f"{alarm.found:.1%} of {alarm.of} people accepted within their time; at least"
            f" {alarm.limit:.0%} must"
        ),
        Guardrail.OPT_OUTS: lambda alarm: (
            f"up to {alarm.found:.1%} of people like the {alarm.of} who were written to must not be"
            f" contacted any more; at most {alarm.limit:.0%} may"
        ),
        Guardrail.STEP_ERRORS: lambda alarm: (
            f"step {alarm.step_id} failed for {alarm.found:.0%} of {alarm.of} people; at most"
            f" {alarm.limit:.0%} may"
        ),
        Guardrail.PENDING: lambda alarm: (
            f"{alarm.found:.0f} of its invitations are unanswered; at most {alarm.limit:.0f} may be"
        ),
        Guardrail.REFUSALS: lambda alarm: (
            f"LinkedIn asked it {alarm.found:.0f} times within a week to slow down"
        ),
        Guardrail.HEALTH: lambda alarm: (
            f"its health allows {alarm.found:.0%} of its plan; below {alarm.limit:.0%} it rests"
        ),
    },
)
_WAYS_OUT: Mapping[Guardrail, str] = total(
    Guardrail,
    {
        Guardrail.ACCEPTANCE: "Try another text or other people, then resume the campaign.",
        Guardrail.OPT_OUTS: "Read what they answered, change the text or whom it is sent to, then"
        " resume the campaign.",
        Guardrail.STEP_ERRORS: "Look at the errors of the step, mend or remove it, then resume the"
        " campaign.",
        Guardrail.PENDING: "Withdraw old invitations, or wait for their answers, then lift the"
        " sender's hold.",
        Guardrail.REFUSALS: "Let the account rest for a week, then lift the sender's hold.",
        Guardrail.HEALTH: "See what its health is made of, let it recover, then lift the sender's"
        " hold.",
    },
)


def alarms(
    campaign: CampaignFigures,
    senders: Sequence[SenderFigures],
    *,
    limits: Limits,
    left_alone: Collection[Watched] = (),
) -> tuple[Alarm, ...]:
    """Every limit that is passed: at most one for the campaign and one for each sender.

    A limit that is left alone hides no other one of its subject.
    """
    passed = [_of_campaign(campaign, limits), *(_of_sender(each, limits) for each in senders)]
    found = []
    for subject in passed:
        heard = (each for each in subject if (each.account_id, each.guardrail) not in left_alone)
        found.append(next(heard, None))
    return tuple(alarm for alarm in found if alarm is not None)


def _of_campaign(figures: CampaignFigures, limits: Limits) -> Iterator[Alarm]:
    accepted, opted_out = figures.invited.accepted, figures.opted_out
    if (
        accepted.of >= limits.least_matured
        and accepted.count < limits.least_acceptance * accepted.of
    ):
        yield Alarm(
            guardrail=Guardrail.ACCEPTANCE,
            found=accepted.rate or 0.0,
            of=accepted.of,
            limit=limits.least_acceptance,
        )
    if opted_out.count >= _FEWEST_OPT_OUTS and opted_out.high > limits.most_opt_outs:
        yield Alarm(
            guardrail=Guardrail.OPT_OUTS,
            found=opted_out.high,
            of=opted_out.of,
            limit=limits.most_opt_outs,
        )
    for step_id, errors in sorted(figures.errors_by_step.items()):
        if errors.of >= _FEWEST_TRIES and errors.count > limits.most_step_errors * errors.of:
            yield Alarm(
                guardrail=Guardrail.STEP_ERRORS,
                step_id=step_id,
                found=errors.rate or 0.0,
                of=errors.of,
                limit=limits.most_step_errors,
            )


def _of_sender(figures: SenderFigures, limits: Limits) -> Iterator[Alarm]:
    compared = (
        (Guardrail.REFUSALS, figures.refusals, limits.most_refusals, 1),
        (Guardrail.PENDING, figures.pending, limits.most_pending, 1),
        (Guardrail.HEALTH, figures.multiplier, limits.least_multiplier, -1),
    )
    for guardrail, value, limit, sign in compared:
        if sign * value > sign * limit:
            yield Alarm(
                guardrail=guardrail, account_id=figures.account_id, found=value, limit=limit
            )
