"""What a table needs so that its list can be followed: see `servicekit.lists.following`.

Each function is safe to repeat, and its table is read and written meanwhile, also by code of the
release before: all of it happens by defaults and triggers. None has two tables at once.
"""

from collections.abc import Sequence

from alembic import op

from servicekit.postgres.alembic_env.transactions import let_go

# Times do not come in the order in which transactions end; the numbers of transactions do, up to
# the oldest that is under way. What was there before has changed when this ran.
_COLUMNS = """
ALTER TABLE {table}
    ADD COLUMN IF NOT EXISTS changed_in bigint NOT NULL DEFAULT pg_current_xact_id()::text::bigint,
    ADD COLUMN IF NOT EXISTS changed_at timestamptz NOT NULL DEFAULT now()
"""
_NOTE = """
CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF {changed} THEN
        NEW.changed_in := pg_current_xact_id()::text::bigint;
        NEW.changed_at := now();
    END IF;
    RETURN NEW;
END $$
"""
# Without a condition of its own: PostgreSQL reads that anew for each statement, which of fifteen
# columns takes as long as to write an index of them; a session reads a function once.
_NOTED = """
CREATE OR REPLACE TRIGGER {table}_noted_as_changed BEFORE UPDATE ON {table}
    FOR EACH ROW EXECUTE FUNCTION {function}()
"""
_REMOVALS = """
CREATE TABLE IF NOT EXISTS removals (
    organization_id text NOT NULL,
    of_table        text NOT NULL,
    -- Of the row nothing is kept but what it was known by.
    kept            jsonb NOT NULL,
    changed_at      timestamptz NOT NULL DEFAULT now(),
    changed_in      bigint NOT NULL DEFAULT pg_current_xact_id()::text::bigint,
    PRIMARY KEY (organization_id, of_table, kept)
);
CREATE INDEX IF NOT EXISTS removals_by_change ON removals (of_table, organization_id, changed_in);
CREATE INDEX IF NOT EXISTS removals_by_age ON removals (changed_at);
-- Up to which transaction it is not told any more what was removed.
CREATE TABLE IF NOT EXISTS forgotten_removals_of_tables (
    organization_id text NOT NULL,
    of_table        text NOT NULL,
    changed_in      bigint NOT NULL,
    PRIMARY KEY (organization_id, of_table)
);
"""
# As the owner: whoever removes a row need not be granted the table of removals. What comes again
# and is removed again was removed now.
_NOTE_REMOVAL = """
CREATE OR REPLACE FUNCTION note_removal_of_row() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    INSERT INTO removals (organization_id, of_table, kept)
    SELECT OLD.organization_id, TG_TABLE_NAME, jsonb_object_agg(key, value)
      FROM jsonb_each(to_jsonb(OLD)) WHERE key = ANY (TG_ARGV)
        ON CONFLICT (organization_id, of_table, kept) DO UPDATE
       SET changed_in = excluded.changed_in, changed_at = excluded.changed_at;
    RETURN NULL;
END $$;
DO $$
BEGIN
    EXECUTE format('ALTER FUNCTION note_removal_of_row() SET search_path = %I, pg_temp',
                   current_schema());
END $$;
"""
_REMOVED = """
CREATE OR REPLACE TRIGGER {table}_noted_as_removed AFTER DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION note_removal_of_row({key})
"""


def note_changes(table: str, *, seen: Sequence[str] = ()) -> None:
    """Note in which transaction each row was last written, or last in one of the columns seen."""
    let_go()
    op.execute(_COLUMNS.format(table=table))
    function = f"note_change_of_{table}" if seen else "note_change"
    old, new = (", ".join(f"{row}.{each}" for each in seen) for row in ("OLD", "NEW"))
    changed = f"ROW({old}) IS DISTINCT FROM ROW({new})" if seen else "true"
    op.execute(_NOTE.format(function=function, changed=changed))
    op.execute(_NOTED.format(table=table, function=function))
    let_go()


def note_removals(table: str, *, key: Sequence[str]) -> None:
    """Keep the key of each row that is deleted."""
    let_go()
    op.execute(_REMOVALS)
    op.execute(_NOTE_REMOVAL)
    op.execute(_REMOVED.format(table=table, key=", ".join(f"'{each}'" for each in key)))
    let_go()
