"""campaign-api's RPCs, asked what nobody foresaw."""

import random
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.campaign_ports import ORGANIZATION
from tests.fuzzing.calls import fuzz, messages, methods_at, seed
from tests.fuzzing.requests import Fuzz
from tests.integration.campaign_api.conftest import ACCOUNT, LEADS, SEQUENCE, new_campaign
from tests.integration.campaign_api.lead_lists.lists import created

EXAMPLES = Path(__file__).parents[3] / "examples"


@pytest.mark.lasts(seconds=10)
async def test_rpcs(api: Any) -> None:
    """Whatever is asked is answered or refused with a reason: never INTERNAL, never a hang."""
    values = Fuzz(random.Random(seed()))
    values.known["organization_id"] += [ORGANIZATION, "org_other"]
    values.known["account_id"] += [ACCOUNT]
    values.known["time_zone"] += ["UTC", "Europe/Berlin"]
    values.known["json"] += [SEQUENCE, *(path.read_text() for path in EXAMPLES.glob("**/*.json"))]
    values.known["content"] += [LEADS.decode()]
    for number in range(3):
        campaign_id = await api.running(f"fuzzed-{number}")
        values.known["campaign_id"].append(campaign_id)
    values.known["campaign_id"].append(await api.create("draft"))
    values.known["lead_id"] += [lead.id for _, lead in await api.leads.page(campaign_id, limit=5)]

    values.known["lead_list_id"].append(await created(api))
    values.keep(new_campaign())
    faults = await fuzz(api.address, methods_at("campaign-api"), values, count=messages(400))

    faults.check("campaign-api")
