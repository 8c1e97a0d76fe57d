"""What a step says to a lead: rendered or written once, and kept."""

from campaigns.models import Campaign, Lead
from campaigns.repositories.step_text_repository import StepTextRepository
from campaigns.sequences.kinds.kind_rules import TextRules
from campaigns.sequences.kinds.registry import TEXTUAL, longest_text, text_rules
from campaigns.sequences.sequence import AiOptions, Step
from campaigns.sequences.text_keys import kept_under
from campaigns.sequences.variants import text_of
from campaigns.texts.lead_check import MESSAGE_TOO_LONG, VARIABLE_MISSING, reader_of
from campaigns.texts.lengths import length
from campaigns.texts.render import MissingVariables, Reader, TextInvalid, render
from campaigns.texts.writing import AnswerRefused
from campaigns.writer import Order, Writer, WriterUnavailable
from outreach.linkedin.v1 import person_pb2
from outreach.linkedin.v1 import person_service_pb2_grpc as rpc
from servicekit.errors import FailedPrecondition

from outreach_worker.metrics import Metrics
from outreach_worker.senders.sender_directory import SenderDirectory
from outreach_worker.steps import gateway_requests as requests
from outreach_worker.steps.errors import StepUnsayable
from outreach_worker.steps.gateway_requests import StepText
from outreach_worker.steps.results import (
    COMMENTS_DISABLED,
    NO_POSTS,
    TEXT_MISSING,
)


class StepTexts:
    """The same text for the same lead and step, however often it is asked for.

    Whatever is said is kept before it is sent: a name that changes, a list that
    is completed or a new release must not change the text of an action that may
    be on the wire already.
    """

    def __init__(
        self,
        people: rpc.PersonServiceStub,
        kept: StepTextRepository,
        senders: SenderDirectory,
        writer: Writer | None,
        metrics: Metrics,
    ) -> None:
        self._people = people
        self._kept = kept
        self._senders = senders
        self._writer = writer
        self._metrics = metrics

    async def text_of(
        self, campaign: Campaign, lead: Lead, step: Step, *, n: int, again: int = 0
    ) -> StepText:
        """What the step says; raises `StepUnsayable`, or as the gateway does.

        `again` counts how often the step was taken back: it is another action
        then, which may say something else.
        """
        rules = TEXTUAL.get(step.kind)
        if rules is None:
            return StepText()
        if step.ai is None and not text_of(step, lead_id=lead.id):
            return _without_text(rules)
        key = kept_under(step.step_id, n=n, again=again)
        kept = await self._kept.find(lead.id, key)
        if kept is None:
            said = await self._said(campaign, lead, step, n=n, again=again)
            kept = await self._kept.keep(lead.id, key, said.text, post_id=said.post_id)
        text, post_id = kept
        return StepText(text=text, post_id=post_id)

    async def _said(
        self, campaign: Campaign, lead: Lead, step: Step, *, n: int, again: int
    ) -> StepText:
        sender = await self._senders.sender(lead.account_id)
        reader = reader_of(step, n, lead.person, lead_id=lead.id, sender=sender)
        longest = longest_text(step.kind, pays=sender.pays)
        if step.ai is None or self._writer is None:
            return StepText(text=_manual(step, reader, longest))
        post = await self._post(campaign, lead, step, step.ai, n=n, again=again)
        order = Order(
            kind=step.kind,
            ai=step.ai,
            reader=reader,
            manual_text=step.text,
            longest=longest,
            headline=await self._headline(campaign, lead),
            post=post.text,
        )
        return StepText(text=await self._written(self._writer, order, step), post_id=post.post_id)

    async def _written(self, writer: Writer, order: Order, step: Step) -> str:
        written = self._metrics.texts_written
        try:
            answer = await writer.text(order)
        except WriterUnavailable:
            # Waiting for the writer is better than saying nothing.
            written.labels(step.kind, "unavailable").inc()
            if not step.text and not text_rules(step.kind).optional:
                raise
            return _manual(step, order.reader, order.longest)
        except AnswerRefused as error:
            written.labels(step.kind, "refused").inc()
            raise StepUnsayable(str(error), reason=TEXT_MISSING) from error
        written.labels(step.kind, "fallback" if answer.refused else "written").inc()
        return _fitting(answer.text, order.longest)

    async def _headline(self, campaign: Campaign, lead: Lead) -> str:
        """What the person says of themselves, as the gateway has read it."""
        request = requests.get_profile(campaign, lead)
        return (await self._people.GetProfile(request)).profile.headline

    async def _post(
        self, campaign: Campaign, lead: Lead, step: Step, ai: AiOptions, *, n: int, again: int
    ) -> person_pb2.Post:
        """The post that the text is about; an empty one if it is about none."""
        about_post = text_rules(step.kind).about_post
        if not about_post and not ai.mention_post:
            return person_pb2.Post()
        try:
            answer = await self._people.ListPosts(requests.list_posts(campaign, lead, step))
        except FailedPrecondition:
            if about_post:
                raise
            return person_pb2.Post()
        if not about_post:
            return answer.posts[0] if answer.posts else person_pb2.Post()
        return await self._post_to_comment(lead, step, list(answer.posts), n=n, again=again)

    async def _post_to_comment(
        self, lead: Lead, step: Step, posts: list[person_pb2.Post], *, n: int, again: int
    ) -> person_pb2.Post:
        before = [
            await self._kept.find(lead.id, kept_under(step.step_id, n=i, again=earlier))
            for i in range(1, n)
            for earlier in range(again + 1)
        ]
        taken = {kept[1] for kept in before if kept is not None}
        fresh = [post for post in posts if post.post_id not in taken]
        if not fresh:
            raise StepUnsayable("The person has no post that fits.", reason=NO_POSTS)
        for post in sorted(fresh, key=lambda post: post.publish_time.ToNanoseconds(), reverse=True):
            if post.takes_comments:
                return post
        raise StepUnsayable("The posts do not take comments.", reason=COMMENTS_DISABLED)


def _without_text(rules: TextRules) -> StepText:
    if not rules.optional:
        raise StepUnsayable("The step has no text.", reason=TEXT_MISSING)
    return StepText()


def _manual(step: Step, reader: Reader, longest: int) -> str:
    """The customer's own text for this lead."""
    try:
        text = render(text_of(step, lead_id=reader.lead_id), reader)
    except (MissingVariables, TextInvalid) as error:
        raise StepUnsayable(str(error), reason=VARIABLE_MISSING) from error
    if not text and not text_rules(step.kind).optional:
        raise StepUnsayable("The step has no text.", reason=TEXT_MISSING)
    return _fitting(text, longest)


def _fitting(text: str, longest: int) -> str:
    if length(text) > longest:
        raise StepUnsayable(
            f"The text has {length(text):,} characters; this account may send {longest:,}.",
            reason=MESSAGE_TOO_LONG,
        )
    return text
