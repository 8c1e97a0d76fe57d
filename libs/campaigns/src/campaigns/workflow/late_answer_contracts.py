"""The contract of the workflow for what a person does after their lead has ended.

What the account's owner writes then is no answer and starts none: no step is left that it could
hold back, and owners go on writing to people for as long as they know them.
"""

from dataclasses import dataclass
from typing import TypeAlias

from temporalio import workflow

from campaigns.workflow.contracts import InvitationAccepted, ReplyReceived, no_body


@dataclass(frozen=True, kw_only=True)
class LateAcceptance:
    """A person accepted the invitation after their lead had ended."""

    campaign_id: str
    lead_id: str
    accepted: InvitationAccepted

    @property
    def event_id(self) -> str:
        """The event that told of it."""
        return self.accepted.event_id


@dataclass(frozen=True, kw_only=True)
class LateReply:
    """A person wrote after their lead had ended."""

    campaign_id: str
    lead_id: str
    reply: ReplyReceived

    @property
    def event_id(self) -> str:
        """The event that told of it."""
        return self.reply.event_id


# The converter takes the first of a union whose fields are all there: what was done is a
# required field of its own name in each, by which no two can be taken for each other.
LateAnswer: TypeAlias = LateAcceptance | LateReply
"""What a person did after their lead had ended."""


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
