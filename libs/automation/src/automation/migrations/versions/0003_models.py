"""Models that were learned, with their cards, and which of them ranks."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
    CREATE TABLE models (
        organization_id text NOT NULL,
        model_id        text NOT NULL,
        program_id      text NOT NULL,
        -- The run that has learned it.
        run_id          text NOT NULL,
        trained_at      timestamptz NOT NULL,
        seed            integer NOT NULL,
        verdict         text NOT NULL,
        -- Figures: how much was there, how well it did.
        evaluation      jsonb NOT NULL,
        -- As scoring reads it, byte by byte; empty where nothing could be learned.
        body            text NOT NULL,
        PRIMARY KEY (organization_id, trained_at, model_id)
    )
    """,
    "CREATE UNIQUE INDEX models_by_id ON models (model_id)",
    "CREATE INDEX models_of_programs ON models (organization_id, program_id, trained_at, model_id)",
    # The last one of a program is what holds; nothing is written anew.
    """
    CREATE TABLE champions (
        organization_id text NOT NULL,
        program_id      text NOT NULL,
        number          integer NOT NULL,
        -- Empty: the customer's rules rank.
        model_id        text NOT NULL,
        promoted_at     timestamptz NOT NULL,
        promoted_by     text NOT NULL,
        PRIMARY KEY (organization_id, program_id, number)
    )
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
