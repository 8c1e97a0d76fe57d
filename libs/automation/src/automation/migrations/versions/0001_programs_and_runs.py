"""Programs, which are the truth of what is scheduled, and what their workflows did."""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        CREATE TABLE programs (
            organization_id      text NOT NULL,
            program_id           text NOT NULL,
            request_id           text NOT NULL,
            request_hash         text NOT NULL,
            campaign_id          text NOT NULL,
            name                 text NOT NULL,
            mode                 text NOT NULL
                CHECK (mode IN ('dry_run', 'review', 'autopilot')),
            state                text NOT NULL CHECK (state IN ('active', 'paused', 'deleted')),
            plan_per_day         integer NOT NULL CHECK (plan_per_day > 0),
            -- Minutes after midnight in `time_zone`; weekdays from 1, a Monday.
            daily_minute         integer NOT NULL CHECK (daily_minute BETWEEN 0 AND 1439),
            weekdays             smallint[] NOT NULL,
            time_zone            text NOT NULL,
            review_weekday       smallint CHECK (review_weekday BETWEEN 1 AND 7),
            review_minute        integer NOT NULL CHECK (review_minute BETWEEN 0 AND 1439),
            rules                jsonb NOT NULL DEFAULT '{}',
            exploration_share    double precision NOT NULL
                CHECK (exploration_share BETWEEN 0 AND 1),
            company_spacing_days integer NOT NULL CHECK (company_spacing_days >= 0),
            guardrails           jsonb NOT NULL DEFAULT '{}',
            created_by           text NOT NULL DEFAULT '',
            created_at           timestamptz NOT NULL,
            updated_at           timestamptz NOT NULL,
            deleted_at           timestamptz,
            PRIMARY KEY (organization_id, program_id),
            UNIQUE (organization_id, request_id)
        );
        CREATE UNIQUE INDEX programs_by_id ON programs (program_id);
        -- Two would release the same people.
        CREATE UNIQUE INDEX programs_of_campaigns ON programs (organization_id, campaign_id)
            WHERE state <> 'deleted';
        CREATE INDEX programs_newest_first ON programs (organization_id, created_at, program_id);

        -- One a program, type and nominal time, whatever Temporal starts and however often.
        CREATE TABLE runs (
            organization_id text NOT NULL,
            run_id          text NOT NULL,
            program_id      text NOT NULL,
            type            text NOT NULL,
            nominal_at      timestamptz NOT NULL,
            -- In the zone of the program: what is released is of one day.
            nominal_day     date NOT NULL,
            workflow_id     text NOT NULL,
            trigger         text NOT NULL CHECK (trigger IN ('schedule', 'manual', 'backfill')),
            actor           text NOT NULL DEFAULT '',
            state           text NOT NULL
                CHECK (state IN ('running', 'completed', 'failed', 'cancelled', 'terminated')),
            started_at      timestamptz NOT NULL,
            ended_at        timestamptz,
            -- On the wall, where `started_at` is of the sandbox: how long it has taken.
            began_at        timestamptz NOT NULL DEFAULT now(),
            took            interval,
            result          jsonb NOT NULL DEFAULT '{}',
            error           text NOT NULL DEFAULT '',
            PRIMARY KEY (organization_id, program_id, type, nominal_at)
        );
        CREATE UNIQUE INDEX runs_by_id ON runs (run_id, nominal_at);
        CREATE INDEX runs_newest_first ON runs (organization_id, nominal_at, run_id);
        CREATE INDEX runs_of_programs ON runs (organization_id, program_id, nominal_at, run_id);
        CREATE INDEX runs_by_state ON runs (organization_id, state, nominal_at, run_id);
        CREATE INDEX runs_that_run ON runs (began_at) WHERE state = 'running';
    """)
