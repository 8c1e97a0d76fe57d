"""What a node of the builder does, in one vocabulary. Pure.

Each node becomes a step without followers; `graph.py` connects them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import assert_never

from campaigns.builder.delay import DelayInvalid, read_delay
from campaigns.builder.document import Node
from campaigns.builder.extensions import read_condition, read_wait
from campaigns.builder.options import warn_ignored, warn_unwritten
from campaigns.builder.settings import LONGEST_GUIDELINES, OLDER_SETTINGS, Settings
from campaigns.builder.variants import with_variants
from campaigns.sequences.diagnostics import Diagnostics, shown
from campaigns.sequences.kinds.kind_rules import AfterReply, Posts, TextRules, WriterRules
from campaigns.sequences.kinds.registry import KIND_BY_NAME, KINDS, text_rules
from campaigns.sequences.sequence import AiOptions, Step, StepCategory, StepKind
from campaigns.texts.lengths import longest_length, shortest_length
from campaigns.texts.placeholders import lookalikes
from campaigns.texts.template import TextInvalid

MOST_POSTS = 10
MOST_RECENT_DAYS = 365

_UNSUPPORTED = {"follow_profile": "person", "follow_company": "company"}
"""What older drawings have and the provider cannot do, and whom it is done to."""
_OLDER_ACTIONS = _UNSUPPORTED.keys() | (KIND_BY_NAME.keys() - set(StepKind))
_LENGTHS = frozenset({"short", "medium", "long"})
_LANGUAGES = frozenset({"english", "spanish", "french", "german", "portuguese"})
_TONES = frozenset(
    """
    professional friendly casual enthusiastic supportive agreeable thoughtful curious formal cold
    moderate warm
    """.split()  # noqa: SIM905  words read best as words
)
_STYLES: Mapping[str, tuple[str, frozenset[str]]] = {
    "formality": ("approachable", frozenset({"casual", "approachable", "professional", "formal"})),
    "approach": ("diplomatic", frozenset({"direct", "diplomatic", "indirect"})),
    "focus": ("relational", frozenset({"personal", "relational", "business"})),
    "intention": (
        "networking",
        frozenset({"networking", "partnership", "collaboration", "sales", "recruitment"}),
    ),
    "callToAction": ("confident", frozenset({"strong", "confident", "subtle"})),
    "personalization": ("specific", frozenset({"specific", "generic"})),
}


@dataclass(frozen=True, kw_only=True)
class WebhookReference:
    """The webhook that a step names; who compiles resolves it to an endpoint."""

    step_id: str
    field: str
    builder_webhook_id: str = ""
    url: str = ""


@dataclass(frozen=True, kw_only=True)
class Performable:
    """A node as a step of its own."""

    step: Step
    node: Node
    webhook: WebhookReference | None = None


def is_older_dialect(nodes: tuple[Node, ...]) -> bool:
    """Whether anything in the drawing is written by the older builder only."""
    return any(
        node.action in _OLDER_ACTIONS or not OLDER_SETTINGS.isdisjoint(node.config)
        for node in nodes
        if not node.placeholder
    )


def kind_of(node: Node) -> StepKind | None:
    """What the node does; None if that is nothing we can do."""
    return KIND_BY_NAME.get(node.action)


def refuse_unknown(node: Node, diagnostics: Diagnostics) -> None:
    """Say why this node cannot be performed."""
    what = _UNSUPPORTED.get(node.action)
    if what is not None:
        problem = f"Following a {what} is not possible through the provider; remove this node."
        diagnostics.refuse(node.action_path, "NODE_TYPE_UNSUPPORTED", problem)
        return
    if node.action:
        problem = f"“{shown(node.action)}” is not an action that can be performed."
    else:
        problem = "The node does not say what it does."
    diagnostics.refuse(node.action_path, "NODE_TYPE_UNKNOWN", problem)


@dataclass(frozen=True, kw_only=True)
class StepReader:
    """Reads nodes; knows what the whole drawing and the deployment decide."""

    writer_configured: bool
    older_dialect: bool
    diagnostics: Diagnostics
    literal: Collection[str] = ()
    """What in texts looks like a placeholder and is meant as it stands."""

    def read(self, node: Node, kind: StepKind) -> Performable:
        """The node as a step; what is wrong with it goes to the diagnostics."""
        settings = Settings(
            values=node.config, path=f"{node.path}.data.config", diagnostics=self.diagnostics
        )
        warn_ignored(kind, settings)
        rules = KINDS[kind]
        text, ai = self._words(kind, settings)
        posts, recent_within = _posts(rules.posts, settings)
        step = Step(
            step_id=node.id,
            index=0,
            kind=kind,
            label=node.label,
            text=text,
            ai=ai,
            posts=posts,
            recent_within=recent_within,
            only_if_no_reply=self._only_if_no_reply(rules.after_reply, settings),
        )
        match kind.category:
            case StepCategory.ACTION:
                if rules.text is not None:
                    step = with_variants(step, settings, self._check_text)
                    step = replace(step, literal=self._confirmed(step))
            case StepCategory.WEBHOOK:
                step = replace(step, wait_for=_own_delay(settings))
                return Performable(step=step, node=node, webhook=self._webhook(node, settings))
            case StepCategory.WAIT:
                step = replace(step, wait_for=read_wait(settings))
            case StepCategory.CONDITION:
                step = replace(step, condition=read_condition(settings))
            case StepCategory.SPLIT:
                pass
            case _:
                assert_never(kind.category)
        return Performable(step=step, node=node)

    def _words(self, kind: StepKind, settings: Settings) -> tuple[str, AiOptions | None]:
        """The manual text, checked, and how AI is to write instead of it."""
        rules = KINDS[kind].text
        if rules is None:
            return "", None
        text = settings.text(*rules.settings)
        field = settings.field(*rules.settings)
        if text:
            self._check_text(text, kind, field)
        flags = rules.writer.switches
        default = self.older_dialect and not text and not settings.has("variants")
        if settings.flag(*flags, default=default):
            ai = _ai(rules.writer, settings)
            if self.writer_configured:
                return text, ai
            self._replace_writer(rules, settings.field(*flags), text=text)
            return text, None
        if not text and not settings.has("variants"):
            self._report_blank(rules, field)
        warn_unwritten(kind, settings, settings.name(*flags))
        return text, None

    def _report_blank(self, rules: TextRules, field: str) -> None:
        if rules.optional:
            self.diagnostics.warn(field, "NOTE_OMITTED", "The invitation goes without a note.")
        else:
            self.diagnostics.refuse(field, "TEXT_MISSING", "A text is required here.")

    def _replace_writer(self, rules: TextRules, field: str, *, text: str) -> None:
        if text:
            self.diagnostics.warn(
                field, "AI_REPLACED_BY_TEXT", "No writer is configured; the manual text is used."
            )
        elif rules.optional:
            self.diagnostics.warn(
                field,
                "NOTE_OMITTED",
                "No writer is configured; the invitation goes without a note.",
            )
        else:
            self.diagnostics.refuse(
                field,
                "WRITER_NOT_CONFIGURED",
                "The text is to be written by AI, but no writer is configured and there is no"
                " manual text.",
            )

    def _check_text(self, text: str, kind: StepKind, field: str) -> None:
        try:
            certain, likely = shortest_length(text), longest_length(text)
        except TextInvalid as error:
            self.diagnostics.refuse(field, "VARIABLE_UNKNOWN", str(error))
            return
        for each in lookalikes(text, literal=self.literal):
            self.diagnostics.refuse(field, "PLACEHOLDER_SUSPECTED", each.description)
        longest = text_rules(kind).longest
        if certain > longest:
            self.diagnostics.refuse(
                field,
                "TEXT_TOO_LONG",
                f"The text has {certain:,} characters; LinkedIn takes {longest:,}.",
            )
        elif likely > longest:
            self.diagnostics.warn(
                field,
                "TEXT_MAY_BE_TOO_LONG",
                f"With long values for its variables the text exceeds {longest:,} characters;"
                " such a lead is then held back.",
            )

    def _confirmed(self, step: Step) -> tuple[str, ...]:
        """What of its texts is confirmed; none where a text is refused anyway."""
        meant = {" ".join(each.split()) for each in self.literal}
        texts = [text for text in (step.text, *(each.text for each in step.variants)) if text]
        try:
            told = {each.text for text in texts for each in lookalikes(text)} if meant else set()
        except TextInvalid:
            return ()
        # Of marks around a variable the variable is meant as well.
        return tuple(sorted(each for each in told & meant if "{" not in each))

    def _only_if_no_reply(self, after_reply: AfterReply, settings: Settings) -> bool:
        match after_reply:
            case AfterReply.SENDS:
                return False
            case AfterReply.ASKS:
                default = False
            case AfterReply.OLDER_DRAWINGS_STOP:
                default = self.older_dialect
            case _:
                assert_never(after_reply)
        return settings.flag("smartFollowups", "isFollowUp", default=default)

    def _webhook(self, node: Node, settings: Settings) -> WebhookReference:
        names = ("webhookId", "integrationId", "targetUrl")
        settings.choice("typeId", default="webhook", among=frozenset({"webhook"}))
        reference = WebhookReference(
            step_id=node.id,
            field=settings.field(*names),
            builder_webhook_id=settings.text("webhookId", "integrationId", longest=200),
            url=settings.text("targetUrl", longest=2_000),
        )
        if not settings.has(*names):
            problem = "The node does not say which webhook to call."
            self.diagnostics.refuse(reference.field, "FIELD_REQUIRED", problem)
        return reference


def _ai(writer: WriterRules, settings: Settings) -> AiOptions:
    length = writer.length
    if writer.length_settings:
        length = settings.choice(*writer.length_settings, default=length, among=_LENGTHS)
    return AiOptions(
        language=settings.style("language", default="english", usual=_LANGUAGES),
        length=length,
        tone=settings.style(*writer.tone_settings, default=writer.default_tone, usual=_TONES),
        guidelines=settings.text("customGuidelines", longest=LONGEST_GUIDELINES),
        purpose=settings.text("messagePurpose", "purpose") if writer.has_purpose else "",
        mention_post=settings.flag("engageWithRecentActivity", "mentionPost", default=False),
        allow_links=settings.flag("allowLinks", default=False),
        style={
            name: settings.style(name, default=default, usual=usual)
            for name, (default, usual) in _STYLES.items()
        }
        if writer.has_style
        else None,
    )


def _own_delay(settings: Settings) -> timedelta:
    """How long a webhook of the older builder waits once it is its turn."""
    try:
        return read_delay(settings.values.get("timeDelay"), None) or timedelta()
    except DelayInvalid as error:
        settings.refuse("timeDelay", "DELAY_INVALID", str(error))
        return timedelta()


def _posts(about: Posts, settings: Settings) -> tuple[int, timedelta]:
    """How many posts a step is about, and how old they may be."""
    match about:
        case Posts.NONE:
            return 1, timedelta(days=7)
        case Posts.RECENT:
            posts = 1
        case Posts.SEVERAL:
            posts = settings.count("numberOfPosts", "postCount", default=1, most=MOST_POSTS)
        case _:
            assert_never(about)
    days = settings.count("recentPostDays", "recentPostWithin", default=7, most=MOST_RECENT_DAYS)
    return posts, timedelta(days=days)
