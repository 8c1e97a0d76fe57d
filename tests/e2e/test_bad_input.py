"""What wrong input gets: a clear answer, and nothing is lost."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from devstack.demo.drawings import Node, draw
from devstack.demo.driver import Driver
from devstack.demo.flow import Flow, read_flow
from devstack.demo.outcome import collect_outcome
from servicekit.errors import FailedPrecondition, InvalidArgument

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_everything_that_is_wrong_with_a_sequence_is_told_at_once(driver: Driver) -> None:
    """Each violation has the path of its field and a stable reason."""
    broken = draw(
        (
            Node(type="profile_visit"),
            Node(type="send_followup", config={"customMessage": " "}),
            Node(type="levitate"),
            Node(type="webhook", config={"webhookId": "nobody-knows"}),
        )
    )

    answer = await driver.validate(read_flow(broken))
    with pytest.raises(InvalidArgument) as refusal:
        await driver.create_campaign(read_flow(broken), name="broken")

    reasons = {violation.reason for violation in answer.violations}
    assert {"TEXT_MISSING", "NODE_TYPE_UNKNOWN"} <= reasons
    assert {wrong.reason for wrong in refusal.value.violations} == reasons
    assert all(violation.field.startswith("nodes[") for violation in answer.violations)


async def test_an_unknown_webhook_is_told(driver: Driver) -> None:
    """A sequence cannot call an endpoint that the organization does not have."""
    flow = read_flow(draw((Node(type="webhook", config={"webhookId": "nobody-knows"}),)))

    answer = await driver.validate(flow)

    assert [violation.reason for violation in answer.violations] == ["WEBHOOK_UNKNOWN"]


@pytest.mark.parametrize("source", ["not json", "[]", "{}", json.dumps({"nodes": [], "edges": []})])
async def test_what_is_no_sequence_is_told(driver: Driver, source: str) -> None:
    """Whatever text is handed over, the answer is a violation and never a crash."""
    answer = await driver.validate(read_flow(source))

    assert answer.violations


async def test_good_rows_go_in_although_others_are_bad(
    driver: Driver, flow: Flow, tmp_path: Path
) -> None:
    """Every bad row is told with its line, its column and its reason."""
    file = tmp_path / "messy.csv"
    file.write_text(
        "Full Name;Profile URL\n"
        "Ada Example;https://www.linkedin.com/in/messy-ada/\n"
        "Some Company;https://www.linkedin.com/company/some-company\n"
        "Nobody;\n"
        "Ada Again;linkedin.com/in/messy-ada?trk=x\n"
        "Bob Example;https://uk.linkedin.com/in/messy-bob/details/skills\n"
    )
    created = await driver.create_campaign(flow, name="messy")

    answer = await driver.import_leads(created.campaign.campaign_id, file)

    assert (answer.imported, answer.duplicates, answer.rejected) == (2, 1, 2)
    assert [(wrong.line, wrong.column) for wrong in answer.row_errors] == [
        (3, "Profile URL"),
        (4, "Profile URL"),
    ]


@pytest.mark.parametrize(
    "content",
    [b"", b"name,city\nAda,Lisbon\n", bytes(range(256)) * 8],
    ids=["empty", "without a LinkedIn column", "not text"],
)
async def test_a_file_that_is_no_lead_list_is_refused(
    driver: Driver, flow: Flow, tmp_path: Path, content: bytes
) -> None:
    """Empty, without a LinkedIn column, or not text: one error, and no lead."""
    file = tmp_path / "leads.csv"
    file.write_bytes(content)
    created = await driver.create_campaign(flow, name="unreadable")

    with pytest.raises(InvalidArgument) as refusal:
        await driver.import_leads(created.campaign.campaign_id, file)

    assert refusal.value.reason == "LEAD_LIST_UNREADABLE"
    assert await driver.leads(created.campaign.campaign_id) == []


async def test_a_campaign_without_leads_does_not_start(driver: Driver, flow: Flow) -> None:
    """There is nobody to contact."""
    created = await driver.create_campaign(flow, name="empty")

    with pytest.raises(FailedPrecondition) as refusal:
        await driver.start(created.campaign.campaign_id)

    assert refusal.value.reason == "CAMPAIGN_WITHOUT_LEADS"


async def test_a_draft_cannot_be_paused(driver: Driver, flow: Flow) -> None:
    """A forbidden move is told with its reason."""
    created = await driver.create_campaign(flow, name="draft")

    with pytest.raises(FailedPrecondition) as refusal:
        await driver.pause(created.campaign.campaign_id)

    assert refusal.value.reason == "CAMPAIGN_NOT_PAUSABLE"


async def test_two_starts_at_the_same_moment_are_one(
    driver: Driver, flow: Flow, write_leads: Callable[..., Path]
) -> None:
    """However often a campaign is started, each person is contacted once."""
    created = await driver.create_campaign(flow, name="double")
    campaign_id = created.campaign.campaign_id
    await driver.import_leads(campaign_id, write_leads("double-ada"))

    await asyncio.gather(*(driver.start(campaign_id) for _ in range(5)))
    async for _ in driver.watch(campaign_id):
        pass

    outcome = await collect_outcome(driver, campaign_id)
    assert sum(write.kind == "visit" for write in outcome.made) == 1
    assert sum(it.type == "campaign.started" for it in outcome.events) == 1
    assert outcome.good
