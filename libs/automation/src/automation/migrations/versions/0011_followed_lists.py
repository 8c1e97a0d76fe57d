"""In which transaction programs, and what comes of them, were last written: lists are followed."""

from alembic import op
from servicekit.postgres.alembic_env.following import note_changes
from servicekit.postgres.alembic_env.indexes import build_index

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

# A deleted program stays as a row that says so; runs and reports go by their age.
INDEXES = {
    "programs_by_change": 'programs (organization_id, changed_in, program_id COLLATE "C")',
    "runs_by_change": 'runs (organization_id, changed_in, run_id COLLATE "C")',
    "decisions_by_change": 'decisions (organization_id, changed_in, id COLLATE "C")',
    "models_by_change": 'models (organization_id, changed_in, model_id COLLATE "C")',
    "reports_by_change": 'reports (organization_id, changed_in, report_id COLLATE "C")',
}
# Which model ranks is told of each of them, and programs of one campaign share it.
RANKING = """
CREATE OR REPLACE FUNCTION note_ranking() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE models SET changed_at = now()
     WHERE organization_id = NEW.organization_id
       AND (program_id = NEW.program_id OR program_id IN (
           SELECT same.program_id FROM programs AS asked
             JOIN programs AS same USING (organization_id, campaign_id)
            WHERE asked.organization_id = NEW.organization_id
              AND asked.program_id = NEW.program_id));
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER champions_noted_as_changed AFTER INSERT ON champions
    FOR EACH ROW EXECUTE FUNCTION note_ranking();
"""


def upgrade() -> None:
    for table in ("programs", "runs", "decisions", "models", "reports"):
        note_changes(table)
    op.execute(RANKING)
    for name, on in INDEXES.items():
        build_index(name, on)
