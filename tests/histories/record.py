"""Records the histories that must replay for ever: `python -m tests.histories.record`.

Run it when a workflow has got a new shape, and keep the old files: leads that began on
the old shape are still out there. A file is named after the shape that it shows.
"""

import argparse
import asyncio
import json
import os
import sys
import sysconfig
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from automation.decisions.contracts import ApplyDecisionContract, ApplyDecisionInput
from automation.reports.contracts import AskedReport, MakeReportContract
from automation.reports.report import ReportKind
from automation.runs.contracts import (
    TRAINING_QUEUE,
    DailyProgramContract,
    RunInput,
    TrainModelContract,
    WeeklyReviewContract,
)
from campaigns.answers import OwnerMessages
from campaigns.sequences.sequence import StepKind
from campaigns.workflow.contracts import (
    STOPPED_WITH_CAMPAIGN,
    AskAnew,
    CampaignContract,
    CampaignInput,
    EndLead,
    InvitationAccepted,
    LeadContract,
    LeadInput,
    OwnerWrote,
    ReplyReceived,
    SkipStep,
    StopCampaign,
    UpdateWorkflow,
)
from campaigns.workflow.late_answer_contracts import LateAcceptance, LateAnswerContract, LateReply
from outreach_worker.campaigns.contracts import Admitted, Woken
from outreach_worker.events.contracts import CustomerEvent, Recorded
from outreach_worker.leads.contracts import RecordAnswer, RecordOwnerMessage, RecordReply
from outreach_worker.leads.plan import PlanStep
from outreach_worker.programs.contracts import Beginning
from outreach_worker.programs.day_contracts import LeadsSelected
from outreach_worker.worker import WORKFLOWS, new_plugin
from servicekit.clock import Clock
from temporalio import activity
from temporalio.client import (
    Client,
    WorkflowFailureError,
    WorkflowHandle,
    WorkflowHistory,
)
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Replayer, Worker

from tests.fakes.campaign_story import OVER, CampaignStory
from tests.fakes.lead_story import (
    DAY,
    FORKED,
    HOOK,
    INVITE,
    MESSAGE,
    VISIT,
    WITHDRAW,
    Story,
    breaks,
    breaks_once,
    bug,
    done,
    failed,
    moves,
    never,
    waits,
)
from tests.fakes.program_story import ProgramStory
from tests.histories import fingerprints

FOLDER = Path(__file__).parent
KINDS = fingerprints.WORKFLOWS.keys() - {"delivery"}
"""The worker's; the dispatcher's own test replays the others."""
TEST_SERVER = Path(sysconfig.get_path("scripts")) / "temporal-test-server"

Handle = WorkflowHandle[Any, Any]
Act = Callable[[WorkflowEnvironment, Handle], Awaitable[None]]


async def nothing(_environment: WorkflowEnvironment, _handle: Handle) -> None:
    """Nothing happens from outside."""


def accepts(after: timedelta) -> Act:
    async def act(environment: WorkflowEnvironment, handle: Handle) -> None:
        await environment.sleep(after)
        accepted = InvitationAccepted(event_id="in_1", at=await environment.get_current_time())
        await handle.signal(LeadContract.invitation_accepted, accepted)

    return act


def replies(after: timedelta) -> Act:
    async def act(environment: WorkflowEnvironment, handle: Handle) -> None:
        await environment.sleep(after)
        reply = ReplyReceived(event_id="in_2", at=await environment.get_current_time())
        await handle.signal(LeadContract.reply_received, reply)

    return act


def opts_out(after: timedelta) -> Act:
    async def act(environment: WorkflowEnvironment, handle: Handle) -> None:
        await environment.sleep(after)
        now = await environment.get_current_time()
        asked = ReplyReceived(event_id="in_2", at=now, suppression_id="supp_1")
        await handle.signal(LeadContract.reply_received, asked)

    return act


def is_cancelled(after: timedelta) -> Act:
    async def act(environment: WorkflowEnvironment, handle: Handle) -> None:
        await environment.sleep(after)
        await handle.cancel(reason=STOPPED_WITH_CAMPAIGN)

    return act


