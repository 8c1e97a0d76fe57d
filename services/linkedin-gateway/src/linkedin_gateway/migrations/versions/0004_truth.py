"""Whom not to contact by more than the person, the ledger's archive, and its drift."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# What is compared is kept as SHA-256. It has no secret: a lost one would lift every
# suppression at once, without a sound. The organization is part of what is hashed, so that the
# lists of two organizations cannot be compared.
STATEMENTS = """
ALTER TABLE suppressions
    ADD COLUMN subject text NOT NULL DEFAULT 'person',
    ADD COLUMN key     text,
    ADD COLUMN label   text NOT NULL DEFAULT '';
UPDATE suppressions
   SET key = encode(
           sha256(convert_to(organization_id || E'\\nperson\\n' || person, 'UTF8')), 'hex'),
       label = left(person, 2) || '…';
ALTER TABLE suppressions
    ALTER COLUMN key SET NOT NULL,
    DROP COLUMN person,
    DROP COLUMN public_identifier,
    ADD UNIQUE (organization_id, key);

-- Who was invited by anybody of an organization.
CREATE INDEX actions_invited ON actions (organization_id, person)
    WHERE kind IN ('invitation', 'withdrawal');
-- What has ended long enough ago to be archived.
CREATE INDEX actions_ended ON actions (finished_at) WHERE finished_at IS NOT NULL;

-- Actions that ended before any window looks; a table of its own for each month. Who adds a
-- column to actions adds it here too, and makes the view anew.
CREATE TABLE archived_actions (LIKE actions INCLUDING DEFAULTS) PARTITION BY RANGE (finished_at);
ALTER TABLE archived_actions ADD PRIMARY KEY (request_id, finished_at);
CREATE INDEX archived_actions_person ON archived_actions (account_id, person);
CREATE INDEX archived_actions_invited ON archived_actions (organization_id, person)
    WHERE kind IN ('invitation', 'withdrawal');
CREATE INDEX archived_actions_listed
    ON archived_actions (organization_id, created_at DESC, request_id DESC);
CREATE VIEW every_action AS
    SELECT * FROM actions UNION ALL SELECT * FROM archived_actions;

-- When an open invitation was found to be in no list of the provider's any more.
ALTER TABLE profiles ADD COLUMN invitation_gone_at timestamptz;

-- How far the ledger and the provider's own lists were apart when they were last compared.
CREATE TABLE ledger_drift (
    account_id  text NOT NULL,
    kind        text NOT NULL,
    actions     integer NOT NULL,
    compared_at timestamptz NOT NULL,
    PRIMARY KEY (account_id, kind)
);

CREATE INDEX inbound_received ON inbound (received_at, dedupe_key);
CREATE INDEX hold_audit_newest ON hold_audit (at DESC, id DESC);
"""


def upgrade() -> None:
    for statement in STATEMENTS.strip().split(";\n"):
        op.execute(statement)
