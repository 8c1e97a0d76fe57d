"""What is wrong with a sequence, and what is worth knowing about it."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Violation:
    """Something that prevents a sequence from running.

    `field` is a path in the builder's JSON (`nodes[3].data.config.customMessage`),
    `reason` a name of `outreach.common.v1.ErrorReason` without its prefix.
    """

    field: str
    reason: str
    description: str


@dataclass(frozen=True, kw_only=True)
class SequenceWarning:
    """Something to know about a sequence that does not prevent it from running."""

    field: str
    reason: str
    description: str


@dataclass(kw_only=True)
class Diagnostics:
    """Collects everything that is found, so that it can be told at once."""

    violations: list[Violation] = field(default_factory=list)
    warnings: list[SequenceWarning] = field(default_factory=list)

    def refuse(self, path: str, reason: str, description: str) -> None:
        """Add a violation."""
        self.violations.append(Violation(field=path, reason=reason, description=description))

    def warn(self, path: str, reason: str, description: str) -> None:
        """Add a warning."""
        self.warnings.append(SequenceWarning(field=path, reason=reason, description=description))


def shown(value: object, *, characters: int = 60) -> str:
    """A value from outside, short enough to be quoted in a sentence."""
    if isinstance(value, list | dict):
        return "a list" if isinstance(value, list) else "an object"
    text = value if isinstance(value, str) else repr(value)
    text = " ".join(text[: characters * 2].split())
    return text if len(text) <= characters else text[: characters - 1] + "…"
