"""servicekit.temporal.principals: on whose behalf a workflow works, wherever it goes."""

import asyncio
from datetime import timedelta

from servicekit.auth import current_principal, principal_organization, set_principal
from servicekit.ids import new_id
from servicekit.temporal.principals import MEMO
from servicekit.temporal.worker import run_worker
from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.worker import UnsandboxedWorkflowRunner

SOON = timedelta(seconds=30)


@activity.defn
async def who_asked() -> str:
    return f"{current_principal()} of {principal_organization()}".removesuffix(" of ")


@workflow.defn
class Asked:
    """Asks an activity for whom it works, at every signal; goes on as a new run at the second."""

    def __init__(self) -> None:
        self._signals = 0

    @workflow.run
    async def run(self, known: list[str]) -> list[str]:
        known.append(await workflow.execute_activity(who_asked, start_to_close_timeout=SOON))
        if len(known) == 3:
            child = await workflow.execute_child_workflow(Child.run, id=new_child_id())
            return [*known, child]
        await workflow.wait_condition(lambda: self._signals > 0)
        known.append(await workflow.execute_activity(who_asked, start_to_close_timeout=SOON))
        return workflow.continue_as_new(known)

    @workflow.signal
    def ask(self) -> None:
        self._signals += 1


@workflow.defn
class Child:
    """Asks the same."""

    @workflow.run
    async def run(self) -> str:
        return await workflow.execute_activity(who_asked, start_to_close_timeout=SOON)


def new_child_id() -> str:
    return f"child-of-{workflow.info().workflow_id}"


async def test_the_last_who_asked_is_the_one_for_whom_it_works(temporal_client: Client) -> None:
    """Who starts it, then who signals it; over a new run, into a child, and into its memo."""
    queue = new_id("queue")
    async with run_worker(
        temporal_client,
        queue,
        workflows=[Asked, Child],
        activities=[who_asked],
        workflow_runner=UnsandboxedWorkflowRunner(),
        pollers=2,
    ):
        set_principal("mem_starter", "org_1")
        handle = await temporal_client.start_workflow(
            Asked.run, [], id=new_id("asked"), task_queue=queue
        )
        described = await handle.describe()
        memo = await described.memo()
        set_principal("mem_other", "org_2")
        await handle.signal(Asked.ask)
        async with asyncio.timeout(60):
            told = await handle.result()

    assert memo[MEMO] == "mem_starter"
    assert told[1:] == ["mem_other of org_2"] * 3
    assert told[0] in {"mem_starter of org_1", "mem_other of org_2"}


async def test_what_nobody_asked_for_is_on_nobodys_behalf(temporal_client: Client) -> None:
    """No header, no memo: as workflows were started before."""
    queue = new_id("queue")
    async with run_worker(
        temporal_client,
        queue,
        workflows=[Child],
        activities=[who_asked],
        workflow_runner=UnsandboxedWorkflowRunner(),
        pollers=2,
    ):
        set_principal("")
        handle = await temporal_client.start_workflow(
            Child.run, id=new_id("asked"), task_queue=queue
        )
        async with asyncio.timeout(60):
            told = await handle.result()
        memo = await (await handle.describe()).memo()

    assert told == ""
    assert memo == {}
