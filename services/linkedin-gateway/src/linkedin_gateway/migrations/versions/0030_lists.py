"""What lists are read by: indexes, and the key of page tokens."""

from alembic import op
from servicekit.lists import page_token_key
from servicekit.postgres.alembic_env.indexes import (
    build_index,
    build_index_of_parts,
    drop_index,
)

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

# The organization stands second: a campaign and an account are found by themselves, too.
LISTED = {
    "of_lead": "lead_id, organization_id, created_at, action_id",
    "of_campaign": "campaign_id, organization_id, created_at, action_id",
    "of_account": "account_id, organization_id, created_at, action_id",
}
INDEXES = {
    "holds_in_force": (
        "holds (created_at, organization_id, scope, subject_id) WHERE lifted_at IS NULL"
    ),
    "hold_audit_of_organization": "hold_audit (organization_id, at, id)",
    "cool_downs_by_end": "cool_downs (account_id, until, kind)",
    "cool_downs_by_start": "cool_downs (account_id, opened_at, kind)",
}


def upgrade() -> None:
    op.execute(page_token_key.CREATE)
    for name, columns in LISTED.items():
        build_index(f"actions_{name}", f"actions ({columns})")
        build_index_of_parts("archived_actions", name, columns)
    for name, on in INDEXES.items():
        build_index(name, on)
    # Who asks for a lead of a campaign finds it by the lead.
    drop_index("actions_lead")
