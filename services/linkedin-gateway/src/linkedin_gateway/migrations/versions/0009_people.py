"""People, by whom everything else goes; who is enrolled where, and who has answered."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

# An id of the provider belongs to the account that was given it: the same text of two accounts
# is two people until a profile shows that they are one. Everybody known gets an id that follows
# from how they were called; nobody whose profile tells a name that is somebody else's counts as
# resolved, so that they are looked up again, and become one, before anything is sent.
_IS_ID = "({0}.{1} ~ '^(ACo|ACw|ADo|AE)' AND length({0}.{1}) > 20)"
_PERSON_ID = (
    "CASE WHEN {0}.{1} = '' THEN '' ELSE 'per_' || left(md5(concat_ws(E'\\n', {2},"
    " CASE WHEN " + _IS_ID + " THEN {0}.account_id ELSE '' END, {0}.{1})), 26) END"
)
_PRODUCT = (
    "CASE WHEN {0} ~ '^A[CD]o' THEN 'classic' WHEN {0} ~ '^ACw' THEN 'sales_navigator'"
    " WHEN {0} ~ '^AE' THEN 'recruiter' ELSE '' END"
)

STATEMENTS = f"""
CREATE TABLE people (
    organization_id   text NOT NULL,
    person_id         text NOT NULL,
    public_identifier text NOT NULL DEFAULT '',
    first_name        text NOT NULL DEFAULT '',
    last_name         text NOT NULL DEFAULT '',
    -- When a profile last showed who they are; nothing visible goes to who was never resolved.
    resolved_at       timestamptz,
    merged_into       text,
    created_at        timestamptz NOT NULL,
    PRIMARY KEY (organization_id, person_id)
);
CREATE TABLE person_aliases (
    organization_id   text NOT NULL,
    kind              text NOT NULL,
    viewer_account_id text NOT NULL,
    product           text NOT NULL,
    value             text NOT NULL,
    person_id         text NOT NULL,
    -- An account was shown it; what callers call somebody may be anybody's.
    shown             boolean NOT NULL,
    PRIMARY KEY (organization_id, kind, viewer_account_id, product, value)
);
CREATE INDEX person_aliases_person ON person_aliases (organization_id, person_id);

-- Which leads have acted on whom, and whether they are over.
CREATE TABLE enrolments (
    organization_id text NOT NULL,
    campaign_id     text NOT NULL,
    lead_id         text NOT NULL,
    person_id       text NOT NULL,
    enrolled_at     timestamptz NOT NULL,
    ended_at        timestamptz,
    PRIMARY KEY (organization_id, campaign_id, lead_id)
);
CREATE INDEX enrolments_person ON enrolments (organization_id, person_id);
-- Who has accepted or answered which account, first; '' where it was none of ours.
CREATE TABLE person_responses (
    organization_id text NOT NULL,
    person_id       text NOT NULL,
    account_id      text NOT NULL,
    responded_at    timestamptz NOT NULL,
    PRIMARY KEY (organization_id, person_id, account_id)
);

ALTER TABLE profiles ADD COLUMN person_id text;
UPDATE profiles p SET person_id = {_PERSON_ID.format("p", "person", "a.organization_id")}
  FROM accounts a WHERE a.account_id = p.account_id;
DELETE FROM profiles WHERE person_id IS NULL OR person_id = '';
DROP VIEW every_action;
ALTER TABLE actions ADD COLUMN person_id text NOT NULL DEFAULT '';
UPDATE actions a SET person_id = {_PERSON_ID.format("a", "person", "a.organization_id")};
ALTER TABLE archived_actions ADD COLUMN person_id text NOT NULL DEFAULT '';
UPDATE archived_actions a SET person_id = {_PERSON_ID.format("a", "person", "a.organization_id")};

CREATE TEMPORARY TABLE called ON COMMIT DROP AS
    SELECT organization_id, account_id, person, person_id, min(created_at) AS at
      FROM (SELECT organization_id, account_id, person, person_id, created_at FROM actions
            UNION ALL
            SELECT organization_id, account_id, person, person_id, created_at FROM archived_actions
            UNION ALL
            SELECT a.organization_id, p.account_id, p.person, p.person_id, a.created_at
              FROM profiles p JOIN accounts a USING (account_id)) every_one
     WHERE person_id <> ''
     GROUP BY 1, 2, 3, 4;
INSERT INTO people (organization_id, person_id, created_at)
SELECT organization_id, person_id, min(at) FROM called GROUP BY 1, 2;
INSERT INTO person_aliases
SELECT DISTINCT c.organization_id,
       CASE WHEN {_IS_ID.format("c", "person")} THEN 'provider_id' ELSE 'address' END,
       CASE WHEN {_IS_ID.format("c", "person")} THEN c.account_id ELSE '' END,
       CASE WHEN {_IS_ID.format("c", "person")} THEN {_PRODUCT.format("c.person")} ELSE '' END,
       c.person, c.person_id, false
  FROM called c;
