"""Comment on posts. Pure."""

from campaigns.sequences.kinds.kind_rules import (
    AI,
    LENGTHS,
    SEVERAL_POSTS,
    SWITCH,
    TEXTS,
    KindRules,
    Posts,
    TextRules,
    WriterRules,
    describe_posts,
    names,
)
from campaigns.sequences.sequence import GatewayAction

COMMENT = KindRules(
    describe=lambda step: f"Comment on {describe_posts(step)}",
    settings=SEVERAL_POSTS | TEXTS | SWITCH | LENGTHS | AI | names("customComment commentTone"),
    action=GatewayAction.COMMENT,
    text=TextRules(
        settings=("customComment", "message", "customMessage"),
        longest=1_250,
        about_post=True,
        writer=WriterRules(
            task="Write a comment on the person's LinkedIn post.",
            switches=("configureWithAI", "useAI"),
            length_settings=("commentLength", "length", "messageLength"),
            tone_settings=("commentTone", "tone"),
            lengths={
                "short": "one sentence",
                "medium": "two or three sentences",
                "long": "four to six sentences",
            },
            has_purpose=False,
        ),
    ),
    posts=Posts.SEVERAL,
    funnel="commented",
)
