"""The builder's drawing → a sequence that a lead can walk. Pure.

Everything that is wrong is told at once, with its path and a stable reason, and
no input crashes it. `document.py` reads the JSON, `steps.py` what a
node does, `graph.py` what follows what.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import assert_never

from campaigns.builder.document import read_document
from campaigns.builder.graph import Branch, Graph, Link, read_graph
from campaigns.builder.outlook import warn_of_outlook
from campaigns.builder.steps import (
    Performable,
    StepReader,
    WebhookReference,
    is_older_dialect,
    kind_of,
    refuse_unknown,
)
from campaigns.sequences.diagnostics import Diagnostics, SequenceWarning, Violation
from campaigns.sequences.sequence import (
    DEFAULT_ACCEPT_WITHIN,
    MINIMUM_ACCEPT_WITHIN,
    NO,
    YES,
    Exit,
    Sequence,
    Step,
    StepCategory,
    StepKind,
)

__all__ = [
    "Compilation",
    "SequenceWarning",
    "Violation",
    "WebhookReference",
    "compile_sequence",
    "with_endpoints",
]

_POINTLESS_AT_THE_END = frozenset({StepCategory.WAIT, StepCategory.CONDITION})


@dataclass(frozen=True, kw_only=True)
class Compilation:
    """What became of a drawing; `sequence` is None when there is a violation.

    The steps that call a webhook carry no endpoint yet: `webhooks` says which
    one each of them means, and `with_endpoints` puts in what they resolve to.
    """

    sequence: Sequence | None
    violations: tuple[Violation, ...]
    warnings: tuple[SequenceWarning, ...]
    webhooks: tuple[WebhookReference, ...]


def compile_sequence(
    source: str | bytes, *, writer_configured: bool, literal: Collection[str] = ()
) -> Compilation:
    """Compile what the builder exported, in either dialect or a mixture.

    `literal` is what in its texts looks like a placeholder and is meant as it stands.
    """
    diagnostics = Diagnostics()
    document = read_document(source, diagnostics)
    if document is None:
        return _compilation(None, diagnostics, {})
    graph = read_graph(document, diagnostics)
    reader = StepReader(
        writer_configured=writer_configured,
        older_dialect=is_older_dialect(document.nodes),
        diagnostics=diagnostics,
        literal=literal,
    )
    performables: dict[str, Performable] = {}
    for node in graph.nodes.values():
        if node.type.lower() not in {"action", ""}:
            problem = "A node must be an action or a placeholder."
            diagnostics.refuse(f"{node.path}.type", "NODE_TYPE_UNKNOWN", problem)
        kind = kind_of(node)
        if kind is None:
            refuse_unknown(node, diagnostics)
        else:
            performables[node.id] = reader.read(node, kind)
    connected = None if diagnostics.violations else _connect(graph, performables, diagnostics)
    return _compilation(connected, diagnostics, performables)


def with_endpoints(sequence: Sequence, endpoint_by_step: Mapping[str, str]) -> Sequence:
    """The sequence with the endpoints that its webhook steps call."""
    return Sequence(
        steps=tuple(
            replace(step, endpoint_id=endpoint_by_step.get(step.step_id, step.endpoint_id))
            for step in sequence.steps
        )
    )


def _compilation(
    sequence: Sequence | None, diagnostics: Diagnostics, performables: Mapping[str, Performable]
) -> Compilation:
    return Compilation(
        sequence=sequence,
        violations=tuple(diagnostics.violations),
        warnings=tuple(diagnostics.warnings),
        webhooks=tuple(each.webhook for each in performables.values() if each.webhook),
    )


def _connect(
    graph: Graph, performables: Mapping[str, Performable], diagnostics: Diagnostics
) -> Sequence:
    """The steps in walking order, each with its followers."""
    steps = []
    for index, node_id in enumerate(graph.walk(graph.starts()[0])):
        step = replace(performables[node_id].step, index=index)
        match step.kind.category:
            case StepCategory.CONDITION:
                yes, no = (graph.follower(node_id, branch) for branch in (Branch.YES, Branch.NO))
                step = replace(step, exits=(_exit(YES, yes), _exit(NO, no)))
            case StepCategory.SPLIT:
                step = replace(step, exits=_shares(graph, node_id))
            case StepCategory.ACTION | StepCategory.WEBHOOK | StepCategory.WAIT:
                step = _with_followers(step, graph, diagnostics)
            case _:
                assert_never(step.kind.category)
        if step.kind.category in _POINTLESS_AT_THE_END and not graph.links[node_id]:
            path = performables[node_id].node.path
            diagnostics.warn(
                path, "NOTHING_FOLLOWS", "Nothing follows, so this node changes nothing."
            )
        steps.append(step)
    sequence = Sequence(steps=tuple(steps))
    paths = {node_id: each.node.path for node_id, each in performables.items()}
    warn_of_outlook(sequence, paths, diagnostics)
    return sequence


def _exit(name: str, link: Link | None) -> Exit:
    if link is None:
        return Exit(name=name)
    return Exit(name=name, step_id=link.target, delay=link.delay or timedelta())


def _shares(graph: Graph, node_id: str) -> tuple[Exit, ...]:
    return tuple(
        replace(_exit(link.share.name, link), share=link.share.share)
        for link in graph.links[node_id]
        if link.share is not None
    )


def _with_followers(step: Step, graph: Graph, diagnostics: Diagnostics) -> Step:
    """The step with whoever follows it; a connection request waits for its answer.

    It does not where its follower does not care for the answer.
    """
    follower = graph.follower(step.step_id, Branch.NEXT, Branch.YES)
    if follower is not None:
        delay = follower.delay or timedelta()
        step = replace(step, next_step_id=follower.target, next_delay=delay)
    heedless = graph.follower(step.step_id, Branch.NEXT) is not None
    if step.kind is not StepKind.SEND_CONNECTION_REQUEST or heedless:
        return step
    step = replace(step, waits_for_acceptance=True)
    refusal = graph.follower(step.step_id, Branch.NO)
    if refusal is None:
        return step
    return replace(
        step,
        not_accepted_step_id=refusal.target,
        accept_within=_accept_within(refusal, diagnostics),
    )


def _accept_within(refusal: Link, diagnostics: Diagnostics) -> timedelta:
    """The delay of the not-accepted edge: a deadline counted from the invitation, once."""
    field = f"{refusal.path}.data.delayData"
    if not refusal.delay:
        diagnostics.warn(
            field,
            "DELAY_DEFAULTED",
            "The edge has no delay; an invitation counts as not accepted after"
            f" {DEFAULT_ACCEPT_WITHIN.days} days.",
        )
        return DEFAULT_ACCEPT_WITHIN
    if refusal.delay < MINIMUM_ACCEPT_WITHIN:
        diagnostics.warn(
            field,
            "DELAY_RAISED",
            "People need time to answer; an invitation counts as not accepted after one day at"
            " the earliest.",
        )
        return MINIMUM_ACCEPT_WITHIN
    return refusal.delay
