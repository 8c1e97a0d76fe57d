"""The statements by which a decision comes from one state to another; each checks and writes."""

from automation.decisions.rows import DECISIONS

ALL = DECISIONS.selected()
"""What is read of a decision."""
# Of two who answer the first is heard; nobody is after 48 hours, nor once the program is deleted.
APPROVE = f"""
    UPDATE decisions SET answered_at = $3, answered_by = $2
     WHERE id = $1 AND state = 'proposed' AND answered_at IS NULL
       AND (expires_at IS NULL OR expires_at > $3)
       AND NOT EXISTS (SELECT FROM programs
                        WHERE programs.organization_id = decisions.organization_id
                          AND programs.program_id = decisions.program_id
                          AND programs.state = 'deleted')
 RETURNING {ALL}
"""
REJECT = f"""
    UPDATE decisions
       SET state = 'rejected', answered_at = $3, answered_by = $2, ended_at = $3
     WHERE id = $1 AND state = 'proposed' AND answered_at IS NULL
       AND (expires_at IS NULL OR expires_at > $3)
 RETURNING {ALL}
"""
REVERT = f"""
    UPDATE decisions SET revert_asked_at = $3, revert_asked_by = $2, failure = ''
     WHERE id = $1 AND state = 'applied' AND revert_asked_at IS NULL AND applied_at > $4
 RETURNING {ALL}
"""
# What was approved has been answered, however long its effect takes.
EXPIRE = """
    WITH due AS (
        SELECT created_at, id FROM decisions
         WHERE state = 'proposed' AND answered_at IS NULL AND expires_at <= $1
         ORDER BY expires_at LIMIT 1000 FOR UPDATE SKIP LOCKED)
    UPDATE decisions SET state = 'expired', ended_at = $1
      FROM due WHERE decisions.created_at = due.created_at AND decisions.id = due.id
 RETURNING decisions.id
"""
# An effect ends what was approved, once; whoever tells it again changes nothing.
APPLIED = f"""
    UPDATE decisions SET state = 'applied', applied_at = $2, change = $3
     WHERE id = $1 AND state = 'proposed' AND answered_at IS NOT NULL AND ending = ''
 RETURNING {ALL}
"""
NOT_APPLIED = f"""
    UPDATE decisions SET state = $3, ended_at = $2, failure = $4
     WHERE id = $1 AND state = 'proposed' AND answered_at IS NOT NULL AND ending = ''
 RETURNING {ALL}
"""
# Before anything is taken back: of who calls it off and who has its effect told one is heard.
CALL_OFF = f"""
    UPDATE decisions SET ending = $2, failure = $3
     WHERE id = $1 AND state = 'proposed' AND answered_at IS NOT NULL AND ending = ''
 RETURNING {ALL}
"""
CALLED_OFF = f"""
    UPDATE decisions SET state = ending, ending = '', ended_at = $2
     WHERE id = $1 AND state = 'proposed' AND ending <> ''
 RETURNING {ALL}
"""
BEGUN = """
    UPDATE decisions SET change = jsonb_set(change, '{after,begun}', to_jsonb($2::integer))
     WHERE id = $1
"""
REVERTED = f"""
    UPDATE decisions SET state = $3, ended_at = $2, failure = $4
     WHERE id = $1 AND state = 'applied' AND revert_asked_at IS NOT NULL
 RETURNING {ALL}
"""
# It can be asked for again: what stood in the way may pass.
NOT_REVERTED = f"""
    UPDATE decisions SET revert_asked_at = NULL, revert_asked_by = '', failure = $2
     WHERE id = $1 AND state = 'applied' AND revert_asked_at IS NOT NULL
 RETURNING {ALL}
"""
AWAITED = f"""
    SELECT {ALL} FROM decisions
     WHERE (state = 'proposed' AND answered_at IS NOT NULL
            OR state = 'applied' AND revert_asked_at IS NOT NULL)
       AND coalesce(revert_asked_at, answered_at) <= $1
     ORDER BY created_at, id LIMIT $2
"""
