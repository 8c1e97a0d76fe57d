"""What a call is made with: a request, or its fields by their names."""

from typing import Any

from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from servicekit.ids import new_id

REQUEST_ID = "request_id"


def request_of(descriptor: Any, given: Message | None, fields: dict[str, Any]) -> Any:
    """The request of a call, which has a `request_id` where there is room for one.

    By that a call that is made again by itself is one thing. Fields are what protobuf takes: of a
    time a `datetime`, of a duration a `timedelta`, of an enum its name. Raises `TypeError` for both
    a request and fields, and what protobuf raises for fields that are none.
    """
    kind = GetMessageClass(descriptor)
    if given is None:
        given = kind(**fields)
    elif fields:
        raise TypeError("Give a request or its fields, not both.")
    elif not isinstance(given, kind):
        raise TypeError(f"{type(given).__name__} is no {descriptor.name}.")
    if REQUEST_ID in descriptor.fields_by_name and not getattr(given, REQUEST_ID):
        numbered = kind()
        numbered.CopyFrom(given)
        setattr(numbered, REQUEST_ID, new_id("req"))
        return numbered
    return given
