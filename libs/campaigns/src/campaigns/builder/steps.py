"""What a node of the builder does, in one vocabulary (pure).

Each node becomes a step without followers; `graph.py` connects them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from campaigns.builder.delay import DelayInvalid, read_delay
from campaigns.builder.document import Node
from campaigns.builder.extensions import read_condition, read_wait
from campaigns.builder.options import warn_ignored, warn_unwritten
from campaigns.builder.settings import LONGEST_GUIDELINES, OLDER_SETTINGS, Settings
from campaigns.builder.variants import with_variants
from campaigns.sequences.diagnostics import Diagnostics, shown
from campaigns.sequences.limits import LONGEST_TEXT_BY_KIND
from campaigns.sequences.sequence import AiOptions, Step, StepKind
from campaigns.texts.render import TextInvalid, longest_length, shortest_length

MOST_POSTS = 10
MOST_RECENT_DAYS = 365

_KIND_BY_ACTION: Mapping[str, StepKind] = {
    **{kind.value: kind for kind in StepKind},
    "send_invite": StepKind.SEND_CONNECTION_REQUEST,
    "notify_webhook": StepKind.WEBHOOK,
}
_OLDER_ACTIONS = frozenset({"send_invite", "notify_webhook", "follow_profile", "follow_company"})
_TEXT_NAMES = ("customMessage", "message")
_TEXT_NAMES_BY_KIND: Mapping[StepKind, tuple[str, ...]] = {
    StepKind.COMMENT_POST: ("customComment", "message", "customMessage"),
    StepKind.SEND_CONNECTION_REQUEST: _TEXT_NAMES,
    StepKind.SEND_FOLLOWUP: _TEXT_NAMES,
    StepKind.SEND_INMAIL: _TEXT_NAMES,
}
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
    return _KIND_BY_ACTION.get(node.action)


def refuse_unknown(node: Node, diagnostics: Diagnostics) -> None:
    """Say why this node cannot be performed."""
    if node.action in {"follow_profile", "follow_company"}:
        what = "person" if node.action == "follow_profile" else "company"
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

    def read(self, node: Node, kind: StepKind) -> Performable:
        """The node as a step; what is wrong with it goes to the findings."""
        settings = Settings(
            values=node.config, path=f"{node.path}.data.config", diagnostics=self.diagnostics
        )
        warn_ignored(kind, settings)
        text, ai = self._words(kind, settings)
        posts, recent_within = _posts(kind, settings)
        step = Step(
            step_id=node.id,
            index=0,
            kind=kind,
            label=node.label,
            text=text,
            ai=ai,
            posts=posts,
            recent_within=recent_within,
            only_if_no_reply=self._only_if_no_reply(kind, settings),
            wait_for=self._wait_for(kind, settings),
            condition=read_condition(settings) if kind is StepKind.CONDITION else None,
        )
        if kind in _TEXT_NAMES_BY_KIND:
            step = with_variants(step, settings, self._check_text)
        webhook = self._webhook(node, settings) if kind is StepKind.WEBHOOK else None
        return Performable(step=step, node=node, webhook=webhook)

    def _words(self, kind: StepKind, settings: Settings) -> tuple[str, AiOptions | None]:
        """The manual text, checked, and how AI is to write instead of it."""
        names = _TEXT_NAMES_BY_KIND.get(kind)
        if names is None:
            return "", None
        text = settings.text(*names)
        field = settings.field(*names)
        if text:
            self._check_text(text, kind, field)
        flags = ("useAI", "configureWithAI")
        if kind is not StepKind.SEND_CONNECTION_REQUEST:
            flags = ("configureWithAI", "useAI")
        default = self.older_dialect and not text and not settings.has("variants")
        if settings.flag(*flags, default=default):
            ai = self._ai(kind, settings)
            if self.writer_configured:
                return text, ai
            self._replace_writer(kind, settings.field(*flags), text=text)
            return text, None
        if not text and not settings.has("variants"):
            self._report_blank(kind, field)
        warn_unwritten(kind, settings, settings.name(*flags))
        return text, None

    def _report_blank(self, kind: StepKind, field: str) -> None:
        if kind is StepKind.SEND_CONNECTION_REQUEST:
            self.diagnostics.warn(field, "NOTE_OMITTED", "The invitation goes without a note.")
        else:
            self.diagnostics.refuse(field, "TEXT_MISSING", "A text is required here.")

    def _replace_writer(self, kind: StepKind, field: str, *, text: str) -> None:
        if text:
            self.diagnostics.warn(
                field, "AI_REPLACED_BY_TEXT", "No writer is configured; the manual text is used."
            )
        elif kind is StepKind.SEND_CONNECTION_REQUEST:
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
        longest = LONGEST_TEXT_BY_KIND[kind]
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

    def _ai(self, kind: StepKind, settings: Settings) -> AiOptions:
        is_comment = kind is StepKind.COMMENT_POST
        is_invitation = kind is StepKind.SEND_CONNECTION_REQUEST
        lengths = ("commentLength", "length", "messageLength")
        if not is_comment:
            lengths = ("messageLength", "length", "commentLength")
        tones = ("commentTone", "tone") if is_comment else ("tone",)
        return AiOptions(
            language=settings.style("language", default="english", usual=_LANGUAGES),
            length="short"
            if is_invitation
            else settings.choice(*lengths, default="medium", among=_LENGTHS),
            tone=settings.style(
                *tones, default="moderate" if is_invitation else "professional", usual=_TONES
            ),
            guidelines=settings.text("customGuidelines", longest=LONGEST_GUIDELINES),
            purpose="" if is_comment else settings.text("messagePurpose", "purpose"),
            mention_post=settings.flag("engageWithRecentActivity", "mentionPost", default=False),
            allow_links=settings.flag("allowLinks", default=False),
            style={
                name: settings.style(name, default=default, usual=usual)
                for name, (default, usual) in _STYLES.items()
            }
            if is_invitation
            else None,
        )

    def _only_if_no_reply(self, kind: StepKind, settings: Settings) -> bool:
        if kind not in {StepKind.SEND_FOLLOWUP, StepKind.SEND_INMAIL}:
            return False
        default = self.older_dialect and kind is StepKind.SEND_FOLLOWUP
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

    def _wait_for(self, kind: StepKind, settings: Settings) -> timedelta:
        """How long the step waits once it is its turn; the older webhook has a delay of its own."""
        if kind is StepKind.WAIT:
            return read_wait(settings)
        if kind is not StepKind.WEBHOOK:
            return timedelta()
        try:
            return read_delay(settings.values.get("timeDelay"), None) or timedelta()
        except DelayInvalid as error:
            settings.refuse("timeDelay", "DELAY_INVALID", str(error))
            return timedelta()


def _posts(kind: StepKind, settings: Settings) -> tuple[int, timedelta]:
    """How many posts a step is about, and how old they may be."""
    if kind not in {StepKind.LIKE_POST, StepKind.COMMENT_POST, StepKind.CONDITION}:
        return 1, timedelta(days=7)
    posts = 1
    if kind is not StepKind.CONDITION:
        posts = settings.count("numberOfPosts", "postCount", default=1, most=MOST_POSTS)
    days = settings.count("recentPostDays", "recentPostWithin", default=7, most=MOST_RECENT_DAYS)
    return posts, timedelta(days=days)
