"""Rows of decisions and of whom they release, and what they are as values."""

from __future__ import annotations

from typing import Any

from servicekit.postgres.columns import Columns, Row, Table, column

from automation.decisions.decision import (
    Change,
    DecidedLead,
    Decision,
    DecisionKind,
    DecisionState,
    LeadSource,
    LeftOut,
    Term,
)


def _change_to_json(decision: Decision) -> dict[str, Any]:
    return {"before": dict(decision.change.before), "after": dict(decision.change.after)}


DECISIONS: Table[Decision] = Table(
    Decision,
    column("id"),
    column("organization_id"),
    column("program_id"),
    column("campaign_id"),
    column("run_id"),
    column("key"),
    column("kind", read=DecisionKind),
    column("state", read=DecisionState),
    column("rule"),
    column("rule_version", "integer"),
    column("inputs", "jsonb", write=lambda each: dict(each.inputs)),
    column("change", "jsonb", write=_change_to_json, read=lambda value: Change(**value)),
    column("created_at", "timestamptz"),
    column("expires_at", "timestamptz"),
    column("answered_at", "timestamptz"),
    column("answered_by"),
    column("fitted_at", "timestamptz"),
    column("applied_at", "timestamptz"),
    column("revert_asked_at", "timestamptz"),
    column("revert_asked_by"),
    column(
        "ending",
        write=lambda each: each.ending.value if each.ending else "",
        read=lambda value: DecisionState(value) if value else None,
    ),
    column("ended_at", "timestamptz"),
    column("failure"),
)
DECIDED_LEAD: Columns[DecidedLead] = Columns(
    column("lead_id"),
    column("account_id"),
    column("rank", "double precision"),
    column("score", "double precision"),
    column("source"),
    column(
        "terms",
        "jsonb",
        write=lambda lead: [[each.feature, each.level, each.points] for each in lead.terms],
    ),
    column("left_out", write=lambda lead: "" if lead.left_out is None else lead.left_out.value),
)


def lead_from_row(row: Row) -> DecidedLead:
    """Whom a release is of."""
    return DecidedLead(
        lead_id=row["lead_id"],
        account_id=row["account_id"],
        rank=row["rank"],
        score=row["score"],
        source=LeadSource(row["source"]),
        terms=tuple(
            Term(feature=feature, level=level, points=points)
            for feature, level, points in row["terms"]
        ),
        left_out=LeftOut(row["left_out"]) if row["left_out"] else None,
    )
