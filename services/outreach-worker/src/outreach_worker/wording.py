"""What a step says to a lead: the customer's text, or one that is written once and kept."""

from campaigns.lead_repository import LeadRepository
from campaigns.models import Campaign, Lead
from campaigns.sequence import AiOptions, Step, StepKind
from campaigns.texts import MissingVariables, TextInvalid, render
from campaigns.writing import AnswerRefused, text_to_send, writing_task
from outreach.linkedin.v1 import linkedin_service_pb2 as pb
from outreach.linkedin.v1 import linkedin_service_pb2_grpc as rpc
from servicekit import logs
from servicekit.errors import FailedPrecondition

from outreach_worker import requests
from outreach_worker.metrics import Metrics
from outreach_worker.outcomes import (
    COMMENTS_DISABLED,
    EFFECT,
    NO_POSTS,
    STEP_FAILED,
    TEXT_MISSING,
    VARIABLE_MISSING,
)
from outreach_worker.requests import Wording
from outreach_worker.writer import Writer, WriterUnavailable

_TEXTUAL = frozenset(
    {
        StepKind.COMMENT_POST,
        StepKind.SEND_CONNECTION_REQUEST,
        StepKind.SEND_FOLLOWUP,
        StepKind.SEND_INMAIL,
    }
)
_GOES_WITHOUT = StepKind.SEND_CONNECTION_REQUEST
"""An invitation may go without a note; everything else needs a text."""

log = logs.get_logger(__name__)


class StepUnsayable(FailedPrecondition):
    """There is nothing that could be said to this lead; `reason` says why."""

    reason = TEXT_MISSING

    def __init__(self, message: str, *, reason: str) -> None:
        super().__init__(message, metadata={EFFECT: STEP_FAILED})
        self.__dict__["reason"] = reason


class Wordings:
    """The same text for the same lead and step, however often it is asked for."""

    def __init__(
        self,
        gateway: rpc.LinkedInServiceStub,
        leads: LeadRepository,
        writer: Writer | None,
        metrics: Metrics,
    ) -> None:
        self._gateway = gateway
        self._leads = leads
        self._writer = writer
        self._metrics = metrics

    async def wording(self, campaign: Campaign, lead: Lead, step: Step, *, n: int) -> Wording:
        """What the step says; raises StepUnsayable, or as the gateway does."""
        if step.kind not in _TEXTUAL:
            return Wording()
        if step.ai is None or self._writer is None:
            return Wording(text=_manual(lead, step))
        kept = await self._leads.written_text(lead.id, _key(step, n))
        if kept is None:
            written = await self._written(self._writer, campaign, lead, step, step.ai, n=n)
            # A retry must send the same, so whatever is said is kept before it is sent.
            kept = await self._leads.save_text(
                lead.id, _key(step, n), written.text, post_id=written.post_id
            )
        text, post_id = kept
        return Wording(text=text, post_id=post_id)

    async def _written(
        self, writer: Writer, campaign: Campaign, lead: Lead, step: Step, ai: AiOptions, *, n: int
    ) -> Wording:
        post = await self._post(campaign, lead, step, ai, n=n)
        task = writing_task(step.kind, ai, lead.person, post=post.text)
        try:
            answer = await writer.write(task)
        except WriterUnavailable:
            # Waiting for the writer is better than saying nothing.
            self._metrics.texts_written.labels(step.kind, "unavailable").inc()
            if not step.text and step.kind is not _GOES_WITHOUT:
                raise
            return Wording(text=_manual(lead, step), post_id=post.post_id)
        try:
            written = text_to_send(answer, step.kind, lead.person, fallback=step.text)
        except AnswerRefused as error:
            self._metrics.texts_written.labels(step.kind, "refused").inc()
            raise StepUnsayable(str(error), reason=TEXT_MISSING) from error
        if written.refused:
            log.warning("written_text_refused", step_id=step.step_id, reason=written.refused)
        outcome = "fallback" if written.refused else "written"
        self._metrics.texts_written.labels(step.kind, outcome).inc()
        return Wording(text=written.text, post_id=post.post_id)

    async def _post(
        self, campaign: Campaign, lead: Lead, step: Step, ai: AiOptions, *, n: int
    ) -> pb.Post:
        """The post that the text is about; an empty one if it is about none."""
        if step.kind is not StepKind.COMMENT_POST and not ai.mention_post:
            return pb.Post()
        try:
            answer = await self._gateway.ListPosts(requests.list_posts(campaign, lead, step))
        except FailedPrecondition:
            if step.kind is StepKind.COMMENT_POST:
                raise
            return pb.Post()
        if step.kind is not StepKind.COMMENT_POST:
            return answer.posts[0] if answer.posts else pb.Post()
        return await self._post_to_comment(lead, step, list(answer.posts), n=n)

    async def _post_to_comment(
        self, lead: Lead, step: Step, posts: list[pb.Post], *, n: int
    ) -> pb.Post:
        before = [await self._leads.written_text(lead.id, _key(step, i)) for i in range(1, n)]
        taken = {kept[1] for kept in before if kept is not None}
        fresh = [post for post in posts if post.post_id not in taken]
        if not fresh:
            raise StepUnsayable("The person has no post that fits.", reason=NO_POSTS)
        for post in sorted(fresh, key=lambda post: post.publish_time.ToNanoseconds(), reverse=True):
            if post.takes_comments:
                return post
        raise StepUnsayable("The posts do not take comments.", reason=COMMENTS_DISABLED)


def _manual(lead: Lead, step: Step) -> str:
    """The customer's own text for this lead."""
    try:
        text = render(step.text, lead.person)
    except (MissingVariables, TextInvalid) as error:
        raise StepUnsayable(str(error), reason=VARIABLE_MISSING) from error
    if not text and step.kind is not _GOES_WITHOUT:
        raise StepUnsayable("The step has no text.", reason=TEXT_MISSING)
    return text


def _key(step: Step, n: int) -> str:
    """Where the text is kept; each post of a step has one of its own."""
    return step.step_id if n == 1 else f"{step.step_id}#{n}"
