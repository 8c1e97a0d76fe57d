"""Reports of programs, and what each sender's slots of a day came to."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

REPORTS = """
CREATE TABLE reports (
    organization_id text NOT NULL,
    report_id       text NOT NULL,
    program_id      text NOT NULL,
    -- Of the schema `campaign`.
    campaign_id     text NOT NULL,
    kind            text NOT NULL,
    last_day        date NOT NULL,
    created_at      timestamptz NOT NULL,
    -- All of it, in figures: counts, ids, dates and sentences that we wrote.
    figures         jsonb NOT NULL,
    PRIMARY KEY (organization_id, program_id, kind, last_day)
);
CREATE UNIQUE INDEX reports_by_id ON reports (report_id);
CREATE INDEX reports_newest_first ON reports (organization_id, created_at, report_id);
CREATE INDEX reports_of_programs ON reports (organization_id, program_id, created_at, report_id);
CREATE INDEX reports_by_age ON reports (created_at);

-- One a program, day and sender: what that day's selection had and took.
CREATE TABLE sender_days (
    organization_id text NOT NULL,
    program_id      text NOT NULL,
    day             date NOT NULL,
    account_id      text NOT NULL,
    slots           integer NOT NULL,
    used            integer NOT NULL,
    -- By the reason: how many slots stayed empty.
    unused          jsonb NOT NULL,
    PRIMARY KEY (organization_id, program_id, day, account_id)
);
CREATE INDEX sender_days_by_age ON sender_days (day);
"""


def upgrade() -> None:
    op.execute(REPORTS)
