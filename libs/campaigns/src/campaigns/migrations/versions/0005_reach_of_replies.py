"""Finding a person, or everybody of a company, in every campaign of an organization."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# Without case, punctuation and legal form. Immutable, because an index is made of it.
REACH = """
CREATE FUNCTION company_key(company text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT btrim(regexp_replace(
        regexp_replace(lower(company), '[^[:alnum:]]+', ' ', 'g'),
        '( (ab|ag|as|bv|co|corp|corporation|gmbh|inc|incorporated|kg|lda|limited|llc|llp|ltd|'
        'ltda|nv|oy|plc|pty|sa|sarl|sas|se|sl|spa|srl|ug|und))+ ?$', ''))
$$;
CREATE INDEX leads_by_company ON leads (company_key(company))
 WHERE company <> '' AND state IN ('ready', 'running');
CREATE INDEX leads_by_person ON leads (public_identifier)
 WHERE state IN ('ready', 'running');
"""


def upgrade() -> None:
    op.execute(REACH)
