"""A sequence as people check it: in words and as a flowchart (pure)."""

from collections.abc import Sequence
from dataclasses import dataclass

from campaigns.builder.compiler import Compilation
from campaigns.sequences.diagnostics import SequenceWarning, Violation
from campaigns.sequences.mermaid import sequence_as_mermaid
from campaigns.sequences.outline import describe_sequence, describe_violations
from campaigns.sequences.sequence import Sequence as StepSequence


@dataclass(frozen=True, kw_only=True)
class Rendering:
    """What a sequence will do, or why it cannot; `mermaid` is empty then."""

    text: str
    mermaid: str = ""
    violations: Sequence[Violation] = ()
    warnings: Sequence[SequenceWarning] = ()


def rendered(sequence: StepSequence, warnings: Sequence[SequenceWarning] = ()) -> Rendering:
    """A sequence that can run."""
    return Rendering(
        text=describe_sequence(sequence, warnings),
        mermaid=sequence_as_mermaid(sequence),
        warnings=warnings,
    )


def rendered_compilation(compilation: Compilation) -> Rendering:
    """What became of a drawing."""
    if compilation.sequence is not None:
        return rendered(compilation.sequence, compilation.warnings)
    return Rendering(
        text=describe_violations(compilation.violations),
        violations=compilation.violations,
        warnings=compilation.warnings,
    )
