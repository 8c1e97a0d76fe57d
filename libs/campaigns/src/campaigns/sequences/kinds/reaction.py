"""Like posts. Pure."""

from campaigns.sequences.kinds.kind_rules import (
    SEVERAL_POSTS,
    KindRules,
    Posts,
    describe_posts,
)
from campaigns.sequences.sequence import GatewayAction

REACTION = KindRules(
    describe=lambda step: f"Like {describe_posts(step)}",
    settings=SEVERAL_POSTS,
    action=GatewayAction.REACTION,
    posts=Posts.SEVERAL,
    funnel="reacted",
)
