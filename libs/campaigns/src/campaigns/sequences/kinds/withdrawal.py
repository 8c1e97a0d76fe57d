"""Take back an invitation that was not answered. Pure."""

from campaigns.sequences.kinds.kind_rules import KindRules
from campaigns.sequences.sequence import GatewayAction

WITHDRAWAL = KindRules(
    describe=lambda _: "Take the connection request back",
    action=GatewayAction.WITHDRAWAL,
    # Only for those who did not accept; nobody is kept from beginning for it.
    per_lead=False,
    funnel="withdrawn",
)
