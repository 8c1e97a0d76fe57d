"""What ends or deletes something that is not there: NOT_FOUND, whichever verb it is (AIP-135)."""

import re

from google.protobuf.descriptor import FieldDescriptor, MethodDescriptor
from google.protobuf.message import Message

ENDS = re.compile("(Delete|Remove|Stop|End|Lift|Cancel|Revoke|Disable|Disconnect)[A-Z]")
"""Verbs by which something ends."""
SAYS_WHAT_IS_TO_BE = {
    "CancelAction": "what was never asked for is recorded as called off, so that nothing is sent",
    "EndCoolDown": "it is named by an account and a kind, and is over where there is none",
    "EndLead": "a service of ours says that a lead is over, which may never have acted",
}
"""Which of them answer whatever there is, each with the reason."""


def ends(method: MethodDescriptor) -> bool:
    """Whether the method ends something by its id."""
    return bool(ENDS.match(method.name)) and method.name not in SAYS_WHAT_IS_TO_BE


def of_nothing(method: MethodDescriptor, asked: list[Message]) -> list[Message]:
    """The same of a thing that never was: the innermost that it names."""
    *_, thing = (
        field
        for field in method.input_type.fields
        if _names(field) and getattr(asked[0], field.name)
    )
    copies = []
    for request in asked:
        copy = type(request)()
        copy.CopyFrom(request)
        setattr(copy, thing.name, f"{getattr(copy, thing.name)[:-3]}xyz")
        copies.append(copy)
    return copies


def _names(field: FieldDescriptor) -> bool:
    return field.name.endswith("_id") and field.name != "request_id"