INSERT INTO person_aliases
SELECT DISTINCT ON (a.organization_id, p.account_id, p.provider_id)
       a.organization_id, 'provider_id', p.account_id, {_PRODUCT.format("p.provider_id")},
       p.provider_id, p.person_id, true
  FROM profiles p JOIN accounts a USING (account_id)
 WHERE p.provider_id <> ''
 ORDER BY a.organization_id, p.account_id, p.provider_id, p.read_at DESC NULLS LAST
ON CONFLICT (organization_id, kind, viewer_account_id, product, value) DO UPDATE
   SET shown = person_aliases.shown OR person_aliases.person_id = excluded.person_id;
INSERT INTO person_aliases
SELECT DISTINCT ON (a.organization_id, lower(p.public_identifier))
       a.organization_id, 'address', '', '', lower(p.public_identifier), p.person_id, true
  FROM profiles p JOIN accounts a USING (account_id)
 WHERE p.public_identifier <> ''
 ORDER BY a.organization_id, lower(p.public_identifier), p.read_at DESC NULLS LAST
ON CONFLICT (organization_id, kind, viewer_account_id, product, value) DO UPDATE
   SET shown = person_aliases.shown OR person_aliases.person_id = excluded.person_id;
UPDATE people SET resolved_at = seen.read_at, public_identifier = seen.public_identifier,
       first_name = seen.first_name, last_name = seen.last_name
  FROM (SELECT DISTINCT ON (a.organization_id, p.person_id)
               a.organization_id, p.person_id, p.read_at, p.public_identifier, p.first_name,
               p.last_name
          FROM profiles p JOIN accounts a USING (account_id)
         WHERE p.read_at IS NOT NULL
         ORDER BY a.organization_id, p.person_id, p.read_at DESC) seen
 WHERE people.organization_id = seen.organization_id AND people.person_id = seen.person_id
   AND NOT EXISTS (
       SELECT 1 FROM profiles p
         JOIN accounts a USING (account_id)
         JOIN person_aliases other ON other.organization_id = a.organization_id
          AND ((other.kind = 'address' AND other.value = lower(p.public_identifier))
            OR (other.kind = 'provider_id' AND other.viewer_account_id = p.account_id
                AND other.value = p.provider_id))
        WHERE a.organization_id = seen.organization_id AND p.person_id = seen.person_id
          AND other.person_id <> p.person_id);

-- Whether a lead of before is over is not known here: it keeps nobody of another campaign.
INSERT INTO enrolments (organization_id, campaign_id, lead_id, person_id, enrolled_at, ended_at)
SELECT organization_id, campaign_id, lead_id, min(person_id), min(sent_at), now()
  FROM (SELECT * FROM actions UNION ALL SELECT * FROM archived_actions) every_one
 WHERE sent_at IS NOT NULL AND campaign_id <> '' AND person_id <> ''
   AND kind <> 'withdrawal' AND kind NOT IN ('lookup', 'post_list')
 GROUP BY 1, 2, 3;

INSERT INTO person_responses (organization_id, person_id, account_id, responded_at)
SELECT a.organization_id, p.person_id, p.account_id, p.accepted_at
  FROM profiles p JOIN accounts a USING (account_id)
 WHERE p.accepted_at IS NOT NULL AND p.invited_at IS NOT NULL;
INSERT INTO person_responses (organization_id, person_id, account_id, responded_at)
SELECT e.organization_id, e.person_id, r.account_id, min(r.replied_at)
  FROM replies r JOIN enrolments e USING (campaign_id, lead_id)
 GROUP BY 1, 2, 3
ON CONFLICT DO NOTHING;

DROP INDEX actions_person;
DROP INDEX actions_invited;
DROP INDEX archived_actions_person;
DROP INDEX archived_actions_invited;
ALTER TABLE actions RENAME COLUMN person TO identifier;
ALTER TABLE archived_actions RENAME COLUMN person TO identifier;
CREATE INDEX actions_person ON actions (organization_id, person_id, kind);
CREATE INDEX archived_actions_person ON archived_actions (organization_id, person_id, kind);
CREATE VIEW every_action AS
    SELECT * FROM actions UNION ALL SELECT * FROM archived_actions;

ALTER TABLE profiles DROP CONSTRAINT profiles_pkey;
ALTER TABLE profiles ALTER COLUMN person_id SET NOT NULL;
ALTER TABLE profiles DROP COLUMN person;
ALTER TABLE profiles ADD PRIMARY KEY (account_id, person_id)
"""


def upgrade() -> None:
    for statement in STATEMENTS.strip().split(";\n"):
        op.execute(statement)
