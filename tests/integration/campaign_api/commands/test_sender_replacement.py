"""ReplaceSender and MoveLead: who moves, who ends, who stays, and when it is refused."""

from datetime import timedelta

import pytest
from campaigns.campaign_edit import CampaignEdit
from campaigns.errors import SenderInUse
from campaigns.models import ConnectionState, LeadState, StepExecution, StepState
from campaigns.repositories.edits.campaign_edit_repository import CampaignEditRepository
from campaigns.repositories.sender_repository import SenderRepository
from campaigns.senders.replacement import Contact, ContactedLeads, ReplacementPolicy
from campaigns.sequences.sequence import StepKind
from campaigns.workflow.contracts import TASK_QUEUE, LeadContract, LeadInput
from outreach.campaign.v1 import campaign_pb2, lead_service_pb2
from outreach.campaign.v1 import campaign_service_pb2 as pb
from outreach.linkedin.v1 import account_pb2
from servicekit.errors import FailedPrecondition, InvalidArgument, ServiceError
from servicekit.etags import WHATEVER

from tests.fakes.campaign_workflows import StandInLead, Told
from tests.fakes.sealing import SEAL
from tests.integration.campaign_api.conftest import ACCOUNT, NOON, Api

NEW = "acct_grace"
LEADS = b"""first_name,linkedin_url
Ada,linkedin.com/in/ada
Bo,linkedin.com/in/bo
Cy,linkedin.com/in/cy
"""
REMOVED = account_pb2.ACCOUNT_STATE_REMOVED
CONNECTED = account_pb2.ACCOUNT_STATE_CONNECTED
STAY, END, MOVE = (
    campaign_pb2.CONTACTED_LEADS_STAY,
    campaign_pb2.CONTACTED_LEADS_END,
    campaign_pb2.CONTACTED_LEADS_MOVE,
)


def request(campaign_id: str, **changes: object) -> pb.ReplaceSenderRequest:
    values = {"account_id": ACCOUNT, "replacement_account_id": NEW, **changes}
    return pb.ReplaceSenderRequest(campaign_id=campaign_id, **values)  # type: ignore[arg-type]


async def three_leads(api: Api) -> tuple[str, dict[str, str]]:
    """Of one account, which is gone: not contacted, visited, connected; their ids by name."""
    campaign_id = await api.create()
    await api.import_leads(campaign_id, LEADS)
    await api.stubs.campaigns.StartCampaign(pb.StartCampaignRequest(campaign_id=campaign_id))
    await api.admissions.admit(campaign_id, now=NOON, limit=3)
    lead_ids = {
        lead.person.public_identifier: lead.id
        for _, lead in await api.leads.page(campaign_id, limit=3)
    }
    for name in ("bo", "cy"):
        visited = StepExecution(step_id="visit", state=StepState.DONE, ended_at=NOON)
        await api.steps.record(campaign_id, lead_ids[name], StepKind.PROFILE_VISIT, visited)
    await api.leads.record_connection(lead_ids["cy"], ConnectionState.CONNECTED, at=NOON)
    api.linkedin.add_account(ACCOUNT, state=REMOVED)
    api.linkedin.add_account(NEW)
    return campaign_id, lead_ids


async def senders(api: Api, campaign_id: str) -> dict[str, str]:
    return {
        lead.person.public_identifier: lead.sender_id
        for _, lead in await api.leads.page(campaign_id, limit=3)
    }


async def test_by_default_only_who_was_not_contacted_moves(api: Api) -> None:
    """The others stay, and the campaign gives no lead to the old account any more."""
    campaign_id, _ = await three_leads(api)

    answer = await api.stubs.campaigns.ReplaceSender(request(campaign_id))

    assert (answer.moved, answer.stayed_contacted, answer.stayed_connected) == (1, 1, 1)
    assert (answer.moved_contacted, answer.ended) == (0, 0)
    assert list(answer.campaign.account_ids) == [NEW]
    assert await senders(api, campaign_id) == {"ada": NEW, "bo": ACCOUNT, "cy": ACCOUNT}


async def test_the_request_says_what_becomes_of_the_others(api: Api) -> None:
    """Contacted and connected leads each have a policy; repeating it changes nothing."""
    campaign_id, _ = await three_leads(api)
    asked = request(campaign_id, contacted_leads=MOVE, connected_leads=MOVE)

    answers = [await api.stubs.campaigns.ReplaceSender(asked) for _ in range(2)]

    assert [(each.moved, each.moved_contacted) for each in answers] == [(1, 2)] * 2
    assert await senders(api, campaign_id) == {"ada": NEW, "bo": NEW, "cy": NEW}


