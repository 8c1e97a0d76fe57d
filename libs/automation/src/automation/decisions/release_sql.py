"""The statements on releases: whom they are of, and which of these still fit."""

from servicekit.postgres.statement import Statement

from automation.decisions.rows import DECIDED_LEAD, DECISIONS

RECORD_LEADS = Statement(f"""
    INSERT INTO decision_leads (organization_id, created_at, decision_id, {DECIDED_LEAD})
    SELECT :organization_id::text, :created_at::timestamptz, :decision_id::text, {DECIDED_LEAD}
      FROM jsonb_to_recordset(:leads::jsonb) AS given ({DECIDED_LEAD.declared})
""")
LEADS = f"""
    SELECT {DECIDED_LEAD} FROM decision_leads
     WHERE decision_id = $1 ORDER BY rank DESC, lead_id LIMIT $2
"""
# Whom somebody may still approve, or has approved, and who is not released yet.
UNDECIDED = """
    SELECT decisions.program_id, decisions.id AS decision_id, decisions.answered_at,
           decisions.fitted_at IS NOT NULL AS is_fitted, leads.lead_id, leads.account_id
      FROM decisions JOIN decision_leads AS leads
        ON leads.created_at = decisions.created_at AND leads.decision_id = decisions.id
     WHERE decisions.organization_id = $1 AND decisions.state = 'proposed'
       AND decisions.kind = 'release_leads' AND leads.left_out = ''
       AND (decisions.answered_at IS NOT NULL OR decisions.expires_at > $2)
"""
# Two that look at once would each take the same sender's slots, and two senders one company.
ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtextextended('releases/' || $1, 0))"
# What a look goes by changes with each step of a release up to its effect, which changes nothing:
# whom it has released is known from the leads.
RELEASES = """
    SELECT count(*) + count(answered_at) + count(fitted_at) FROM decisions
     WHERE organization_id = $1 AND created_at >= $2
       AND kind = 'release_leads' AND state <> 'dry'
"""
# Once: whoever comes to it again finds who fitted then.
FITTED = f"""
    UPDATE decisions SET fitted_at = $2
     WHERE id = $1 AND state = 'proposed' AND answered_at IS NOT NULL AND fitted_at IS NULL
       AND ending = ''
 RETURNING {DECISIONS.selected()}
"""
LEAVE_OUT = """
    UPDATE decision_leads SET left_out = given.left_out
      FROM unnest($2::text[], $3::text[]) AS given (lead_id, left_out)
     WHERE decision_leads.decision_id = $1 AND decision_leads.lead_id = given.lead_id
       AND decision_leads.left_out = ''
"""
