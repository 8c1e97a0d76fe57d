"""The audit's tables, as each owner's migration makes them: only added to, a table a month.

What has run somewhere is never changed here: a change is further statements, and a further
migration of each owner.
"""

from typing import Final

_ADDED_TO: Final = ("SELECT", "INSERT")
NOBODYS: Final = {"audit_checkpoints": "a checkpoint signs the chain of all organizations"}
"""Tables whose rows are no organization's, and why."""
PRIVILEGES: Final = {
    "audit_records": _ADDED_TO,
    "audit_seals": _ADDED_TO,
    "audit_checkpoints": _ADDED_TO,
}
"""What any role but the owner may do with them at the most."""

_TABLES = (
    """
    CREATE TABLE audit_records (
        organization_id text NOT NULL,
        recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        record_id text NOT NULL,
        transaction_id xid8 NOT NULL DEFAULT pg_current_xact_id(),
        service text NOT NULL,
        rpc text NOT NULL,
        outcome text NOT NULL CHECK (outcome IN ('done', 'denied', 'unknown')),
        code text NOT NULL,
        reason text NOT NULL,
        caller_kind text NOT NULL,
        subject text NOT NULL,
        actors text NOT NULL,
        address text NOT NULL,
        resource text NOT NULL,
        request_id text NOT NULL,
        trace_id text NOT NULL,
        digest_before text NOT NULL,
        digest_after text NOT NULL,
        proof bytea NOT NULL,
        PRIMARY KEY (recorded_at, record_id)
    ) PARTITION BY RANGE (recorded_at)
    """,
    """
    CREATE INDEX audit_records_by_transaction ON audit_records (transaction_id)
    """,
    """
    CREATE INDEX audit_records_by_organization ON audit_records (organization_id, recorded_at)
    """,
    """
    CREATE INDEX audit_records_by_resource ON audit_records (resource, recorded_at)
     WHERE resource <> ''
    """,
    """
    CREATE TABLE audit_seals (
        organization_id text NOT NULL,
        sealed_at timestamptz NOT NULL,
        position bigint NOT NULL,
        recorded_at timestamptz NOT NULL,
        record_id text NOT NULL,
        digest bytea NOT NULL,
        proof text NOT NULL CHECK (proof IN ('valid', 'absent', 'invalid', 'repeated')),
        chain bytea NOT NULL,
        snapshot text,
        PRIMARY KEY (sealed_at, position)
    ) PARTITION BY RANGE (sealed_at)
    """,
    """
    CREATE INDEX audit_seals_by_position ON audit_seals (position)
    """,
    """
    CREATE INDEX audit_seals_by_record ON audit_seals (record_id)
    """,
    """
    CREATE TABLE audit_checkpoints (
        number bigint PRIMARY KEY,
        position bigint NOT NULL,
        chain bytea NOT NULL,
        signed_at timestamptz NOT NULL,
        dropped_before timestamptz,
        before bytea NOT NULL,
        key_id text NOT NULL,
        signature bytea NOT NULL
    )
    """,
    """
    CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'the audit is only added to' USING ERRCODE = 'insufficient_privilege';
    END $$
    """,
    """
    DO $$
    DECLARE audited text;
    BEGIN
        FOREACH audited IN ARRAY ARRAY['audit_records', 'audit_seals', 'audit_checkpoints'] LOOP
            EXECUTE format('CREATE TRIGGER %I BEFORE UPDATE OR DELETE ON %I
                FOR EACH ROW EXECUTE FUNCTION audit_refuse()', audited || '_only_grow', audited);
            EXECUTE format('CREATE TRIGGER %I BEFORE TRUNCATE ON %I
                FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()', audited || '_stay', audited);
        END LOOP;
    END $$
    """,
)
# These run as their owner, whose the tables are: who only adds can neither make one nor drop it.
_MONTHS = (
    """
    CREATE FUNCTION audit_prepare() RETURNS void LANGUAGE plpgsql SECURITY DEFINER AS $$
    DECLARE
        month timestamptz;
        audited text;
        part text;
    BEGIN
        FOR month IN SELECT generate_series(date_trunc('month', now()),
                                            date_trunc('month', now()) + interval '12 months',
                                            interval '1 month') LOOP
            FOREACH audited IN ARRAY ARRAY['audit_records', 'audit_seals'] LOOP
                part := audited || to_char(month, '_YYYY_MM');
                IF to_regclass(quote_ident(part)) IS NULL THEN
                    EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)',
                                   part, audited, month, month + interval '1 month');
                END IF;
            END LOOP;
        END LOOP;
    END $$
    """,
    """
    CREATE FUNCTION audit_months_before(age interval) RETURNS SETOF timestamptz
    LANGUAGE sql SECURITY DEFINER AS $$
        SELECT month FROM (
            -- The planner may ask it of every table there is before it asks whose part that is.
            SELECT CASE WHEN part.relname ~ '^audit_records_[0-9]{4}_[0-9]{2}$' THEN
                   to_timestamp(right(part.relname, 7) || '_01 00', 'YYYY_MM_DD HH24') END AS month
              FROM pg_inherits child
              JOIN pg_class part ON part.oid = child.inhrelid
             WHERE child.inhparent = to_regclass('audit_records')
        ) AS months
         WHERE month + interval '1 month' <= now() - greatest(age, interval '90 days')
         ORDER BY month
    $$
    """,
    """
    CREATE FUNCTION audit_drop(month timestamptz) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER AS $$
    DECLARE
        past timestamptz := month + interval '1 month';
        last bigint;
    BEGIN
        IF month <> date_trunc('month', month) OR past > now() - interval '90 days' THEN
            RAISE EXCEPTION 'this month is kept' USING ERRCODE = 'insufficient_privilege';
        END IF;
        IF EXISTS (SELECT FROM audit_records record
                    WHERE record.recorded_at >= month AND record.recorded_at < past
                      AND NOT EXISTS (SELECT FROM audit_seals seal
                                       WHERE seal.record_id = record.record_id)) THEN
            RAISE EXCEPTION 'records of this month are not sealed';
        END IF;
        SELECT max(position) INTO last FROM audit_seals
         WHERE sealed_at >= month AND sealed_at < past;
        IF last IS NOT NULL AND NOT EXISTS (SELECT FROM audit_checkpoints
                                             WHERE dropped_before >= past AND position >= last) THEN
            RAISE EXCEPTION 'no anchor stands for this month';
        END IF;
        EXECUTE format('DROP TABLE %I', 'audit_records' || to_char(month, '_YYYY_MM'));
        EXECUTE format('DROP TABLE %I', 'audit_seals' || to_char(month, '_YYYY_MM'));
    END $$
    """,
    """
    DO $$
    DECLARE routine text;
    BEGIN
        FOREACH routine IN ARRAY ARRAY['audit_prepare()', 'audit_months_before(interval)',
                                       'audit_drop(timestamptz)'] LOOP
            EXECUTE format('ALTER FUNCTION %s SET search_path = %I, pg_temp',
                           routine, current_schema());
            EXECUTE format('ALTER FUNCTION %s SET timezone = ''UTC''', routine);
        END LOOP;
    END $$
    """,
    """
    SELECT audit_prepare()
    """,
)
CREATE: Final = (*_TABLES, *_MONTHS)
"""Statements, in their order."""