def signals(*names: Any) -> Act:
    async def act(environment: WorkflowEnvironment, handle: Handle) -> None:
        for name in names:
            await environment.sleep(timedelta(minutes=10))
            if name is CampaignContract.stop:
                await handle.signal(name, StopCampaign(complete_current_executions=False))
            elif name is CampaignContract.ask_anew:
                await handle.signal(name, AskAnew(within_seconds=60))
            else:
                await handle.signal(name)

    return act


def is_ended_elsewhere(after: timedelta) -> Act:
    async def act(environment: WorkflowEnvironment, handle: Handle) -> None:
        await environment.sleep(after)
        await handle.signal(LeadContract.end, EndLead(reason="COLLEAGUE_REPLIED"))

    return act


def is_updated(after: timedelta, revision_id: str) -> Act:
    async def act(environment: WorkflowEnvironment, handle: Handle) -> None:
        await environment.sleep(after)
        await handle.signal(LeadContract.update_workflow, UpdateWorkflow(revision_id=revision_id))

    return act


def owner_writes(after: timedelta, *, answered_after: timedelta | None = None) -> Act:
    async def act(environment: WorkflowEnvironment, handle: Handle) -> None:
        await environment.sleep(after)
        wrote = OwnerWrote(event_id="in_3", at=await environment.get_current_time())
        await handle.signal(LeadContract.owner_wrote, wrote)
        if answered_after is not None:
            await replies(answered_after)(environment, handle)

    return act


def owner_writes_and_it_is_ended(after: timedelta) -> Act:
    async def act(environment: WorkflowEnvironment, handle: Handle) -> None:
        await owner_writes(after)(environment, handle)
        await is_ended_elsewhere(timedelta(days=4))(environment, handle)

    return act


def skips(after: timedelta, step_id: str) -> Act:
    async def act(environment: WorkflowEnvironment, handle: Handle) -> None:
        await environment.sleep(after)
        for _ in range(2):
            await handle.signal(LeadContract.skip_step, SkipStep(step_id=step_id, by="mem_1"))

    return act


def is_sent_on(after: timedelta) -> Act:
    async def act(environment: WorkflowEnvironment, handle: Handle) -> None:
        await environment.sleep(after)
        await handle.signal(LeadContract.retry)

    return act


def owner_writes_and_is_sent_on(after: timedelta) -> Act:
    async def act(environment: WorkflowEnvironment, handle: Handle) -> None:
        await owner_writes(after)(environment, handle)
        await is_sent_on(timedelta(hours=5))(environment, handle)

    return act


SHORTER = (VISIT, replace(MESSAGE, index=1, kind=StepKind.SEND_INMAIL))
"""Of the story's own plan only the visit is left, and another step behind it."""
SOONER = (VISIT, replace(INVITE, accept_within_seconds=5 * DAY), MESSAGE, WITHDRAW, HOOK)

FULL = Admitted(started=2, running=2, ready=1, waits_for_room=True)
LAST = Admitted(started=1, running=1, waits_for_room=True)


AT = datetime(2026, 3, 2, 12, tzinfo=UTC)
ANSWERS = {
    "answer-accepted": LateAcceptance(
        campaign_id="camp_1",
        lead_id="lead_1",
        accepted=InvitationAccepted(event_id="in_1", at=AT),
    ),
    "answer-replied": LateReply(
        campaign_id="camp_1",
        lead_id="lead_1",
        reply=ReplyReceived(event_id="in_2", at=AT),
    ),
}
ANSWERS["answer-heard-by-its-row"] = ANSWERS["answer-replied"]
"""What came after the lead had ended."""


COMMENT = PlanStep(step_id="comment", index=0, kind=StepKind.COMMENT_POST, posts=3)


class BrokenStory(Story):
    """A bug stops the lead at what its account's owner wrote, the first time."""

    @activity.defn(name="record_owner_message")
    async def record_owner_message(self, message: RecordOwnerMessage) -> Recorded:
        if not self.parked:
            raise bug("record_owner_message")
        return await super().record_owner_message(message)


