"""What a kind of step says of itself, and the parts that several kinds share. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum, auto

from campaigns.sequences.durations import describe_duration
from campaigns.sequences.sequence import GatewayAction, Step


class Posts(Enum):
    """Whether a step is about posts: about none, about some, or about as many as it says."""

    NONE = auto()
    RECENT = auto()
    SEVERAL = auto()


class AfterReply(Enum):
    """Whether a step may be meant for silence alone, and whether older drawings mean that."""

    SENDS = auto()
    ASKS = auto()
    OLDER_DRAWINGS_STOP = auto()


@dataclass(frozen=True, kw_only=True)
class WriterRules:
    """How a text of this kind is ordered from a writer.

    The names are those of the builder's settings, the preferred one first. `length` and
    `default_tone` are what is asked for where the builder says nothing; a length that is
    fixed has no setting. `lengths` says each length in words that a writer follows.
    """

    task: str
    switches: tuple[str, str]
    length_settings: tuple[str, ...]
    tone_settings: tuple[str, ...]
    length: str = "medium"
    default_tone: str = "professional"
    lengths: Mapping[str, str]
    has_purpose: bool = True
    has_style: bool = False


@dataclass(frozen=True, kw_only=True)
class TextRules:
    """The text that a step of this kind sends.

    `settings` are the names under which the builder keeps the customer's own. Lengths are in
    characters, as LinkedIn counts them: the most that an account with any paid plan may send,
    by the provider's documentation, and less than that for one without. `optional` says that
    the step goes without a text too, `about_post` that the text is about a post.
    """

    settings: tuple[str, ...]
    longest: int
    longest_without_plan: int | None = None
    optional: bool = False
    about_post: bool = False
    writer: WriterRules


@dataclass(frozen=True, kw_only=True)
class KindRules:
    """Everything that is decided about a kind of step.

    `settings` are the names that the builder may give it, `older_names` those by which older
    drawings call the kind. `action` is what the gateway is asked for, None for a kind that it
    has no part in. `per_lead` says that every lead costs such an action, so that it counts
    in what an account can still take on. `funnel` is what the leads are called for which it was
    performed, a field of `Funnel` in the contract.
    """

    describe: Callable[[Step], str]
    settings: frozenset[str] = frozenset()
    older_names: frozenset[str] = frozenset()
    action: GatewayAction | None = None
    per_lead: bool = True
    text: TextRules | None = None
    posts: Posts = Posts.NONE
    after_reply: AfterReply = AfterReply.SENDS
    funnel: str = ""


def names(text: str) -> frozenset[str]:
    """The words of a text, as a set."""
    return frozenset(text.split())


RECENT_POSTS = names("recentPostDays recentPostWithin")
SEVERAL_POSTS = RECENT_POSTS | names("numberOfPosts postCount")
SWITCH = names("configureWithAI useAI")
LENGTHS = names("commentLength messageLength length")
TEXTS = names("customMessage message variants experiment")
AI = names("tone language customGuidelines allowLinks")
GROUNDS = names("engageWithRecentActivity mentionPost messagePurpose purpose")
STYLE = names("formality approach focus intention callToAction personalization")
SILENCE = names("smartFollowups isFollowUp")

MESSAGE_LENGTHS: Mapping[str, str] = {
    "short": "at most 50 words",
    "medium": "50 to 100 words",
    "long": "100 to 180 words",
}


def message_writer(task: str) -> WriterRules:
    """How any message is ordered from a writer."""
    return WriterRules(
        task=task,
        switches=("configureWithAI", "useAI"),
        length_settings=("messageLength", "length", "commentLength"),
        tone_settings=("tone",),
        lengths=MESSAGE_LENGTHS,
    )


def describe_posts(step: Step) -> str:
    """Which posts a step is about."""
    which = "the newest post" if step.posts == 1 else f"up to {step.posts} posts"
    return f"{which} of the last {describe_duration(step.recent_within)}"


def describe_silence(step: Step) -> str:
    """What a step adds that is meant for silence alone."""
    return ", unless the person has replied" if step.only_if_no_reply else ""
