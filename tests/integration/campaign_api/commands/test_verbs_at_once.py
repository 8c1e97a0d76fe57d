"""Two verbs on one campaign at the same moment, each at a replica of its own: as if in turn.

A pair is raced on a campaign in each state that it can be in, and what came of it is compared
with what comes of the two orders. `RACES` says how often; `make races` 50 times each. The suite
races each verb once beside itself and beside those that decide what becomes of a campaign.
"""

import asyncio
import json
import os
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from itertools import combinations_with_replacement
from math import ceil
from pathlib import Path
from typing import Any

import pytest
from campaigns.errors import CampaignEnded, CampaignNotFound, UploadEnded
from campaigns.models import CampaignState
from campaigns.workflow.contracts import (
    TASK_QUEUE,
    LeadContract,
    LeadInput,
    campaign_workflow_id,
    lead_workflow_id,
)
from google.protobuf.field_mask_pb2 import FieldMask
from outreach.campaign.v1 import campaign_pb2, operation_pb2
from outreach.campaign.v1 import campaign_service_pb2 as pb
from outreach.campaign.v1 import import_service_pb2 as imports_pb
from outreach.campaign.v1 import lead_list_service_pb2 as lists_pb
from outreach.campaign.v1 import lead_service_pb2 as leads_pb
from outreach.campaign.v1 import sequence_service_pb2 as sequences_pb
from outreach.common.v1 import audited_pb2
from outreach.linkedin.v1 import account_pb2
from servicekit.errors import ServiceError
from servicekit.postgres.pool import Pool
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client
from temporalio.service import RPCError

from tests.integration.campaign_api.conftest import (
    ACCOUNT,
    LEADS,
    SCHEMA,
    SEQUENCE,
    Api,
    connected,
    running_api,
)
from tests.integration.campaign_api.imports.uploading import Upload
from tests.integration.campaign_api.lead_lists.lists import add, filled_at_once

RACES = int(os.environ.get("RACES", "1"))
GONE = "acct_gone"
"""Disconnected: it can be replaced, and keeps a campaign from starting."""
NEWCOMER = b"first_name,linkedin_url\nMary,linkedin.com/in/mary-example\n"
LIVE = (CampaignState.RUNNING, CampaignState.PAUSED, CampaignState.STOPPING)
COPIED = {
    "campaigns": ("id", "id"),
    "revisions": ("campaign_id", "number"),
    "leads": ("campaign_id", "position"),
}
"""Tables, by which column a campaign is found in them, and in which order its rows are copied."""
RETRIES = {"retry", "retry all"}
OF_A_WALK = {*RETRIES, "move one", "skip one"}
"""Of a lead in the sequence, that waits for its first step."""
UPLOADS = {"upload", "cancel upload"}
NEED_A_LIVE_ONE = {"begin upload", "upload", "release"}
"""Of a campaign that has ended they are refused; whose call deletes one, ends it first."""
OF_A_LIST = {"add list", "delete list"}
OTHER = "acct_other"
"""It sends beside the first one where a lead is moved."""
UPLOAD, NEW_UPLOAD = "there", "new"
"""Uploads by their request ids: that of the beginning, and the one that a verb begins."""
PARK_FIRST = """
    UPDATE leads SET state = 'running', started_at = created_at, parked_reason = 'ACTIVITY_FAILED',
                     parked_activity = 'perform_step', parked_at = created_at
     WHERE id = (SELECT id FROM leads WHERE campaign_id = $1 ORDER BY position LIMIT 1)
 RETURNING id
"""
BEGIN_FIRST = """
    UPDATE leads SET state = 'running', started_at = created_at
     WHERE id = (SELECT id FROM leads WHERE campaign_id = $1 ORDER BY position LIMIT 1)
 RETURNING id
"""
WAITS = """
    INSERT INTO step_executions
           (organization_id, lead_id, step_id, campaign_id, kind, state, reason, detail, started_at)
    SELECT organization_id, id, 'visit', campaign_id, 'profile_visit', 'waiting', '', '', created_at
      FROM leads WHERE id = $1
"""
FOLLOWS_THE_ROW = "leads_added"
"""Told after the import has let go of the campaign: only that it comes matters, not when."""


