"""What became of a program's last run is told of the program: who follows programs hears of it."""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

# Twice a day and program, as its daily run begins and ends; not of a day before that is filled in.
# Nothing but when it was written changes: what people read and edit of it is as it was.
NOTED = """
CREATE OR REPLACE FUNCTION note_last_run() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE programs SET changed_at = now()
     WHERE organization_id = NEW.organization_id AND program_id = NEW.program_id
       AND NOT EXISTS (SELECT FROM runs AS later
                        WHERE later.organization_id = NEW.organization_id
                          AND later.program_id = NEW.program_id
                          AND later.type = NEW.type AND later.nominal_at > NEW.nominal_at);
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER runs_noted_at_programs AFTER INSERT OR UPDATE OF state ON runs
    FOR EACH ROW WHEN (NEW.type = 'daily') EXECUTE FUNCTION note_last_run();
"""


def upgrade() -> None:
    op.execute(NOTED)
