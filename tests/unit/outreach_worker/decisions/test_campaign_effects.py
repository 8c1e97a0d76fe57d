"""What decisions ask campaign-api for, and what its refusals come to."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast

import pytest
from automation.decisions.decision import (
    Change,
    DecidedLead,
    Decision,
    DecisionKind,
    LeadSource,
    LeftOut,
)
from automation.decisions.decision_repository import DecisionRepository
from campaigns.errors import CampaignEnded, CampaignNotFound
from campaigns.repositories.admission.candidate_repository import CandidateRepository
from outreach.campaign.v1 import campaign_pb2, lead_service_pb2
from outreach.campaign.v1 import campaign_service_pb2 as campaign_service
from outreach_worker.decisions.changed_admission import ChangedAdmission
from outreach_worker.decisions.effects import Overtaken
from outreach_worker.decisions.release_fitting import ReleaseFitting
from outreach_worker.decisions.released_leads import ReleasedLeads
from servicekit.errors import EtagMismatch, ServiceError

NOW = datetime(2027, 3, 1, 12, tzinfo=UTC)
AUTOMATIC = {"admission": "automatic", "keep_open": False, "etag": "etag_1"}
RELEASED_ONLY = {"admission": "released_only", "keep_open": True}


def decision(kind: DecisionKind, change: Change) -> Decision:
    return Decision(
        id="dec_1",
        organization_id="org_1",
        program_id="prog_1",
        campaign_id="camp_1",
        key=kind.value,
        kind=kind,
        rule="test",
        change=change,
        created_at=NOW,
    )


@dataclass
class CampaignApi:
    """Answers as the service does, or refuses."""

    refusal: ServiceError | None = None
    not_ready: int = 0
    asked: list[Any] = field(default_factory=list)

    def _hear(self, request: Any) -> None:
        self.asked.append(request)
        if self.refusal is not None:
            raise self.refusal

    async def ReleaseLeads(self, request: Any) -> Any:  # noqa: N802 - as the rpc is called
        self._hear(request)
        results = [
            lead_service_pb2.LEAD_RELEASE_RESULT_NOT_READY
            if place < self.not_ready
            else lead_service_pb2.LEAD_RELEASE_RESULT_RELEASED
            for place in range(len(request.leads))
        ]
        return lead_service_pb2.ReleaseLeadsResponse(
            leads=[
                lead_service_pb2.ReleasedLead(lead_id=lead.lead_id, result=result)
                for lead, result in zip(request.leads, results, strict=True)
            ]
        )

    async def WithdrawLeads(self, request: Any) -> Any:  # noqa: N802
        self._hear(request)
        return lead_service_pb2.WithdrawLeadsResponse()

    async def UpdateCampaign(self, request: Any) -> Any:  # noqa: N802
        self._hear(request)
        campaign = campaign_pb2.Campaign(etag=f"etag_{len(self.asked) + 1}")
        return campaign_service.UpdateCampaignResponse(campaign=campaign)


@dataclass
class Leads:
    """Whom the release is of, and who of them does not fit: the first ones."""

    count: int
    unfit: int = 0
    noted: dict[str, LeftOut] = field(default_factory=dict)

    async def leads(self, _: str, *, limit: int) -> list[DecidedLead]:
        return [
            DecidedLead(
                lead_id=f"lead_{number}",
                account_id="acct_1",
                rank=1.0,
                source=LeadSource.RULES,
                left_out=LeftOut.PLAN if number < self.unfit else None,
            )
            for number in range(min(self.count, limit))
        ]

    async def still_released(self, *_: Any) -> int:
        return 0

    async def leave_out(self, _: str, left_out: dict[str, LeftOut]) -> None:
        self.noted |= left_out


@dataclass
class Fitting:
    """Who fits is settled."""

    rows: Leads

    async def leads(self, decision: Decision) -> list[DecidedLead]:
        return await self.rows.leads(decision.id, limit=10_000)


def release(api: CampaignApi, leads: int, rows: Leads | None = None) -> ReleasedLeads:
    rows = rows or Leads(leads)
    decisions, fitting = cast("DecisionRepository", rows), cast("ReleaseFitting", Fitting(rows))
    candidates = cast("CandidateRepository", rows)
    return ReleasedLeads(cast("Any", api), decisions, fitting, candidates=candidates)


RELEASE = decision(
    DecisionKind.RELEASE_LEADS, Change(before={"released": 0}, after={"released": 2500})
)


async def test_a_release_is_asked_for_by_the_decisions_id() -> None:
    """In as many parts as a call takes, each with an id that a repeat has, too."""
    api = CampaignApi(not_ready=1)

    change = await release(api, 2500).apply(RELEASE)

    assert [(each.release_id, len(each.leads)) for each in api.asked] == [
        ("dec_1", 1000),
        ("dec_1/1", 1000),
        ("dec_1/2", 500),
    ]
    assert change.after == {
        "released": 2497,
        "left_out": 3,
        "left_out_by_reason": {"not_ready": 3},
    }


async def test_who_does_not_fit_is_not_asked_for() -> None:
    """A part of whom nobody fits is none; each of the others keeps its id."""
    api, rows = CampaignApi(not_ready=1), Leads(2500, unfit=1200)

    change = await release(api, 2500, rows).apply(RELEASE)

    assert [(each.release_id, len(each.leads)) for each in api.asked] == [
        ("dec_1/1", 800),
        ("dec_1/2", 500),
    ]
    assert change.after["released"] == 1298
    assert change.after["left_out_by_reason"] == {"not_ready": 2, "plan": 1200}
    assert rows.noted == {"lead_1200": LeftOut.NOT_READY, "lead_2000": LeftOut.NOT_READY}


@pytest.mark.parametrize(("unfit", "not_ready"), [(3, 0), (0, 3)])
async def test_a_release_of_nobody_is_none(unfit: int, not_ready: int) -> None:
    """Whether nobody fits any more, or campaign-api releases nobody."""
    with pytest.raises(Overtaken) as overtaken:
        await release(CampaignApi(not_ready=not_ready), 3, Leads(3, unfit)).apply(RELEASE)

    assert overtaken.value.reason == "NOBODY_FITS"


async def test_a_release_is_taken_back_by_the_same_ids() -> None:
    """Who has begun stays, which campaign-api knows."""
    api = CampaignApi()

    await release(api, 1500).take_back(RELEASE)

    assert [each.release_id for each in api.asked] == ["dec_1", "dec_1/1"]


@pytest.mark.parametrize("refusal", [CampaignEnded(), CampaignNotFound()])
async def test_a_campaign_that_was_stopped_since_is_left_alone(refusal: ServiceError) -> None:
    """Between the selection and the release a person was faster."""
    with pytest.raises(Overtaken) as overtaken:
        await release(CampaignApi(refusal=refusal), 3).apply(RELEASE)

    assert overtaken.value.reason == refusal.reason


async def test_admission_is_changed_and_changed_back() -> None:
    """As an edit of the campaign as it was read, and then of what that edit has made of it."""
    api = CampaignApi()
    effect = ChangedAdmission(cast("Any", api))
    asked = decision(DecisionKind.CHANGE_ADMISSION, Change(before=AUTOMATIC, after=RELEASED_ONLY))

    change = await effect.apply(asked)
    await effect.take_back(decision(DecisionKind.CHANGE_ADMISSION, change))

    there, back = (each.campaign for each in api.asked)
    assert (there.etag, there.settings.admission, there.settings.keep_open) == (
        "etag_1",
        campaign_pb2.ADMISSION_RELEASED_ONLY,
        True,
    )
    assert (back.etag, back.settings.admission, back.settings.keep_open) == (
        "etag_2",
        campaign_pb2.ADMISSION_AUTOMATIC,
        False,
    )


async def test_an_edit_of_a_person_in_between_wins() -> None:
    """The campaign has another etag by then."""
    asked = decision(DecisionKind.CHANGE_ADMISSION, Change(before=AUTOMATIC, after=RELEASED_ONLY))

    with pytest.raises(Overtaken):
        await ChangedAdmission(cast("Any", CampaignApi(refusal=EtagMismatch()))).apply(asked)