async def test_only_who_moves_is_asked_for_anew(api: Api) -> None:
    """Another account for one lead is no nudge for the thousands that stay where they are."""
    campaign_id, lead_ids = await three_leads(api)

    await api.stubs.campaigns.ReplaceSender(request(campaign_id))

    *_, told = await api.told(campaign_id)
    woken = await api.admissions.running_ids(campaign_id, limit=3, moving_to=NEW)
    assert told == f"ask_anew(0, to {NEW})"
    assert woken == [lead_ids["ada"]]
    assert len(await api.admissions.running_ids(campaign_id, limit=3)) == 3


async def test_a_lead_that_is_to_end_is_told_why(api: Api) -> None:
    """Its workflow hears SENDER_GONE."""
    campaign_id, lead_ids = await three_leads(api)
    assert api.temporal is not None
    handle = await api.temporal.start_workflow(
        LeadContract.run,
        LeadInput(campaign_id=campaign_id, lead_id=lead_ids["cy"]),
        id=f"lead/{campaign_id}/{lead_ids['cy']}",
        task_queue=TASK_QUEUE,
        run_timeout=timedelta(minutes=1),
    )

    answer = await api.stubs.campaigns.ReplaceSender(request(campaign_id, connected_leads=END))

    assert (answer.moved, answer.ended, answer.stayed_contacted) == (1, 1, 1)
    assert await handle.query(StandInLead.told) == [Told("end", text="SENDER_GONE")]


async def test_who_stays_is_told_that_it_is_final(api: Api) -> None:
    """Not that it waits until the account is back: what is to be done, and first of all."""
    campaign_id, lead_ids = await three_leads(api)

    got = await api.stubs.leads.GetLead(
        lead_service_pb2.GetLeadRequest(campaign_id=campaign_id, lead_id=lead_ids["bo"])
    )
    status = await api.stubs.campaigns.GetCampaignStatus(
        pb.GetCampaignStatusRequest(campaign_id=campaign_id)
    )

    first, *_ = got.waiting_for
    assert first.reason == "ACCOUNT_REMOVED"
    assert "does not come back by itself" in first.description
    (told,) = [each for each in status.status.explanations if ACCOUNT in each]
    assert "does not come back by itself" in told
    assert "connected again" not in told


@pytest.mark.parametrize(
    ("old", "new", "changes", "refusal", "reason"),
    [
        (CONNECTED, CONNECTED, {}, FailedPrecondition, "SENDER_CONNECTED"),
        (REMOVED, REMOVED, {}, FailedPrecondition, "ACCOUNT_NOT_CONNECTED"),
        (REMOVED, CONNECTED, {"account_id": "acct_other"}, InvalidArgument, "ACCOUNT_NOT_FOUND"),
        (
            REMOVED,
            CONNECTED,
            {"replacement_account_id": "acct_none"},
            InvalidArgument,
            "INVALID_FIELDS",
        ),
        (
            REMOVED,
            CONNECTED,
            {"replacement_account_id": ACCOUNT},
            InvalidArgument,
            "INVALID_FIELDS",
        ),
        (REMOVED, CONNECTED, {"contacted_leads": 9}, InvalidArgument, "INVALID_FIELDS"),
        (REMOVED, CONNECTED, {"account_id": ""}, InvalidArgument, "INVALID_FIELDS"),
    ],
)
async def test_a_replacement_that_makes_no_sense_is_refused(
    api: Api,
    old: account_pb2.AccountState.ValueType,
    new: account_pb2.AccountState.ValueType,
    changes: dict[str, object],
    refusal: type[ServiceError],
    reason: str,
) -> None:
    """And nothing is changed."""
    campaign_id, _ = await three_leads(api)
    api.linkedin.add_account(ACCOUNT, state=old)
    api.linkedin.add_account(NEW, state=new)

    with pytest.raises(refusal) as refused:
        await api.stubs.campaigns.ReplaceSender(request(campaign_id, **changes))

    assert refused.value.reason == reason
    assert await senders(api, campaign_id) == dict.fromkeys(("ada", "bo", "cy"), ACCOUNT)


async def test_a_campaign_that_is_over_keeps_its_senders(api: Api) -> None:
    """CAMPAIGN_ENDED."""
    campaign_id, _ = await three_leads(api)
    await api.pool.execute("UPDATE campaigns SET state = 'completed' WHERE id = $1", campaign_id)

    with pytest.raises(FailedPrecondition) as refused:
        await api.stubs.campaigns.ReplaceSender(request(campaign_id))

    assert refused.value.reason == "CAMPAIGN_ENDED"


async def move(api: Api, campaign_id: str, lead_id: str, account_id: str, **how: bool) -> str:
    request = lead_service_pb2.MoveLeadRequest(
        campaign_id=campaign_id, lead_id=lead_id, account_id=account_id, **how
    )
    await api.stubs.leads.MoveLead(request)
    (lead,) = [each for _, each in await api.leads.page(campaign_id, limit=3) if each.id == lead_id]
    return lead.sender_id