@dataclass(frozen=True)
class Verb:
    """A method that changes a campaign, and how it is asked for."""

    method: str
    ask: Callable[[Api, str], Awaitable[Any]]


def _on_campaign(rpc: str, **fields: Any) -> Verb:
    def ask(api: Api, campaign_id: str) -> Awaitable[Any]:
        request = getattr(pb, f"{rpc}Request")(campaign_id=campaign_id, **fields)
        return api.stubs.method(rpc)(request)

    return Verb(rpc, ask)


def _saying(text: str) -> str:
    drawing = json.loads(SEQUENCE)
    drawing["nodes"][1]["data"]["config"]["customMessage"] = text
    return json.dumps(drawing)


async def _edit(api: Api, campaign_id: str) -> None:
    request = pb.UpdateCampaignRequest(
        campaign=campaign_pb2.Campaign(
            campaign_id=campaign_id,
            etag="*",
            settings=campaign_pb2.CampaignSettings(leads_per_day=3),
        ),
        update_mask=FieldMask(paths=["settings.leads_per_day"]),
    )
    await api.stubs.campaigns.UpdateCampaign(request)


async def _update(api: Api, campaign_id: str) -> None:
    # Mary has none: she is held back as soon as this is said.
    request = sequences_pb.UpdateSequenceRequest(
        campaign_id=campaign_id,
        sequence_json=_saying("Size {{shoe size}}"),
        base_revision_id="*",
    )
    await api.stubs.sequences.UpdateSequence(request)


async def _roll_back(api: Api, campaign_id: str) -> None:
    request = sequences_pb.RollbackSequenceRequest(
        campaign_id=campaign_id, number=1, base_revision_id="*"
    )
    await api.stubs.sequences.RollbackSequence(request)


async def _retry(api: Api, campaign_id: str) -> None:
    request = leads_pb.RetryParkedLeadsRequest(campaign_id=campaign_id)
    await api.stubs.leads.RetryParkedLeads(request)


async def _retry_one(api: Api, campaign_id: str) -> None:
    ((_, lead), *_) = await api.leads.page(campaign_id, limit=1)
    request = leads_pb.RetryLeadRequest(campaign_id=campaign_id, lead_id=lead.id)
    await api.stubs.leads.RetryLead(request)


async def _stop_one(api: Api, campaign_id: str) -> None:
    ((_, lead), *_) = await api.leads.page(campaign_id, limit=1)
    request = leads_pb.StopLeadRequest(campaign_id=campaign_id, lead_id=lead.id)
    await api.stubs.leads.StopLead(request)


async def _skip_one(api: Api, campaign_id: str) -> None:
    ((_, lead), *_) = await api.leads.page(campaign_id, limit=1)
    request = leads_pb.SkipStepRequest(campaign_id=campaign_id, lead_id=lead.id, step_id="visit")
    await api.stubs.leads.SkipStep(request)


async def _move_one(api: Api, campaign_id: str) -> None:
    ((_, lead), *_) = await api.leads.page(campaign_id, limit=1)
    request = leads_pb.MoveLeadRequest(
        campaign_id=campaign_id, lead_id=lead.id, account_id=OTHER, even_if_contacted=True
    )
    await api.stubs.leads.MoveLead(request)


async def _release(api: Api, campaign_id: str) -> None:
    leads = [
        leads_pb.LeadToRelease(lead_id=lead.id, rank=1)
        for _, lead in await api.leads.page(campaign_id, limit=9)
    ]
    request = leads_pb.ReleaseLeadsRequest(
        campaign_id=campaign_id, release_id=f"release of {campaign_id}", leads=leads
    )
    await api.stubs.leads.ReleaseLeads(request)


async def _withdraw(api: Api, campaign_id: str) -> None:
    request = leads_pb.WithdrawLeadsRequest(
        campaign_id=campaign_id, release_id=f"release of {campaign_id}"
    )
    await api.stubs.leads.WithdrawLeads(request)


async def _begin_upload(api: Api, campaign_id: str) -> None:
    await Upload.begin(api.stubs, campaign_id, NEW_UPLOAD)


