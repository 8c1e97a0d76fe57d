"""Ask a person to connect, with a note or without; the path parts on the answer. Pure."""

from campaigns.sequences.kinds.kind_rules import (
    AI,
    GROUNDS,
    STYLE,
    SWITCH,
    TEXTS,
    KindRules,
    TextRules,
    WriterRules,
    names,
)
from campaigns.sequences.sequence import GatewayAction, Step


def _describe(step: Step) -> str:
    noted = step.variants or step.text or step.ai is not None
    return f"Ask to connect, with {'a note' if noted else 'no note'}"


INVITATION = KindRules(
    describe=_describe,
    settings=TEXTS | SWITCH | AI | GROUNDS | STYLE,
    older_names=names("send_invite"),
    action=GatewayAction.INVITATION,
    text=TextRules(
        settings=("customMessage", "message"),
        longest=300,
        longest_without_plan=200,
        optional=True,
        writer=WriterRules(
            task="Write the note of a LinkedIn invitation to connect.",
            switches=("useAI", "configureWithAI"),
            length_settings=(),
            tone_settings=("tone",),
            length="short",
            default_tone="moderate",
            lengths=dict.fromkeys(("short", "medium", "long"), "one or two sentences"),
            has_style=True,
        ),
    ),
    funnel="invited",
)
