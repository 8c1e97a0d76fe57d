"""Runs and terms of scores that are old are found by their age, and forgotten."""

from servicekit.postgres.alembic_env.indexes import build_index

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

INDEXES = {
    "runs_by_age": "runs (nominal_at) WHERE state <> 'running'",
    # Those that have any still.
    "decision_leads_explained": "decision_leads (created_at) WHERE terms <> '[]'",
}


def upgrade() -> None:
    for name, on in INDEXES.items():
        build_index(name, on)
