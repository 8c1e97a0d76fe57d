"""A sequence as people check it: in words and as a flowchart. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from campaigns.builder.compiler import Compilation
from campaigns.sequences.diagnostics import SequenceWarning, Violation
from campaigns.sequences.mermaid import sequence_as_mermaid
from campaigns.sequences.outline import describe_sequence, describe_violations
from campaigns.sequences.sequence import Sequence as StepSequence


@dataclass(frozen=True, kw_only=True)
class SequenceRendering:
    """What a sequence will do, or why it cannot; `mermaid` is empty then."""

    text: str
    mermaid: str = ""
    violations: Sequence[Violation] = ()
    warnings: Sequence[SequenceWarning] = ()


def render_sequence(
    sequence: StepSequence, warnings: Sequence[SequenceWarning] = ()
) -> SequenceRendering:
    """A sequence that can run."""
    return SequenceRendering(
        text=describe_sequence(sequence, warnings),
        mermaid=sequence_as_mermaid(sequence),
        warnings=warnings,
    )


def render_compilation(compilation: Compilation) -> SequenceRendering:
    """What became of a drawing."""
    if compilation.sequence is not None:
        return render_sequence(compilation.sequence, compilation.warnings)
    return SequenceRendering(
        text=describe_violations(compilation.violations),
        violations=compilation.violations,
        warnings=compilation.warnings,
    )
