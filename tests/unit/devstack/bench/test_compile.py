"""The drawing that the bench compiles."""

from campaigns.builder.compiler import compile_sequence
from campaigns.sequences.sequence import StepKind
from devstack.bench.compile import drawing_of


def test_the_drawing_is_one_long_way() -> None:
    """It compiles, in full length, and has every kind of step but InMail.

    Who has not accepted goes the same way as who has, and is warned of.
    """
    compilation = compile_sequence(drawing_of(20), writer_configured=False)

    assert compilation.violations == ()
    assert {each.reason for each in compilation.warnings} == {"MESSAGE_UNCONNECTED"}
    assert compilation.sequence is not None
    assert len(compilation.sequence.steps) == 20
    kinds = {step.kind for step in compilation.sequence.steps}
    assert kinds == set(StepKind) - {StepKind.SEND_INMAIL}
