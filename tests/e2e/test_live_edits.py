"""Campaigns that somebody changes all the time, through every part of the engine.

A few in the suite; `EDITED_CAMPAIGNS=24` says how many, `LAW_SEED` from which seed.
"""

import asyncio
import json
import os
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest
from devstack.demo.driver import Driver
from devstack.demo.flow import Flow
from devstack.demo.journal import Write, repeated_contacts, writes
from devstack.stack.stack import Stack
from google.protobuf.field_mask_pb2 import FieldMask
from outreach.campaign.v1 import campaign_pb2, lead_pb2, sequence_pb2
from servicekit.errors import Internal, ServiceError

from tests.e2e.conftest import ACCOUNTS
from tests.laws import record, seed

pytestmark = pytest.mark.asyncio(loop_scope="session")

CAMPAIGNS = int(os.environ.get("EDITED_CAMPAIGNS", "3"))
TEMPERAMENTS = (
    "accepts_quickly",
    "replies_on_acceptance",
    "replies_to_first_followup",
    "never_answers",
    "already_connected",
    "out_of_office",
)
EDITS = 5
ENDED = {
    lead_pb2.LEAD_STATE_COMPLETED,
    lead_pb2.LEAD_STATE_REPLIED,
    lead_pb2.LEAD_STATE_FAILED,
    lead_pb2.LEAD_STATE_STOPPED,
}


class Edited:
    """One campaign, and whoever changes it."""

    def __init__(self, driver: Driver, flow: Flow, number: int, drawn_from: int) -> None:
        self._driver, self._flow = driver, flow
        self._client = driver.stack.client
        self._random = Random(drawn_from * 1_000 + number)
        self.name = f"edited{drawn_from}x{number}"
        self.campaign_id = ""
        self.done: list[str] = []

    @property
    def people(self) -> list[str]:
        return [f"{self.name}-{each.replace('_', '-')}" for each in TEMPERAMENTS]

    async def live(self, leads: Path) -> None:
        """Start it, change it, and have it go on to its end."""
        for person, temperament in zip(self.people, TEMPERAMENTS, strict=True):
            await self._driver.stack.simulator.put_person(person, temperament=temperament)
        created = await self._driver.create_campaign(self._flow, name=self.name)
        self.campaign_id = created.campaign.campaign_id
        await self._driver.import_leads(self.campaign_id, leads)
        await self._driver.start(self.campaign_id)
        for _ in range(EDITS):
            hours = self._random.choice([1, 6, 24, 72])
            await self._driver.stack.clock.sleep(self._random.random() * timedelta(hours=hours))
            await self._edit()
        await self._asked("resume", self._client.campaigns.resume(campaign_id=self.campaign_id))
        async for _ in self._driver.watch(self.campaign_id):
            pass

    async def _edit(self) -> None:
        edits = {
            "sequence": self._other_sequence,
            "settings": self._other_settings,
            "senders": self._other_senders,
            "pause": lambda: self._client.campaigns.pause(campaign_id=self.campaign_id),
            "resume": lambda: self._client.campaigns.resume(campaign_id=self.campaign_id),
            "move": self._move,
            "stop": lambda: self._of_a_lead(self._client.leads.stop),
            "remove": lambda: self._of_a_lead(self._client.leads.remove),
            "retry": lambda: self._of_a_lead(self._client.leads.retry),
            "replace": self._replace,
        }
        name = self._random.choice([*edits, "sequence", "settings", "move"])
        await self._asked(name, edits[name]())

    async def _asked(self, name: str, edit: object) -> None:
        """What the campaign's state refuses is refused; a bug is none of it."""
        try:
            await edit  # type: ignore[misc]
        except Internal:
            raise
        except ServiceError as refused:
            self.done.append(f"{name}: {refused.reason}")
        else:
            self.done.append(name)

    async def _other_sequence(self) -> None:
        drawn = json.loads(self._flow.source)
        for edge in drawn["edges"]:
            if self._random.random() < 0.5:
                edge["data"]["delayData"] = {"delay": self._random.randint(0, 60), "unit": "h"}
        for node in drawn["nodes"]:
            config = node["data"].get("config") or {}
            if "customMessage" in config and self._random.random() < 0.5:
                config["customMessage"] += f" {self._random.randint(0, 9)}"
        await self._client.sequences.update(
            campaign_id=self.campaign_id, sequence_json=json.dumps(drawn), base_revision_id="*"
        )

    async def _other_settings(self) -> None:
        random = self._random
        settings = campaign_pb2.CampaignSettings(
            continue_after_reply=random.choice([True, False]),
            max_concurrent_leads=random.randint(1, 6),
            owner_messages=random.randint(1, 3),  # type: ignore[arg-type]
            parked_senders=random.randint(1, 2),  # type: ignore[arg-type]
        )
        await self._update(
            campaign_pb2.Campaign(settings=settings),
            [f"settings.{field.name}" for field, _ in settings.ListFields()],
        )

    async def _other_senders(self) -> None:
        accounts = [account.account_id for account in self._driver.accounts]
        senders = self._random.sample(accounts, self._random.randint(1, len(accounts)))
        await self._update(campaign_pb2.Campaign(account_ids=senders), ["account_ids"])

    async def _update(self, campaign: campaign_pb2.Campaign, paths: list[str]) -> None:
        campaign.campaign_id, campaign.etag = self.campaign_id, "*"
        await self._client.campaigns.update(campaign=campaign, update_mask=FieldMask(paths=paths))

    async def _move(self) -> None:
        account = self._random.choice(self._driver.accounts).account_id
        even = self._random.choice([True, False])
        await self._of_a_lead(self._client.leads.move, account_id=account, even_if_contacted=even)

    async def _of_a_lead(self, verb: Callable[..., object], **given: object) -> None:
        lead = self._random.choice(await self._driver.leads(self.campaign_id)).lead
        await verb(campaign_id=self.campaign_id, lead_id=lead.lead_id, **given)  # type: ignore[misc]

    async def _replace(self) -> None:
        """A sender goes down, another one takes its place, and it comes back for the others."""
        simulator, random = self._driver.stack.simulator, self._random
        old, new = random.sample(range(len(ACCOUNTS)), 2)
        accounts = [account.account_id for account in self._driver.accounts]
        await simulator.set_account_status(ACCOUNTS[old].id, "CREDENTIALS")
        try:
            await self._driver.stack.clock.sleep(timedelta(hours=random.choice([1, 12])))
            await self._client.campaigns.replace_sender(
                campaign_id=self.campaign_id,
                account_id=accounts[old],
                replacement_account_id=accounts[new],
                contacted_leads=random.randint(1, 3),  # type: ignore[arg-type]
                connected_leads=random.randint(1, 3),  # type: ignore[arg-type]
            )
        finally:
            await simulator.set_account_status(ACCOUNTS[old].id, "RECONNECTED")


