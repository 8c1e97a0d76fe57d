"""Why steps failed, and the posts that comments are about, sealed; beside what lies in clear.

The release before reads an empty sentence, and of a comment that it takes over no post: it
comments on the newest one, as where none was chosen.
"""

from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

# No row is written anew.
STATEMENTS = (
    "ALTER TABLE step_executions ADD COLUMN IF NOT EXISTS sealed_detail bytea",
    "ALTER TABLE step_texts ADD COLUMN IF NOT EXISTS sealed_post_id bytea",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