async def _upload(api: Api, campaign_id: str) -> str:
    upload = await _begun(api, campaign_id)
    try:
        await upload.finish(NEWCOMER)
    except ServiceError as refused:
        # Whoever is told that it has ended looks how: the other may have sent the same.
        if refused.reason != UploadEnded.reason:
            raise
    # It is read afterwards, and refused as the call would have been.
    done = await upload.until_done()
    if done.state == operation_pb2.OPERATION_STATE_CANCELLED:
        return UploadEnded.reason
    refused = done.lead_import.failure
    is_gone = refused in (CampaignEnded().message, CampaignNotFound().message)
    return CampaignEnded.reason if is_gone else refused or "OK"


async def _cancel_upload(api: Api, campaign_id: str) -> None:
    await (await _begun(api, campaign_id)).cancel()


async def _begun(api: Api, campaign_id: str) -> Upload:
    """The upload that a campaign has from the beginning, if it took one then."""
    operation_id = await api.pool.fetchval(
        "SELECT import_id FROM lead_imports WHERE campaign_id = $1 AND request_id = $2",
        campaign_id,
        UPLOAD,
    )
    return Upload(api.stubs, campaign_id, operation_id or "imp_01hzz0000000000000000000zz")


async def _add_list(api: Api, campaign_id: str) -> None:
    await add(api, campaign_id, await _list_of(api, campaign_id))


async def _delete_list(api: Api, campaign_id: str) -> None:
    request = lists_pb.DeleteLeadListRequest(lead_list_id=await _list_of(api, campaign_id))
    await api.stubs.lead_lists.DeleteLeadList(request)


async def _list_of(api: Api, campaign_id: str) -> str:
    """The list that was made for a campaign."""
    return str(
        await api.pool.fetchval("SELECT id FROM lead_lists WHERE request_id = $1", campaign_id)
    )


async def _remove_last(api: Api, campaign_id: str) -> None:
    leads = await api.leads.page(campaign_id, limit=5)
    request = leads_pb.RemoveLeadRequest(campaign_id=campaign_id, lead_id=leads[-1][1].id)
    await api.stubs.leads.RemoveLead(request)


VERBS: Mapping[str, Verb] = {
    "start": _on_campaign("StartCampaign"),
    "pause": _on_campaign("PauseCampaign"),
    "resume": _on_campaign("ResumeCampaign"),
    "call off": _on_campaign("StopCampaign"),
    "let finish": _on_campaign("StopCampaign", complete_current_executions=True),
    "delete": _on_campaign("DeleteCampaign", force=True),
    "undelete": _on_campaign("UndeleteCampaign"),
    "duplicate": _on_campaign("DuplicateCampaign", request_id="again", name="Summer"),
    "edit": Verb("UpdateCampaign", _edit),
    "update": Verb("UpdateSequence", _update),
    "roll back": Verb("RollbackSequence", _roll_back),
    "replace": _on_campaign(
        "ReplaceSender", account_id=GONE, replacement_account_id=ACCOUNT, contacted_leads=1
    ),
    "retry": Verb("RetryLead", _retry_one),
    "retry all": Verb("RetryParkedLeads", _retry),
    "stop one": Verb("StopLead", _stop_one),
    "skip one": Verb("SkipStep", _skip_one),
    "move one": Verb("MoveLead", _move_one),
    "remove last": Verb("RemoveLead", _remove_last),
    "release": Verb("ReleaseLeads", _release),
    "withdraw": Verb("WithdrawLeads", _withdraw),
    "import": Verb("ImportLeads", lambda api, campaign_id: api.import_leads(campaign_id, NEWCOMER)),
    "begin upload": Verb("CreateImport", _begin_upload),
    "upload": Verb("UploadImport", _upload),
    "cancel upload": Verb("CancelOperation", _cancel_upload),
    "add list": Verb("AddLeadList", _add_list),
    "delete list": Verb("DeleteLeadList", _delete_list),
}
OF_NO_CAMPAIGN = {"CreateCampaign", "CreateLeadList", "UpdateLeadList"}
"""Methods that change something, and are of no campaign that is there already."""
DECIDING = {"start", "pause", "call off", "delete"}
ALIKE: Sequence[set[str]] = (
    {"edit", "update", "roll back"},
    {"begin upload", "upload", "cancel upload"},
    {"add list", "delete list"},
    {"release", "withdraw"},
)
"""What changes the same rows."""


