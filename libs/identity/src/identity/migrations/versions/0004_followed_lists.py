"""In which transaction members, keys and organizations were last written: lists are followed."""

from servicekit.postgres.alembic_env.following import note_changes
from servicekit.postgres.alembic_env.indexes import build_index

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# None of them is deleted: what is disabled or revoked says so.
INDEXES = {
    "members_by_change": 'members (organization_id, changed_in, member_id COLLATE "C")',
    "api_keys_by_change": 'api_keys (organization_id, changed_in, key_id COLLATE "C")',
    "organizations_by_change": 'organizations (changed_in, organization_id COLLATE "C")',
}


def upgrade() -> None:
    for table in ("members", "api_keys", "organizations"):
        note_changes(table)
    for name, on in INDEXES.items():
        build_index(name, on)