async def test_one_lead_moves_to_another_sender(api: Api) -> None:
    """Also while its account can act; twice is once, and back is back."""
    campaign_id, lead_ids = await three_leads(api)
    await api.pool.execute("UPDATE campaigns SET account_ids = $1", [ACCOUNT, NEW])
    api.linkedin.add_account(ACCOUNT)

    moved = [await move(api, campaign_id, lead_ids["ada"], NEW) for _ in range(2)]
    back = await move(api, campaign_id, lead_ids["ada"], ACCOUNT)

    assert (moved, back) == ([NEW, NEW], ACCOUNT)
    assert await senders(api, campaign_id) == dict.fromkeys(("ada", "bo", "cy"), ACCOUNT)


@pytest.mark.parametrize("who", ["bo", "cy"])
async def test_who_was_contacted_moves_only_if_that_is_said(api: Api, who: str) -> None:
    """The person hears from another then, which nobody does by accident."""
    campaign_id, lead_ids = await three_leads(api)
    await api.pool.execute("UPDATE campaigns SET account_ids = $1", [ACCOUNT, NEW])

    with pytest.raises(FailedPrecondition) as refused:
        await move(api, campaign_id, lead_ids[who], NEW)
    moved = await move(api, campaign_id, lead_ids[who], NEW, even_if_contacted=True)

    assert refused.value.reason == "LEAD_CONTACTED"
    assert moved == NEW


async def test_a_move_that_makes_no_sense_is_refused(api: Api) -> None:
    """To who does not send, to who cannot act, of who has ended, of nobody."""
    campaign_id, lead_ids = await three_leads(api)
    reasons = []
    cases = [
        (lead_ids["ada"], NEW, CONNECTED),
        (lead_ids["ada"], ACCOUNT, REMOVED),
        (lead_ids["bo"], ACCOUNT, CONNECTED),
        ("lead_nobody", ACCOUNT, CONNECTED),
        (lead_ids["ada"], "", CONNECTED),
    ]
    await api.leads.finish(lead_ids["bo"], state=LeadState.COMPLETED, reason="", now=NOON)

    for lead_id, account_id, state in cases:
        api.linkedin.add_account(account_id, state=state)
        with pytest.raises(ServiceError) as refused:
            await move(api, campaign_id, lead_id, account_id)
        reasons.append(refused.value.reason)

    assert reasons == [
        "ACCOUNT_NOT_FOUND",
        "ACCOUNT_NOT_CONNECTED",
        "LEAD_NOT_IN_SEQUENCE",
        "LEAD_NOT_FOUND",
        "INVALID_FIELDS",
    ]


async def on_its_way(
    api: Api, campaign_id: str, lead_id: str, *, from_account: str, to_account: str, wished: bool
) -> None:
    """The row says that the lead is the new account's; what the old one does is not called off."""
    own = SenderRepository(api.pool, SEAL)
    if wished:
        await own.move(campaign_id, lead_id, to_account, even_if_contacted=False)
        taken = await own.take_replacement(lead_id, action_id="act_1", contacted=False)
    else:
        taken = await own.reassign(
            lead_id, from_account=from_account, to_account=to_account, action_id="act_1"
        )
    assert taken is not None
    assert taken.account_id == to_account


@pytest.mark.parametrize("wished", [True, False], ids=["moved", "parked"])
@pytest.mark.parametrize("too_late", [True, False])
async def test_no_lead_comes_back_to_an_account_that_was_taken_out(
    api: Api, *, wished: bool, too_late: bool
) -> None:
    """While it may have to, the account is in use; afterwards it is whose lead it is.

    A move that was undone gave the lead to an account that did not send for its campaign.
    """
    api.linkedin.add_account(NEW)
    campaign_id = await api.create(account_ids=[ACCOUNT, NEW])
    await api.import_leads(campaign_id, LEADS[: LEADS.index(b"Bo")])
    await api.stubs.campaigns.StartCampaign(pb.StartCampaignRequest(campaign_id=campaign_id))
    await api.admissions.admit(campaign_id, now=NOON, limit=1)
    [(_, lead)] = await api.leads.page(campaign_id, limit=1)
    own, edits = SenderRepository(api.pool, SEAL), CampaignEditRepository(api.pool)
    old, new = lead.account_id, {ACCOUNT: NEW, NEW: ACCOUNT}[lead.account_id]
    taken_out = CampaignEdit(etag=WHATEVER, account_ids=(new,))
    await on_its_way(api, campaign_id, lead.id, from_account=old, to_account=new, wished=wished)

    with pytest.raises(SenderInUse):
        await edits.edit(campaign_id, taken_out)
    if too_late:
        await own.undo_reassignment(lead.id, action_id="act_1")
        with pytest.raises(SenderInUse):
            await edits.edit(campaign_id, taken_out)
    else:
        for _ in range(2):
            await own.complete_replacement(lead.id, action_id="act_1")
        assert (await edits.edit(campaign_id, taken_out)).account_ids == (new,)
        await own.undo_reassignment(lead.id, action_id="act_1")

    found = await api.leads.get(campaign_id, lead.id)
    assert (found.account_id, found.sender_id) == ((old, old) if too_late else (new, new))