def _is_raced(pair: tuple[str, str]) -> bool:
    """Every pair where many races are asked for, else those of which much can come."""
    of_one_kind = len(set(pair)) == 1 or any(set(pair) <= verbs for verbs in ALIKE)
    return RACES > 1 or of_one_kind or bool(DECIDING & set(pair))


PAIRS = [pair for pair in combinations_with_replacement(VERBS, 2) if _is_raced(pair)]


def _states(pair: tuple[str, str]) -> Sequence[CampaignState]:
    """All when many races are asked for, which take turns, else that in which most is decided."""
    if RACES > 1:
        return (CampaignState.DRAFT, *LIVE)
    begins = {"start", "delete"} & set(pair)
    return (CampaignState.DRAFT if begins else CampaignState.RUNNING,)


@dataclass(frozen=True)
class Outcome:
    """What callers were told, and what is true afterwards."""

    told: tuple[str, str]
    row: tuple[Any, ...]
    revisions: tuple[str, ...]
    leads: tuple[tuple[Any, ...], ...]
    uploads: tuple[tuple[Any, ...], ...]
    lists: tuple[tuple[Any, ...], ...]
    held: bool
    signals: tuple[str, ...]


class Races:
    """Campaigns that are alike, for two replicas to race on."""

    def __init__(
        self,
        first: Api,
        second: Api,
        *,
        temporal: Client,
        template: str,
        columns: Mapping[str, Sequence[str]],
    ) -> None:
        self._replicas = first, second
        self._pool, self._held = first.pool, first.linkedin.held
        self._temporal, self._template = temporal, template
        self._columns = columns
        self._made = 0

    async def race(self, pair: tuple[str, str], state: CampaignState) -> Outcome:
        campaign_id = await self._campaign(pair, state)
        told = await asyncio.gather(
            *(
                self._ask(verb, api, campaign_id)
                for verb, api in zip(pair, self._replicas, strict=True)
            )
        )
        return await self._outcome(campaign_id, (told[0], told[1]))

    async def both_orders(self, pair: tuple[str, str], state: CampaignState) -> list[Outcome]:
        """What comes of one after the other; of a verb beside itself only who is told what.

        And what lies between, where a verb is done in steps.
        """
        first = await self.in_turn(pair, state, turned=False)
        if len(set(pair)) == 1:
            return [first, replace(first, told=(first.told[1], first.told[0]))]
        second = await self.in_turn(pair, state, turned=True)
        if set(pair) != UPLOADS:
            return [first, second]
        # A list goes in by batches: one that is cancelled behind its last keeps what went in, and
        # says of how many.
        uploads = tuple(
            (request_id, people, cancelled)
            for (request_id, people, _), (*_, cancelled) in zip(
                first.uploads, second.uploads, strict=True
            )
        )
        halfway = replace(second, leads=first.leads, uploads=uploads)
        return [first, second, halfway, replace(halfway, signals=first.signals)]

    async def in_turn(
        self, pair: tuple[str, str], state: CampaignState, *, turned: bool
    ) -> Outcome:
        campaign_id = await self._campaign(pair, state)
        told = ["", ""]
        for place in (1, 0) if turned else (0, 1):
            told[place] = await self._ask(pair[place], self._replicas[place], campaign_id)
        return await self._outcome(campaign_id, (told[0], told[1]))

    async def _ask(self, verb: str, api: Api, campaign_id: str) -> str:
        try:
            said = await VERBS[verb].ask(api, campaign_id)
        except ServiceError as error:
            # To delete a campaign is to end it first, and these may come in between.
            if verb in NEED_A_LIVE_ONE and error.reason == CampaignNotFound.reason:
                return CampaignEnded.reason
            return error.reason
        return said if isinstance(said, str) else "OK"

    async def _campaign(self, pair: tuple[str, str], state: CampaignState) -> str:
        """A copy of the template in this state; any signal starts its workflow."""
        self._made += 1
        campaign_id = f"{self._template[:-6]}{self._made:06}"
        senders = [ACCOUNT]
        senders += [GONE] if "replace" in pair else []
        senders += [OTHER] if "move one" in pair else []
        if state in (CampaignState.PAUSED, CampaignState.STOPPING):
            self._held[campaign_id] = "As it was."
        changes = {
            "campaigns": {
                "id": "$2",
                "request_id": "$2",
                "state": "$3",
                "account_ids": "$4",
                "revision_id": f"revision_id || '{self._made}'",
                "started_at": "CASE WHEN $3 <> 'draft' THEN created_at END",
            },
            "revisions": {"campaign_id": "$2", "id": f"id || '{self._made}'"},
            "leads": {"campaign_id": "$2", "id": f"id || '{self._made}'"},
        }
        async with self._pool.acquire() as connection, connection.transaction():
            for table, changed in changes.items():
                given = (
                    [campaign_id, state.value, senders] if table == "campaigns" else [campaign_id]
                )
                copy = _copy(table, self._columns[table], changed)
                await connection.execute(copy, self._template, *given)
            lead_id = None
            if state is not CampaignState.DRAFT and set(pair) & OF_A_WALK:
                first = PARK_FIRST if set(pair) & RETRIES else BEGIN_FIRST
                lead_id = await connection.fetchval(first, campaign_id)
                await connection.execute(WAITS, lead_id)
        if lead_id is not None:
            await self._walk(campaign_id, lead_id)
        if set(pair) & UPLOADS and state is not CampaignState.STOPPING:
            await Upload.begin(self._replicas[0].stubs, campaign_id, UPLOAD)
        if set(pair) & OF_A_LIST:
            await filled_at_once(self._replicas[0], campaign_id, NEWCOMER)
        return campaign_id

    async def _walk(self, campaign_id: str, lead_id: str) -> None:
        """A lead's workflow, on which nobody works."""
        await self._temporal.start_workflow(
            LeadContract.run,
            LeadInput(campaign_id=campaign_id, lead_id=lead_id),
            id=lead_workflow_id(campaign_id, lead_id),
            task_queue=TASK_QUEUE,
        )

    async def _outcome(self, campaign_id: str, told: tuple[str, str]) -> Outcome:
        row = await self._pool.fetchrow(
            """SELECT state, deleted_at IS NOT NULL, complete_current_executions, account_ids,
                      settings ->> 'leads_per_day', revision_id, started_at IS NOT NULL
                 FROM campaigns WHERE id = $1""",
            campaign_id,
        )
        revisions = await self._pool.fetch(
            "SELECT id, content_hash FROM revisions WHERE campaign_id = $1 ORDER BY number",
            campaign_id,
        )
        leads = await self._pool.fetch(
            """SELECT public_identifier, state, held_reason, parked_reason, replacement_account_id
                 FROM leads WHERE campaign_id = $1 ORDER BY position""",
            campaign_id,
        )
        uploads = await self._pool.fetch(
            """SELECT request_id, people, phase = 'cancelled' FROM lead_imports
                WHERE campaign_id = $1 AND request_id <> '' ORDER BY request_id""",
            campaign_id,
        )
        lists = await self._pool.fetch(
            """SELECT deleted_at IS NOT NULL, entry_count,
                      (SELECT count(*) FROM lead_list_entries WHERE lead_list_id = lead_lists.id),
                      (SELECT count(*) FROM lead_list_uses WHERE lead_list_id = lead_lists.id)
                 FROM lead_lists WHERE request_id = $1""",
            campaign_id,
        )
        *facts, revision_id, started = row
        present = next(each["content_hash"] for each in revisions if each["id"] == revision_id)
        return Outcome(
            told=told,
            row=(*(tuple(each) if isinstance(each, list) else each for each in facts), started),
            revisions=(*(each["content_hash"] for each in revisions), present),
            leads=tuple(tuple(each.values()) for each in leads),
            uploads=tuple(tuple(each.values()) for each in uploads),
            lists=tuple(tuple(each.values()) for each in lists),
            held=campaign_id in self._held,
            signals=await self._signals(campaign_id),
        )

    async def _signals(self, campaign_id: str) -> tuple[str, ...]:
        """What the workflow was told, in order; nobody works on it."""
        handle = self._temporal.get_workflow_handle(campaign_workflow_id(campaign_id))
        try:
            events = [each async for each in handle.fetch_history_events()]
        except RPCError:
            return ()
        named = [
            each.workflow_execution_signaled_event_attributes.signal_name
            for each in events
            if each.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED
        ]
        return ("started", *(each for each in named if each != FOLLOWS_THE_ROW))


