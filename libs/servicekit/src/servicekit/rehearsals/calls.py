"""What a rehearsed call asks of another service: what is, or what would be."""

import re
from typing import Any

from google.protobuf.message import Message

from servicekit.rehearsals.rehearsal import FIELD, CannotBeRehearsed, rehearsing

READS = re.compile(r"(Get|BatchGet|List|Find|Count|Explain|Check|Validate|Preview)(?![a-z])")
"""How methods begin that change nothing; a test holds it against what contracts declare."""


def asked(method: str, request: Any) -> Any:
    """The request to `/package.Service/Method` as it goes out.

    Of a rehearsal it only asks, too. Raises `CannotBeRehearsed` where it would change something.
    """
    if not rehearsing() or READS.match(method.rpartition("/")[2]):
        return request
    if isinstance(request, Message) and FIELD in request.DESCRIPTOR.fields_by_name:
        question: Any = type(request)()
        question.CopyFrom(request)
        setattr(question, FIELD, True)
        return question
    raise CannotBeRehearsed(f"{method} would change something.")


def require_reading(method: str) -> None:
    """Raises `CannotBeRehearsed` for a stream of a rehearsal that may change something."""
    if rehearsing() and not READS.match(method.rpartition("/")[2]):
        raise CannotBeRehearsed(f"{method} may change something.")
