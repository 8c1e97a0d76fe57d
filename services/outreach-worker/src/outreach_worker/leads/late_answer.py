"""What a person did after their lead had ended."""

from typing import assert_never

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from campaigns.workflow.late_answer_contracts import (
        LateAcceptance,
        LateAnswer,
        LateAnswerContract,
        LateReply,
    )

    from outreach_worker.events.contracts import EventActivitiesContract, Recorded
    from outreach_worker.leads.contracts import LeadActivitiesContract, RecordAnswer, RecordReply
    from outreach_worker.policies import PUBLISH, ROWS


@workflow.defn(name="LateAnswer")
class LateAnswerWorkflow(LateAnswerContract):
    """Record it, then publish it."""

    @workflow.run
    async def run(self, answer: LateAnswer) -> None:
        recorded = await self._record(answer)
        for event in recorded.unpublished:
            await workflow.execute_activity_method(
                EventActivitiesContract.publish_event, event, **PUBLISH
            )

    async def _record(self, answer: LateAnswer) -> Recorded:
        match answer:
            case LateReply(reply=reply):
                return await workflow.execute_activity_method(
                    LeadActivitiesContract.record_reply,
                    RecordReply(
                        campaign_id=answer.campaign_id,
                        lead_id=answer.lead_id,
                        event_id=reply.event_id,
                        at=reply.at,
                        text=reply.text,
                        chat_id=reply.chat_id,
                        message_id=reply.message_id,
                        automatic=reply.automatic,
                        suppression_id=reply.suppression_id,
                    ),
                    **ROWS,
                )
            case LateAcceptance(accepted=accepted):
                return await workflow.execute_activity_method(
                    LeadActivitiesContract.record_answer,
                    RecordAnswer(
                        campaign_id=answer.campaign_id,
                        lead_id=answer.lead_id,
                        revision_id="",
                        accepted=True,
                        at=accepted.at,
                    ),
                    **ROWS,
                )
            case _:
                assert_never(answer)