def _copy(table: str, columns: Sequence[str], changed: Mapping[str, str]) -> str:
    key, order = COPIED[table]
    values = ", ".join(changed.get(each, each) for each in columns)
    return (
        f"INSERT INTO {table} ({', '.join(columns)})"
        f" SELECT {values} FROM {table} WHERE {key} = $1 ORDER BY {order}"
    )


async def _columns(pool: Pool) -> dict[str, list[str]]:
    rows = await pool.fetch(
        """SELECT table_name, column_name FROM information_schema.columns
            WHERE table_schema = $1 AND table_name = ANY($2)
              AND is_identity = 'NO' AND is_generated = 'NEVER'""",
        SCHEMA[0],
        list(COPIED),
    )
    return {
        table: [row["column_name"] for row in rows if row["table_name"] == table]
        for table in COPIED
    }


@pytest.fixture
async def races(new_database: Callable[..., str], temporal_client: Client) -> AsyncIterator[Races]:
    """Two replicas on one database, one gateway and one Temporal."""
    url, connection = new_database(SCHEMA), await connected(temporal_client)
    async with (
        running_api(url, connection) as first,
        running_api(url, connection, beside=first.neighbours) as second,
    ):
        first.linkedin.add_account(OTHER)
        first.linkedin.add_account(GONE, state=account_pb2.ACCOUNT_STATE_DISCONNECTED)
        template = await first.create()
        await first.import_leads(template, LEADS)
        await first.stubs.sequences.UpdateSequence(
            sequences_pb.UpdateSequenceRequest(
                campaign_id=template, sequence_json=_saying("Hi"), base_revision_id="*"
            )
        )
        yield Races(
            first,
            second,
            temporal=temporal_client,
            template=template,
            columns=await _columns(first.pool),
        )