async def test_who_is_on_its_way_may_be_given_to_a_third(api: Api) -> None:
    """What is wished meanwhile is not forgotten when the first move is complete."""
    campaign_id, lead_ids = await three_leads(api)
    third = "acct_third"
    await api.pool.execute(
        "UPDATE campaigns SET account_ids = $2 WHERE id = $1", campaign_id, [ACCOUNT, NEW, third]
    )
    own = SenderRepository(api.pool, SEAL)
    await on_its_way(
        api, campaign_id, lead_ids["ada"], from_account=ACCOUNT, to_account=NEW, wished=True
    )

    await own.move(campaign_id, lead_ids["ada"], third, even_if_contacted=False)
    await own.complete_replacement(lead_ids["ada"], action_id="act_1")

    found = await api.leads.get(campaign_id, lead_ids["ada"])
    assert (found.account_id, found.sender_id) == (NEW, third)


@pytest.mark.parametrize("contacted", [ContactedLeads.STAY, ContactedLeads.MOVE])
@pytest.mark.parametrize("wished", [True, False], ids=["moved", "parked"])
@pytest.mark.parametrize("too_late", [True, False])
async def test_who_is_on_its_way_is_replaced_with_the_others(
    api: Api, *, contacted: ContactedLeads, wished: bool, too_late: bool
) -> None:
    """While it may come back to the account that is replaced, it is a lead of that too.

    It came back otherwise and waited for an account that nobody connects again.
    """
    campaign_id, lead_ids = await three_leads(api)
    third, ada = "acct_third", lead_ids["ada"]
    await api.pool.execute(
        "UPDATE campaigns SET account_ids = $2 WHERE id = $1", campaign_id, [ACCOUNT, third]
    )
    own, policy = SenderRepository(api.pool, SEAL), ReplacementPolicy(contacted=contacted)
    await on_its_way(api, campaign_id, ada, from_account=ACCOUNT, to_account=third, wished=wished)

    for _ in range(2):
        replaced = await own.replace(campaign_id, ACCOUNT, NEW, policy)
        assert replaced.lead_ids[Contact.NONE] == (ada,)
    if too_late:
        visited = StepExecution(step_id="visit", state=StepState.DONE, ended_at=NOON)
        await api.steps.record(campaign_id, ada, StepKind.PROFILE_VISIT, visited)
        await own.undo_reassignment(ada, action_id="act_1")
    else:
        await own.complete_replacement(ada, action_id="act_1")

    found = await api.leads.get(campaign_id, ada)
    stays = too_late and contacted is ContactedLeads.STAY
    assert found.account_id == (ACCOUNT if too_late else third)
    assert found.sender_id == (ACCOUNT if stays else NEW)


async def test_an_account_whose_last_lead_is_on_its_way_is_replaced(api: Api) -> None:
    """Out of the campaign, and yet what it has on the wire may give it the lead again."""
    campaign_id, lead_ids = await three_leads(api)
    third = "acct_third"
    await api.pool.execute(
        "UPDATE campaigns SET account_ids = $2 WHERE id = $1", campaign_id, [third]
    )
    await api.pool.execute(
        "UPDATE leads SET account_id = $2 WHERE id <> $1", lead_ids["ada"], third
    )
    own = SenderRepository(api.pool, SEAL)
    await on_its_way(
        api, campaign_id, lead_ids["ada"], from_account=ACCOUNT, to_account=third, wished=True
    )

    replaced = await own.replace(campaign_id, ACCOUNT, NEW, ReplacementPolicy())

    assert replaced.which(ContactedLeads.MOVE) == (lead_ids["ada"],)


async def test_no_lead_moves_to_an_account_that_was_taken_out(api: Api) -> None:
    """Who looks for another account has read the campaign before; the row decides."""
    campaign_id, lead_ids = await three_leads(api)
    own = SenderRepository(api.pool, SEAL)

    async def reassigned() -> bool:
        lead = await own.reassign(
            lead_ids["ada"], from_account=ACCOUNT, to_account=NEW, action_id="act_1"
        )
        return lead is not None

    before = await reassigned()
    await api.pool.execute(
        "UPDATE campaigns SET account_ids = account_ids || $2::text WHERE id = $1", campaign_id, NEW
    )

    assert (before, await reassigned()) == (False, True)