class AnswerStory(Story):
    """What was recorded cannot be published at once."""

    @activity.defn(name="record_answer")
    async def record_answer(self, answer: RecordAnswer) -> Recorded:
        return _unpublished("invitation.accepted", answer)

    @activity.defn(name="record_reply")
    async def record_reply(self, reply: RecordReply) -> Recorded:
        return _unpublished("reply.received", reply)


def _unpublished(event: str, about: RecordAnswer | RecordReply) -> Recorded:
    told = CustomerEvent(
        type=event, campaign_id=about.campaign_id, lead_id=about.lead_id, at=about.at
    )
    return Recorded(unpublished=(told,))


RUNS: dict[str, Any] = {
    "daily": DailyProgramContract.run,
    "review": WeeklyReviewContract.run,
    "train": TrainModelContract.run,
}
"""The runs of programs, by the first part of a shape's name."""
FAILS = {
    "daily-failed",
    "daily-reported-though-failed",
    "review-failed",
    "review-reported-though-failed",
    "train-failed",
}
"""Shapes of workflows that end as failed."""
SHAPES: dict[str, tuple[Callable[[], Story | CampaignStory | ProgramStory], Act]] = {
    "answer-accepted": (AnswerStory, nothing),
    "answer-replied": (AnswerStory, nothing),
    "answer-heard-by-its-row": (AnswerStory, nothing),
    "campaign-completed": (
        lambda: CampaignStory(rounds=[FULL, LAST, OVER]),
        signals(CampaignContract.room_freed, CampaignContract.room_freed),
    ),
    "campaign-unwoken": (lambda: CampaignStory(rounds=[FULL, LAST, OVER]), nothing),
    "campaign-paused": (
        lambda: CampaignStory(rounds=[FULL, OVER]),
        signals(CampaignContract.pause, CampaignContract.resume),
    ),
    "campaign-stopped": (
        lambda: CampaignStory(rounds=[FULL, LAST, OVER]),
        signals(CampaignContract.stop, CampaignContract.room_freed),
    ),
    "campaign-controlled": (
        lambda: CampaignStory(rounds=[FULL, OVER]),
        signals(
            CampaignContract.pause_campaign,
            CampaignContract.resume_campaign,
            CampaignContract.stop_campaign,
            CampaignContract.update_workflow,
        ),
    ),
    "campaign-asked-anew": (
        lambda: CampaignStory(rounds=[FULL, OVER], woken=[Woken(leads=2_000, after="lead_1")]),
        signals(CampaignContract.ask_anew, CampaignContract.room_freed),
    ),
    "daily-completed": (ProgramStory, nothing),
    "daily-already-run": (lambda: ProgramStory(beginning=Beginning.ALREADY_RUN), nothing),
    "daily-not-active": (lambda: ProgramStory(beginning=Beginning.NOT_ACTIVE), nothing),
    "daily-failed": (lambda: ProgramStory(fails=True), nothing),
    "daily-selected": (
        lambda: ProgramStory(
            selected=LeadsSelected(
                decision_id="dec_1",
                applies=True,
                selected=3,
                candidates=10_000,
                explored=1,
                unused={"plan": 4},
            )
        ),
        nothing,
    ),
    "daily-proposed": (
        lambda: ProgramStory(
            selected=LeadsSelected(decision_id="dec_1", selected=3, candidates=10_000)
        ),
        nothing,
    ),
    "decision-applied": (ProgramStory, nothing),
    "daily-guarded": (lambda: ProgramStory(stops=("dec_1",)), nothing),
    "review-completed": (lambda: ProgramStory(stops=("dec_1",), decides=("dec_2",)), nothing),
    "daily-reported": (lambda: ProgramStory(selected=LeadsSelected()), nothing),
    "daily-reported-though-failed": (
        lambda: ProgramStory(fails=True, selected=LeadsSelected()),
        nothing,
    ),
    "review-reported": (ProgramStory, nothing),
    "report-made": (ProgramStory, nothing),
    "train-promoted": (lambda: ProgramStory(decides=("dec_1",)), nothing),
    "train-failed": (lambda: ProgramStory(fails=True), nothing),
    "review-already-run": (lambda: ProgramStory(beginning=Beginning.ALREADY_RUN), nothing),
    "review-failed": (lambda: ProgramStory(fails=True), nothing),
    "review-reported-though-failed": (lambda: ProgramStory(fails=True), nothing),
    "lead-revised-asleep": (
        lambda: Story(revisions={"seq_2": (replace(VISIT, next_step_id="message"), *SHORTER[1:])}),
        is_updated(timedelta(hours=5), "seq_2"),
    ),
    "lead-revised-in-turn": (
        lambda: Story(
            comes={"visit": never()},
            revisions={"seq_2": (replace(MESSAGE, index=0, kind=StepKind.SEND_INMAIL),)},
        ),
        is_updated(timedelta(hours=5), "seq_2"),
    ),
    "lead-revised-awaiting-answer": (
        lambda: Story(revisions={"seq_2": SOONER}),
        is_updated(timedelta(days=3), "seq_2"),
    ),
    "lead-revised-keeping-its-place": (
        lambda: Story(
            comes={"invite": waits(timedelta(hours=6), times=4, then=done(invited=True))},
            revisions={"seq_2": SOONER},
        ),
        is_updated(timedelta(days=1, hours=5), "seq_2"),
    ),
    "lead-revised-before-its-time": (
        lambda: Story(
            comes={
                "invite": lambda step, n: (done(invited=True) if step.again else never())(step, n)
            },
            revisions={"seq_2": (replace(VISIT, next_delay_seconds=4 * DAY), *SOONER[1:])},
        ),
        is_updated(timedelta(days=1, hours=5), "seq_2"),
    ),
    "lead-past-the-change": (Story, is_updated(timedelta(days=3), "seq_2")),
    "lead-ended-elsewhere": (Story, is_ended_elsewhere(timedelta(days=3))),
    "lead-ended-between-posts": (
        lambda: Story(
            steps=(COMMENT,),
            owner_messages=OwnerMessages.PAUSE_UNTIL_ANSWERED,
            comes={"comment": waits(timedelta(hours=6), times=4, then=done(ended=False))},
        ),
        owner_writes_and_it_is_ended(timedelta(hours=5)),
    ),
    "lead-owner-took-over": (Story, owner_writes(timedelta(days=3))),
    "lead-owner-found-in-the-chat": (
        lambda: Story(comes={"visit": failed("OWNER_WROTE")}),
        nothing,
    ),
    "lead-owner-answered": (
        lambda: Story(owner_messages=OwnerMessages.PAUSE_UNTIL_ANSWERED, continue_after_reply=True),
        owner_writes(timedelta(hours=5), answered_after=timedelta(days=4)),
    ),
    "lead-reassigned": (lambda: Story(comes={"visit": moves("acct_two", then=done())}), nothing),
    "lead-accepted": (Story, accepts(timedelta(days=4))),
    "lead-not-accepted": (Story, nothing),
    "lead-accepted-late": (Story, accepts(timedelta(days=12))),
    "lead-already-connected": (lambda: Story(comes={"invite": done(connected=True)}), nothing),
    "lead-replied-asleep": (Story, replies(timedelta(days=5))),
    "lead-heard-by-its-row": (Story, replies(timedelta(days=5))),
    "lead-replied-in-turn": (lambda: Story(comes={"invite": never()}), replies(timedelta(days=3))),
    "lead-replied-goes-on": (
        lambda: Story(continue_after_reply=True),
        replies(timedelta(days=3)),
    ),
    "lead-opted-out": (lambda: Story(continue_after_reply=True), opts_out(timedelta(days=3))),
    "lead-failed": (
        lambda: Story(comes={"visit": failed("PERSON_NOT_FOUND", lead=True)}),
        nothing,
    ),
    "lead-parked": (
        lambda: Story(comes={"visit": waits(timedelta(hours=6), times=8, then=done())}),
        nothing,
    ),
    "lead-broken-in-turn": (
        lambda: Story(comes={"visit": breaks(until_again=1, then=done())}),
        is_sent_on(timedelta(hours=5)),
    ),
    "lead-broken-elsewhere": (
        lambda: BrokenStory(comes={"invite": waits(timedelta(hours=6), times=99, then=done())}),
        owner_writes_and_is_sent_on(timedelta(days=2)),
    ),
    "lead-condition-yes": (
        lambda: Story(steps=FORKED, comes={"asked": done(exit_name="yes")}),
        nothing,
    ),
    "lead-condition-no-split": (
        lambda: Story(
            steps=FORKED, comes={"asked": done(exit_name="no"), "split": done(exit_name="A")}
        ),
        accepts(timedelta(days=10)),
    ),
    "lead-split-to-the-end": (
        lambda: Story(
            steps=FORKED,
            comes={
                "asked": failed("FEATURE_NOT_SUBSCRIBED", exit_name="no"),
                "split": done(exit_name="B"),
            },
        ),
        nothing,
    ),
    "lead-replied-in-condition": (
        lambda: Story(steps=FORKED, comes={"asked": never()}),
        replies(timedelta(days=6)),
    ),
    "lead-paused-in-condition": (
        lambda: Story(
            steps=FORKED,
            owner_messages=OwnerMessages.PAUSE_UNTIL_ANSWERED,
            continue_after_reply=True,
            comes={"asked": waits(timedelta(hours=6), times=8, then=done(exit_name="yes"))},
        ),
        owner_writes(timedelta(days=6), answered_after=timedelta(days=4)),
    ),
    "lead-broken-in-condition": (
        lambda: Story(steps=FORKED, comes={"asked": breaks_once(then=done(exit_name="yes"))}),
        is_sent_on(timedelta(days=7)),
    ),
    "lead-skipped-asleep": (Story, skips(timedelta(hours=5), "invite")),
    "lead-skipped-in-turn": (
        lambda: Story(comes={"invite": never()}),
        skips(timedelta(days=1, hours=5), "invite"),
    ),
    "lead-skipped-in-condition": (
        lambda: Story(steps=FORKED, comes={"asked": never(), "split": done(exit_name="B")}),
        skips(timedelta(days=6), "asked"),
    ),
    "lead-over-awaiting-answer": (lambda: Story(longest=timedelta(days=5)), nothing),
    "lead-over-in-turn": (
        lambda: Story(comes={"visit": never()}, longest=timedelta(days=5)),
        nothing,
    ),
    "lead-over-after-all": (
        lambda: Story(
            revisions={"seq_2": SOONER},
            end_at_by_revision={"seq_2": datetime(2030, 1, 1, tzinfo=UTC)},
        ),
        is_updated(timedelta(days=3), "seq_2"),
    ),
    "lead-asked-before-its-end": (
        lambda: Story(comes={"invite": never()}, longest=timedelta(days=5)),
        nothing,
    ),
    "lead-saved-by-its-row": (
        lambda: Story(
            end_at=datetime(2020, 1, 1, tzinfo=UTC),
            end_moved_to=datetime(2090, 1, 1, tzinfo=UTC),
        ),
        nothing,
    ),
    "lead-skipped-in-webhook": (
        lambda: Story(steps=(replace(HOOK, index=0),), comes={"hook": never()}),
        skips(timedelta(hours=5), "hook"),
    ),
    "campaign-ends-in-time": (
        lambda: CampaignStory(
            rounds=[replace(FULL, look_by=datetime(2020, 1, 1, tzinfo=UTC)), LAST, OVER]
        ),
        nothing,
    ),
    "lead-stopped": (Story, is_cancelled(timedelta(days=5))),
    "lead-stopped-in-turn": (
        lambda: Story(comes={"visit": never()}),
        is_cancelled(timedelta(days=3)),
    ),
}


