"""In which transaction lists of people, their entries and imports were last written."""

from servicekit.postgres.alembic_env.following import note_changes
from servicekit.postgres.alembic_env.indexes import build_index

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

# Nothing is deleted of them alone: a list stays as a row that says so, its entries and imports go
# with it, and those of a campaign with the campaign.
INDEXES = {
    "lead_lists_by_change": 'lead_lists (organization_id, changed_in, id COLLATE "C")',
    "lead_list_entries_by_change": "lead_list_entries (lead_list_id, changed_in, position)",
    "lead_imports_by_change": 'lead_imports (campaign_id, changed_in, import_id COLLATE "C")',
    "lead_imports_of_list_by_change": (
        'lead_imports (lead_list_id, changed_in, import_id COLLATE "C")'
    ),
}


def upgrade() -> None:
    for table in ("lead_lists", "lead_list_entries", "lead_imports"):
        note_changes(table)
    for name, on in INDEXES.items():
        build_index(name, on)
