"""A text in several versions, and how they are compared: our own settings. Pure.

`docs/sequences.md` describes them for people.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

from servicekit.tables import total

from campaigns.builder.settings import Settings
from campaigns.sequences.diagnostics import shown
from campaigns.sequences.experiment import ExperimentPlan, Measure
from campaigns.sequences.kinds.registry import text_rules
from campaigns.sequences.sequence import Step, StepKind, Variant

CONTROL = "control"
"""The name of the step's own text among its variants."""
MOST_VARIANTS = 10
_MOST_SHARE = 100
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")
_OF_VARIANT = frozenset({"name", "text", "share"})
_OF_EXPERIMENT = frozenset(
    {"measure", "baseline", "effect", "errorRate", "power", "withinDays", "looks"}
)
_BASELINES = total(Measure, {Measure.ACCEPTED: 0.3, Measure.REPLIED: 0.15})
_MOST_DAYS = 60
_MOST_LOOKS = 4
_LEAST_PERCENT = Decimal("0.1")

CheckText = Callable[[str, StepKind, str], None]
"""Tells what is wrong with a text of that kind, at that path."""


def with_variants(step: Step, settings: Settings, check_text: CheckText) -> Step:
    """The step with the versions of its text; what is wrong goes to the diagnostics."""
    if not settings.has("variants"):
        if settings.has("experiment"):
            settings.warn("experiment", "SETTING_IGNORED", "There are no variants to compare.")
        return step
    if step.ai is not None:
        settings.refuse("variants", "SETTING_INVALID", "A text written by AI has no variants.")
        return step
    variants = _variants(step, settings, check_text)
    experiment = _experiment(step, settings)
    if len(variants) < 2:  # noqa: PLR2004  two to compare
        settings.refuse("variants", "SETTING_INVALID", "There are two variants or more.")
        return step
    return replace(step, variants=tuple(variants), experiment=experiment)


def _variants(step: Step, settings: Settings, check_text: CheckText) -> list[Variant]:
    given = settings.values["variants"]
    if not isinstance(given, list) or len(given) > MOST_VARIANTS:
        settings.refuse(
            "variants", "SETTING_INVALID", f"Variants are a list of at most {MOST_VARIANTS}."
        )
        return []
    found = [Variant(name=CONTROL, text=step.text)] if step.text else []
    for i, each in enumerate(given):
        path = f"{settings.path}.variants[{i}]"
        if not isinstance(each, dict):
            settings.diagnostics.refuse(path, "SETTING_INVALID", f"“{shown(each)}” is no variant.")
            continue
        of_variant = Settings(values=each, path=path, diagnostics=settings.diagnostics)
        _warn_unknown(of_variant, _OF_VARIANT)
        variant = _variant(step.kind, of_variant, check_text)
        if variant.name in {other.name for other in found}:
            of_variant.refuse("name", "SETTING_INVALID", "Another variant has this name too.")
        found.append(variant)
    return found


def _variant(kind: StepKind, settings: Settings, check_text: CheckText) -> Variant:
    name, text = settings.text("name"), settings.text("text")
    if not _NAME.fullmatch(name):
        settings.refuse(
            "name", "SETTING_INVALID", "A name is 1 to 40 letters, digits, hyphens or underscores."
        )
    if text:
        check_text(text, kind, settings.field("text"))
    elif not text_rules(kind).optional:
        settings.refuse("text", "TEXT_MISSING", "A text is required here.")
    return Variant(name=name, text=text, share=settings.count("share", default=1, most=_MOST_SHARE))


def _experiment(step: Step, settings: Settings) -> ExperimentPlan:
    inviting = step.kind is StepKind.SEND_CONNECTION_REQUEST
    default = Measure.ACCEPTED if inviting else Measure.REPLIED
    given = settings.values.get("experiment")
    if given is not None and not isinstance(given, dict):
        settings.refuse("experiment", "SETTING_INVALID", f"“{shown(given)}” is no plan.")
    plan = Settings(
        values=given if isinstance(given, dict) else {},
        path=f"{settings.path}.experiment",
        diagnostics=settings.diagnostics,
    )
    _warn_unknown(plan, _OF_EXPERIMENT)
    offered = frozenset(Measure) if inviting else frozenset({Measure.REPLIED})
    measure = Measure(plan.choice("measure", default=default, among=offered))
    baseline = _fraction(plan, "baseline", default=_BASELINES[measure])
    effect = _fraction(plan, "effect", default=0.1)
    if baseline + effect >= 1:
        plan.refuse("effect", "SETTING_INVALID", "Baseline and effect are less than 100 together.")
        effect = (1 - baseline) / 2
    return ExperimentPlan(
        measure=measure,
        baseline=baseline,
        effect=effect,
        error_rate=_fraction(plan, "errorRate", default=0.05),
        power=_fraction(plan, "power", default=0.8),
        within_days=plan.count("withinDays", default=14, most=_MOST_DAYS),
        looks=plan.count("looks", default=1, most=_MOST_LOOKS),
    )


def _fraction(settings: Settings, name: str, *, default: float) -> float:
    """A percentage from 0.1 to 99.9, as a fraction."""
    percent = settings.number(name)
    if percent is None:
        return default
    if not _LEAST_PERCENT <= percent <= 100 - _LEAST_PERCENT:
        settings.refuse(name, "SETTING_INVALID", "A percentage from 0.1 to 99.9 is needed.")
        return default
    return float(percent / 100)


def _warn_unknown(settings: Settings, known: frozenset[str]) -> None:
    for name in sorted(settings.values.keys() - known):
        settings.warn(shown(name), "SETTING_IGNORED", "There is no such setting here.")
