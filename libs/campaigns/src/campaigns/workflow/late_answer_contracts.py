"""The contract of the workflow for what a person does after their lead has ended."""

from __future__ import annotations

from dataclasses import dataclass

from temporalio import workflow

from campaigns.workflow.contracts import InvitationAccepted, ReplyReceived, no_body


@dataclass(frozen=True, kw_only=True)
class LateAnswer:
    """What a person did after their lead had ended: accepted, or replied."""

    campaign_id: str
    lead_id: str
    accepted: InvitationAccepted | None = None
    reply: ReplyReceived | None = None

    @property
    def event_id(self) -> str:
        """The event that told of it."""
        answer = self.accepted or self.reply
        return answer.event_id if answer else ""


def late_answer_workflow_id(answer: LateAnswer) -> str:
    """One answer, one workflow: hearing it twice is hearing it once."""
    return f"answer/{answer.campaign_id}/{answer.lead_id}/{answer.event_id}"


@workflow.defn(name="LateAnswer")
class LateAnswerContract:
    """Records what a person did after their lead had ended, and publishes it."""

    @workflow.run
    async def run(self, answer: LateAnswer) -> None:
        """Until it is recorded and published."""
        no_body()
