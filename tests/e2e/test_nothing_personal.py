"""What stands beside our tables, workflows, logs and spans, names nobody and quotes nobody."""

from collections.abc import AsyncIterator, Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest
from devstack.demo.driver import Driver
from devstack.demo.flow import Flow
from devstack.demo.outcome import collect_outcome
from devstack.stack.stack import Stack

from tests.e2e.collector import Collector
from tests.histories.payloads import texts

pytestmark = pytest.mark.asyncio(loop_scope="session")

ADDRESS = "zephyrine-quimby-vogelsang"
LIST = f"""\
first_name,last_name,company,title,email,phone,linkedin_url,favourite
Zephyrine,Quimby-Vogelsang,Wunderkammer & Kinder,Bestiarist,z.quimby@wunderkammer.example,\
+4930555818283,https://www.linkedin.com/in/{ADDRESS},pangolins
"""
TYPED = {
    ADDRESS,
    "Zephyrine",
    "Quimby-Vogelsang",
    "Wunderkammer",
    "Bestiarist",
    "z.quimby@wunderkammer.example",
    "4930555818283",
    "pangolins",
}
"""What the list says of its one person."""
_OURS = ("postgres", "campaign-api", "outreach-worker", "linkedin-gateway", "webhook-dispatcher")


async def test_workflows_logs_and_spans_hold_no_personal_data(
    stack: Stack, driver: Driver, flow: Flow, collector: Collector, tmp_path: Path
) -> None:
    """A person is invited, accepts, is written to and replies: only who asks the API knows who."""
    await stack.simulator.put_person(ADDRESS, temperament="replies_to_first_followup")
    leads = tmp_path / "leads.csv"
    leads.write_text(LIST)

    campaign = (await driver.create_campaign(flow, name="Nothing personal")).campaign.campaign_id
    await driver.import_leads(campaign, leads)
    await driver.start(campaign)
    async for _ in driver.watch(campaign):
        pass

    (lead,) = await driver.leads(campaign)
    outcome = await collect_outcome(driver, campaign)
    words = TYPED | {lead.lead.reply, *(write.text for write in outcome.made if write.text)}
    words |= provider_ids(await stack.simulator.journal())
    assert lead.lead.reply
    assert len(words) > len(TYPED) + 4
    assert found(words, [text async for text in told_to_temporal(stack)]) == set()
    assert found(words, (span.text for span in collector.received)) == set()
    logs = {name: (stack.logs / f"{name}.log").read_text() for name in _OURS}
    assert {name: found(words, [text]) for name, text in logs.items()} == {
        name: set() for name in _OURS
    }
    # The same search finds all of it in what the API tells whoever may read it.
    assert found(TYPED, [str(lead)]) == TYPED


def found(words: Iterable[str], texts: Iterable[str]) -> set[str]:
    """Which of the words stand in the texts, in whatever case."""
    whole = "\n".join(texts).casefold()
    return {word for word in words if word.casefold() in whole}


async def told_to_temporal(stack: Stack) -> AsyncIterator[str]:
    """Whatever its histories hold, and by what its workflows are called and found."""
    client = await stack.temporal.connect()
    async for execution in client.list_workflows():
        described = await client.get_workflow_handle(
            execution.id, run_id=execution.run_id
        ).describe()
        yield str(described.raw_description)
        handle = client.get_workflow_handle(execution.id, run_id=execution.run_id)
        async for event in handle.fetch_history_events():
            for text in texts(event):
                yield text


def provider_ids(journal: Iterable[Mapping[str, Any]]) -> set[str]:
    """By what the provider knows the person, the chat and what was sent."""
    calls = [each for each in journal if each["direction"] == "in" and each["target"] == ADDRESS]
    made = {each["object_id"] for each in calls if each["changed"]}
    return {*made, *(each["target_provider_id"] for each in calls)} - {None}
