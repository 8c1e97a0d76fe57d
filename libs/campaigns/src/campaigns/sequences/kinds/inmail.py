"""Write to a person who is not connected. Pure."""

from campaigns.sequences.kinds.kind_rules import (
    AI,
    GROUNDS,
    LENGTHS,
    SILENCE,
    SWITCH,
    TEXTS,
    AfterReply,
    KindRules,
    TextRules,
    describe_silence,
    message_writer,
)
from campaigns.sequences.sequence import GatewayAction

INMAIL = KindRules(
    describe=lambda step: f"Send an InMail{describe_silence(step)}",
    settings=TEXTS | SWITCH | LENGTHS | AI | GROUNDS | SILENCE,
    action=GatewayAction.INMAIL,
    text=TextRules(
        settings=("customMessage", "message"),
        longest=1_900,
        writer=message_writer("Write a LinkedIn InMail to a person you are not connected with."),
    ),
    after_reply=AfterReply.ASKS,
    funnel="inmailed",
)