async def record(folder: Path = FOLDER) -> None:
    """Tell every story whose file is missing, and keep its history."""
    for shape, (story, act) in SHAPES.items():
        path = folder / f"{shape}.json"
        if not path.exists():
            path.write_text(await _history(story(), act, name=shape))


async def _history(story: Story | CampaignStory | ProgramStory, act: Act, *, name: str) -> str:
    async with (
        await WorkflowEnvironment.start_time_skipping(
            test_server_existing_path=str(TEST_SERVER), plugins=[new_plugin(Clock.real_time())]
        ) as environment,
        Worker(
            environment.client,
            task_queue=name,
            workflows=WORKFLOWS,
            activities=story.activities(),
            identity="recorder",
        ),
        # Models are fitted by another deployment; nobody else asks for anything there.
        Worker(
            environment.client,
            task_queue=TRAINING_QUEUE,
            activities=story.activities(),
            identity="recorder",
        ),
    ):
        handle = await _begun(environment.client, name)
        await act(environment, handle)
        with suppress(*[WorkflowFailureError] if name in FAILS else []):
            await handle.result()
        return _without_traces((await handle.fetch_history()).to_json()) + "\n"


def _without_traces(history: str) -> str:
    """The history without what a failure says of files on this machine."""
    told = json.loads(history)
    waiting = [told]
    while waiting:
        match waiting.pop():
            case dict() as fields:
                fields.pop("stackTrace", None)
                waiting += fields.values()
            case list() as items:
                waiting += items
    return json.dumps(told, indent=2)


