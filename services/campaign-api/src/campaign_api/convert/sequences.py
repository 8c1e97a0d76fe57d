"""Protos <-> models of sequences, their revisions and what is wrong with them."""

from collections.abc import Sequence
from functools import lru_cache

from campaigns.sequences.diagnostics import SequenceWarning, Violation
from campaigns.sequences.revision import Revision
from campaigns.sequences.sequence import Condition, Exit, Question, Step, StepKind
from campaigns.sequences.sequence import Sequence as StepSequence
from outreach.campaign.v1 import sequence_pb2
from outreach.campaign.v1 import sequence_service_pb2 as pb

from campaign_api.convert.instants import timestamp
from campaign_api.queries.sequence_rendering import SequenceRendering
from campaign_api.queries.sequence_revisions import RevisionPreview


@lru_cache(maxsize=256)
def revision_to_proto(revision: Revision) -> sequence_pb2.SequenceRevision:
    """The revision, which never changes: whoever is given it does not change it either."""
    return sequence_pb2.SequenceRevision(
        revision_id=revision.id,
        number=revision.number,
        content_hash=revision.content_hash,
        steps=steps_to_proto(revision.sequence),
        create_time=timestamp(revision.created_at),
        created_by=revision.created_by,
    )


def revision_in_use_to_proto(revision: Revision, leads: int) -> pb.RevisionInUse:
    return pb.RevisionInUse(revision=revision_to_proto(revision), running_leads=leads)


def preview_to_proto(preview: RevisionPreview) -> pb.PreviewRevisionResponse:
    return pb.PreviewRevisionResponse(
        beginning_leads=preview.beginning,
        moving_leads=preview.moving,
        finishing_leads=preview.finishing,
        warnings=warnings_to_proto(preview.warnings),
        unchanged=preview.unchanged,
    )


def steps_to_proto(sequence: StepSequence) -> list[sequence_pb2.Step]:
    return [_step_to_proto(step) for step in sequence.steps]


def _step_to_proto(step: Step) -> sequence_pb2.Step:
    converted = sequence_pb2.Step(
        step_id=step.step_id,
        index=step.index,
        kind=kind_to_proto(step.kind),
        label=step.label,
        next_step_id=step.next_step_id or "",
        not_accepted_step_id=step.not_accepted_step_id or "",
        text=step.text,
        written_by_ai=step.ai is not None,
    )
    if step.next_step_id is not None:
        converted.next_delay.FromTimedelta(step.next_delay)
    if step.waits_for_acceptance:
        converted.accept_within.FromTimedelta(step.accept_within)
    if step.wait_for:
        converted.wait_for.FromTimedelta(step.wait_for)
    if step.condition is not None:
        converted.condition.CopyFrom(_condition_to_proto(step, step.condition))
    shares = sum(way.share for way in step.exits)
    converted.variants.extend(
        sequence_pb2.TextVariant(name=each.name, text=each.text, share=each.share)
        for each in step.variants
    )
    converted.exits.extend(_exit_to_proto(way, shares, step.kind) for way in step.exits)
    return converted


def _condition_to_proto(step: Step, condition: Condition) -> sequence_pb2.Condition:
    converted = sequence_pb2.Condition(
        question=sequence_pb2.Question.Value(f"QUESTION_{condition.question.name}"),
        variable=condition.variable,
        value=condition.value,
    )
    if condition.question is Question.HAS_POSTS:
        converted.recent_within.FromTimedelta(step.recent_within)
    return converted


def _exit_to_proto(way: Exit, shares: int, kind: StepKind) -> sequence_pb2.Exit:
    converted = sequence_pb2.Exit(name=way.name, next_step_id=way.step_id or "")
    if way.step_id is not None:
        converted.delay.FromTimedelta(way.delay)
    if kind is StepKind.SPLIT:
        converted.percentage = way.share * 100 / shares
    return converted


def kind_to_proto(kind: StepKind) -> sequence_pb2.StepKind.ValueType:
    return sequence_pb2.StepKind.Value(f"STEP_KIND_{kind.name}")


def violations_to_proto(violations: Sequence[Violation]) -> list[sequence_pb2.SequenceViolation]:
    return [
        sequence_pb2.SequenceViolation(
            field=wrong.field, reason=wrong.reason, description=wrong.description
        )
        for wrong in violations
    ]


def warnings_to_proto(warnings: Sequence[SequenceWarning]) -> list[sequence_pb2.SequenceWarning]:
    return [
        sequence_pb2.SequenceWarning(
            field=warning.field, reason=warning.reason, description=warning.description
        )
        for warning in warnings
    ]


def rendering_to_proto(rendering: SequenceRendering) -> pb.RenderSequenceResponse:
    return pb.RenderSequenceResponse(
        text=rendering.text,
        mermaid=rendering.mermaid,
        violations=violations_to_proto(rendering.violations),
        warnings=warnings_to_proto(rendering.warnings),
    )
