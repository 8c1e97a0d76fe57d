"""The lists of programs and of all that comes of them."""

from typing import Any

from automation.listings import decisions, models, programs, reports, runs
from automation.listings.organization_pages import OrganizationList, OrganizationPages
from automation.reports.counting import report_of
from automation.reports.report import Report
from pydantic import TypeAdapter
from servicekit.page_tokens import PageTokens
from servicekit.postgres.pool import Pool

from tests.lists.following import FollowedList, Open, Read
from tests.unit.automation.reports.worlds import NOW, contacts, records, subject

_AT = "timestamptz '2026-03-02Z'"
_PROGRAM = f"""
    INSERT INTO programs (organization_id, program_id, request_id, request_hash, campaign_id, name,
                          mode, state, plan_per_day, daily_minute, weekdays, time_zone,
                          review_minute, exploration_share, company_spacing_days, created_at,
                          updated_at)
    VALUES ('{{of}}', format('prog_{{of}}_%s', $1::int), $1::int, '', format('camp_%s', $1::int),
            {{word}}, 'review', 'active', 1, 0, '{{{{1}}}}', 'UTC', 0, 0, 0, {_AT}, {_AT})
    ON CONFLICT (organization_id, program_id)
    DO UPDATE SET name = excluded.name, state = 'active'
"""
_PROGRAMS = [
    _PROGRAM.format(of="org_north", word="''").replace("$1::int", str(number))
    for number in range(4)
]
_RUN = f"""
    INSERT INTO runs (organization_id, run_id, program_id, type, nominal_at, nominal_day,
                      workflow_id, trigger, state, started_at, began_at, error)
    VALUES ('{{of}}', format('run_{{of}}_%s', $1::int), format('prog_{{of}}_%s', $1::int % 4),
            'daily', {_AT} + $1::int * interval '1 day', date '2026-03-02', '', 'schedule',
            'running', {_AT}, {_AT}, {{word}})
    ON CONFLICT (organization_id, program_id, type, nominal_at) DO UPDATE SET error = excluded.error
"""
_DECISION = f"""
    INSERT INTO decisions (organization_id, id, program_id, campaign_id, run_id, key, kind, state,
                           rule, rule_version, inputs, change, created_at, failure)
    VALUES ('{{of}}', format('dec_{{of}}_%s', $1::int), 'prog_1', format('camp_%s', $1::int), '',
            $1::int, 'release_leads', 'proposed', '', 1, '{{{{}}}}',
            '{{{{"before": {{{{}}}}, "after": {{{{}}}}}}}}', {_AT}, {{word}})
    ON CONFLICT (organization_id, program_id, key) DO UPDATE SET failure = excluded.failure
"""
_MODEL = f"""
    INSERT INTO models (organization_id, model_id, program_id, run_id, trained_at, seed, verdict,
                        evaluation, body)
    VALUES ('{{of}}', format('mdl_{{of}}_%s', $1::int), format('prog_{{of}}_%s', $1::int % 4), '',
            {_AT}, length({{word}}), 'promotable', '{{{{"matured": 0, "accepted": 0, "companies": 0,
            "comparison": null, "last_weeks": null}}}}', '')
    ON CONFLICT (model_id) DO UPDATE SET seed = models.seed + 1
"""
_REPORT = f"""
    INSERT INTO reports (organization_id, report_id, program_id, campaign_id, kind, last_day,
                         created_at, figures)
    VALUES ('{{of}}', format('rep_{{of}}_%s', $1::int), 'prog_1', format('camp_%s', $1::int),
            'weekly', date '2026-03-02' + $1::int, {_AT} + length({{word}}) * interval '1 second',
            FIGURES)
    ON CONFLICT (organization_id, program_id, kind, last_day)
    DO UPDATE SET created_at = reports.created_at + interval '1 second'
"""
_FIGURES = TypeAdapter(Report).dump_json(
    report_of(subject(), records(*contacts(days=7, a_day=2, accepted=0.3)), now=NOW)
)
_ACROSS = frozenset({"camp_1", "camp_2"})


def _opened(of: OrganizationList[Any], campaign_ids: frozenset[str] | None) -> Open:
    def opened(pool: Pool, tokens: PageTokens) -> Read:
        pages: OrganizationPages[Any] = OrganizationPages(pool, tokens, of)
        seen = None if campaign_ids is None else [*campaign_ids]
        return lambda asked: pages.page("org_north", asked, campaign_ids=seen)

    return opened


def _list(of: OrganizationList[Any], put: str, **more: Any) -> FollowedList:
    return FollowedList(
        schema="automation",
        listed=of.schema,
        following=of.following,
        open=_opened(of, None),
        limited=_opened(of, _ACROSS),
        put=put.format(of="org_north", word="$2::text"),
        others=put.format(of="org_south", word="'theirs'"),
        **more,
    )


LISTS = {
    "ListPrograms": _list(
        programs.PROGRAM_LIST,
        _PROGRAM,
        key=lambda each: [each.program_id],
        takes=[
            (
                "UPDATE programs SET state = 'deleted', deleted_at = now()"
                " WHERE program_id = format('prog_org_north_%s', $1::int)"
            )
        ],
    ),
    "ListRuns": _list(runs.RUN_LIST, _RUN, first=_PROGRAMS, key=lambda each: [each.run_id]),
    "ListModels": _list(
        models.MODEL_LIST,
        _MODEL,
        first=_PROGRAMS,
        key=lambda each: [each.model_id],
        moves=[
            (
                "INSERT INTO champions (organization_id, program_id, number, model_id, promoted_at,"
                " promoted_by) SELECT 'org_north', format('prog_org_north_%s', $1::int % 4),"
                " coalesce(max(number), 0) + 1, '', now(), '' FROM champions"
            )
        ],
    ),
    "ListReports": _list(
        reports.REPORT_LIST,
        _REPORT.replace(
            "FIGURES",
            "'" + _FIGURES.decode().replace("'", "''").replace("{", "{{").replace("}", "}}") + "'",
        ),
        key=lambda each: [each.report_id],
    ),
    "ListDecisions": _list(decisions.DECISION_LIST, _DECISION, key=lambda each: [each.id]),
}
