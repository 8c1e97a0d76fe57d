"""A request that names itself."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from google.api import field_behavior_pb2
from google.protobuf import descriptor_pool
from google.protobuf.message_factory import GetMessageClass

from servicekit.auth import known_caller

if TYPE_CHECKING:
    from google.protobuf.message import Message

    from servicekit.grpc.calls import Call

FIELD = "request_id"
_READABLE = re.compile(r"[^\x00-\x1f\x7f]{1,200}")


@dataclass(frozen=True, kw_only=True)
class NamedRequest:
    """Who asked for what, by which name."""

    organization_id: str
    """Empty for who acts for all of them."""
    caller: str
    rpc: str
    request_id: str
    digest: bytes
    subject: str = ""
    """What its answer shows that may be forgotten, by its id."""

    @classmethod
    def of(cls, call: Call, *, subject_field: str = "") -> NamedRequest | None:
        """What a call asks; None where it names nothing, or its answer is not kept here."""
        caller = known_caller()
        if caller is None or not caller.subject or not is_kept(call.method):
            return None
        request_id = getattr(call.request, FIELD, "")
        if call.request is None or not _READABLE.fullmatch(request_id):
            return None
        if getattr(call.request, "validate_only", False):
            # It changes nothing, and whoever asks wants to know what would be now.
            return None
        return cls(
            organization_id=caller.organization_id,
            caller=caller.on_behalf_of or caller.subject,
            rpc=call.method,
            request_id=request_id,
            digest=bytes.fromhex(said_by(call.request)),
            subject=getattr(call.request, subject_field, "") if subject_field else "",
        )


def said_by(request: Message) -> str:
    """A request as it came, as one word: whoever says it again says it to the letter."""
    return hashlib.sha256(request.SerializeToString(deterministic=True)).hexdigest()


@cache
def is_kept(method: str) -> bool:
    """Whether the answers of `/package.Service/Method` are kept by request id.

    Where an id is required, what is made keeps it for good, and is found by it.
    """
    service, _, name = method.lstrip("/").partition("/")
    try:
        found = descriptor_pool.Default().FindServiceByName(service).methods_by_name[name]
    except KeyError:
        return False
    field = found.input_type.fields_by_name.get(FIELD)
    if field is None or found.client_streaming or found.server_streaming:
        return False
    behaviour = field.GetOptions().Extensions[field_behavior_pb2.field_behavior]
    return field_behavior_pb2.REQUIRED not in behaviour


def read_answer(method: str, answer: bytes) -> Message:
    """The answer of a method that `is_kept`, of its bytes."""
    service, _, name = method.lstrip("/").partition("/")
    found = descriptor_pool.Default().FindServiceByName(service).methods_by_name[name]
    return GetMessageClass(found.output_type).FromString(answer)