def test_every_verb_is_raced() -> None:
    """One that is added to the contract is raced as well, or told to be of no campaign."""
    services = (
        pb.DESCRIPTOR.services_by_name["CampaignService"],
        leads_pb.DESCRIPTOR.services_by_name["LeadService"],
        sequences_pb.DESCRIPTOR.services_by_name["SequenceService"],
        imports_pb.DESCRIPTOR.services_by_name["ImportService"],
        lists_pb.DESCRIPTOR.services_by_name["LeadListService"],
    )
    changing = {
        method.name
        for service in services
        for method in service.methods
        if method.GetOptions().Extensions[audited_pb2.audited] == audited_pb2.AUDITED_CHANGE
    }

    assert {verb.method for verb in VERBS.values()} | OF_NO_CAMPAIGN == changing


@pytest.mark.lasts(seconds=15)
@pytest.mark.timeout(300 * (RACES + 2))
async def test_two_verbs_at_once_are_as_in_turn(races: Races) -> None:
    """Whatever is asked for at once, what comes of it comes of one of the two orders.

    A campaign that was deleted beside its start ran hidden; an edit beside it was told to
    nobody.
    """
    figures: Counter[str] = Counter()
    odd = []
    for pair in PAIRS:
        states = _states(pair)
        for state in states:
            orders = await races.both_orders(pair, state)
            for _ in range(ceil(RACES / len(states))):
                raced = await races.race(pair, state)
                if raced not in orders:
                    odd.append(f"{pair} when {state}: {_unlike(raced, orders)}")
                figures["first came first" if raced == orders[0] else "second came first"] += 1
    assert not odd, "\n".join(odd)
    _record(figures)


def _unlike(raced: Outcome, orders: Sequence[Outcome]) -> str:
    """In what an outcome is neither that of one order nor that of the other."""
    names = [each.name for each in fields(Outcome)]
    told = ({name: getattr(each, name) for name in names} for each in (raced, *orders))
    came, *expected = told
    return "; ".join(
        f"{name} {came[name]}, not {[each[name] for each in expected]}"
        for name in names
        if came[name] not in [each[name] for each in expected] or name == "told"
    )


def _record(figures: Counter[str]) -> None:
    if "RACES" in os.environ:
        told = {"pairs": len(PAIRS), "races of each": RACES, **figures}
        Path("build").mkdir(exist_ok=True)
        Path("build/races.json").write_text(json.dumps(told) + "\n")