async def _begun(client: Client, name: str) -> Handle:
    """The workflow that the first part of a shape's name means."""
    match name.partition("-")[0]:
        case "answer":
            return await client.start_workflow(
                LateAnswerContract.run, ANSWERS[name], id=name, task_queue=name
            )
        case "campaign":
            campaign = CampaignInput(campaign_id="camp_1")
            return await client.start_workflow(
                CampaignContract.run, campaign, id=name, task_queue=name
            )
        case run if run in RUNS:
            asked = RunInput(
                organization_id="org_1",
                program_id="prog_1",
                nominal_at=datetime(2026, 11, 2, 5, tzinfo=UTC),
            )
            return await client.start_workflow(RUNS[run], asked, id=name, task_queue=name)
        case "decision":
            decision = ApplyDecisionInput(decision_id="dec_1", organization_id="org_1")
            return await client.start_workflow(
                ApplyDecisionContract.run, decision, id=name, task_queue=name
            )
        case "report":
            report = AskedReport(
                organization_id="org_1",
                program_id="prog_1",
                kind=ReportKind.WEEKLY,
                last_day="2026-11-01",
            )
            return await client.start_workflow(
                MakeReportContract.run, report, id=name, task_queue=name
            )
        case "lead":
            lead = LeadInput(campaign_id="camp_1", lead_id="lead_1")
            return await client.start_workflow(LeadContract.run, lead, id=name, task_queue=name)
    raise ValueError(f"{name} begins no workflow")


async def replay() -> None:
    """Every recorded history of the worker on the code as it is; raises what does not replay."""
    replayer = Replayer(workflows=WORKFLOWS, plugins=[new_plugin(Clock.real_time())])
    for path in sorted(path for kind in KINDS for path in FOLDER.glob(f"{kind}-*.json")):
        await replayer.replay_workflow(WorkflowHistory.from_json(path.stem, path.read_text()))


def main() -> None:
    told = argparse.ArgumentParser(description=__doc__)
    told.add_argument(
        "--same-commands", default="", metavar="WHY", help="why a change needs no history"
    )
    arguments = told.parse_args()
    asyncio.run(record())
    asyncio.run(replay())
    refused = fingerprints.write_down(same_commands_because=arguments.same_commands)
    sys.stderr.writelines(f"{why}\n" for why in refused)
    sys.stdout.flush()
    sys.stderr.flush()
    # The SDK may abort at interpreter exit.
    os._exit(1 if refused else 0)


if __name__ == "__main__":
    main()
