"""Visit a profile, so that its owner sees the visit. Pure."""

from campaigns.sequences.kinds.kind_rules import KindRules
from campaigns.sequences.sequence import GatewayAction

VISIT = KindRules(
    describe=lambda _: "Visit the profile",
    action=GatewayAction.VISIT,
    funnel="visited",
)