@pytest.mark.lasts(seconds=60)
async def test_whatever_is_changed_nobody_is_lost_or_written_to_twice(
    stack: Stack, driver: Driver, flow: Flow, write_leads: Callable[..., Path], tmp_path: Path
) -> None:
    """Every lead ends and says why, its steps are what the journal has, and who has replied hears
    nothing of a campaign that ends with a reply.
    """
    lives = [Edited(driver, flow, number, seed()) for number in range(CAMPAIGNS)]

    lists = [write_leads(*life.people).rename(tmp_path / f"{life.name}.csv") for life in lives]
    await asyncio.gather(*(life.live(each) for life, each in zip(lives, lists, strict=True)))

    made = writes(await stack.simulator.journal())
    assert repeated_contacts(made) == []
    for life in lives:
        await assert_everybody_is_told_of(driver, life, made)
    record("edits through all parts", Counter(each for life in lives for each in life.done))


async def assert_everybody_is_told_of(driver: Driver, life: Edited, made: list[Write]) -> None:
    for each in await driver.leads(life.campaign_id):
        lead, steps = each.lead, each.steps
        assert lead.state in ENDED, (life.done, lead)
        assert lead.reason or lead.state == lead_pb2.LEAD_STATE_COMPLETED, (life.done, lead)
        mine = [write for write in made if write.target == lead.public_identifier]
        for kind, step_kind in (
            ("invite", sequence_pb2.STEP_KIND_SEND_CONNECTION_REQUEST),
            ("message", sequence_pb2.STEP_KIND_SEND_FOLLOWUP),
        ):
            sent = sum(write.kind == kind for write in mine)
            done = [step for step in steps if step.kind == step_kind and went(step)]
            assert sent <= len(done), (life.done, lead, kind, steps)
        for before, after in pairwise(mine):
            assert before.account_id == after.account_id or may_move(life), (life.done, mine)


def went(step: lead_pb2.StepExecution) -> bool:
    """Whether it reached the person, or may have."""
    return step.state == lead_pb2.STEP_STATE_DONE or step.reason == "OUTCOME_UNKNOWN"


def may_move(life: Edited) -> bool:
    return bool({"move", "replace"} & {*life.done})
