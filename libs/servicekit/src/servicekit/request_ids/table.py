"""Where answers are kept, as the migrations of whoever answers make it."""

from servicekit.sealing.rotation import SealedRows
from servicekit.sealing.seal import SealedColumn

CREATE = """
CREATE TABLE request_answers (
    organization_id text NOT NULL,
    -- Who asked: whoever else uses the same id has asked for something of their own.
    caller text NOT NULL,
    rpc text NOT NULL,
    request_id text NOT NULL,
    -- SHA-256 of what was asked.
    digest bytea NOT NULL,
    -- Until then it may still be served, where it has no answer yet.
    served_until timestamptz NOT NULL,
    answer bytea,
    asked_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (request_id, rpc, caller, organization_id)
);
CREATE INDEX request_answers_by_age ON request_answers (asked_at);
"""
ADD_SUBJECT = """
ALTER TABLE request_answers ADD COLUMN IF NOT EXISTS subject text NOT NULL DEFAULT ''
"""
"""What an answer shows that somebody may have forgotten, by its id; empty for nothing."""
BY_SUBJECT = {"request_answers_by_subject": "request_answers (subject) WHERE subject <> ''"}
GONE = "answer = NULL, served_until = least(served_until, clock_timestamp())"
"""What is set of an answer that shows what is gone: who asks again is served, by what is now."""


def answer_column(schema: str) -> SealedColumn:
    """Where answers are sealed: by the key of the caller's organization."""
    return SealedColumn(schema, "request_answers", "answer")


def sealed_rows(schema: str) -> SealedRows:
    """The answers, for whoever seals them anew."""
    return SealedRows(
        place=answer_column(schema),
        key={"request_id": "text", "rpc": "text", "caller": "text", "organization_id": "text"},
        named="concat_ws('/', request_answers.request_id, request_answers.rpc,"
        " request_answers.caller)",
    )
