"""Write to a person who is connected. Pure."""

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

MESSAGE = KindRules(
    describe=lambda step: f"Send a message{describe_silence(step)}",
    settings=TEXTS | SWITCH | LENGTHS | AI | GROUNDS | SILENCE,
    action=GatewayAction.MESSAGE,
    text=TextRules(
        settings=("customMessage", "message"),
        longest=8_000,
        writer=message_writer("Write a LinkedIn message to a person you are connected with."),
    ),
    after_reply=AfterReply.OLDER_DRAWINGS_STOP,
    funnel="messaged",
)
