"""What the audit keeps of a method's calls: what its contract declares in options."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from google.protobuf import descriptor_pool
from google.protobuf.message import Message
from outreach.common.v1 import audited_pb2


@dataclass(frozen=True)
class Declared:
    """What a method is to the audit."""

    changes: bool = False
    reads: bool = False
    has_own_row: bool = False
    """Whether what it changes says itself what was done: of a service that is the record."""
    path: tuple[str, ...] = ()
    """Where the request names what it is about."""

    @property
    def noun(self) -> str:
        """What the field is called that names it, for example `campaign_id`."""
        return self.path[-1] if self.path else ""

    def resource(self, request: Message | None) -> str:
        """The id that the request names; empty if it names none."""
        found: Any = request
        for name in self.path:
            if found is None:
                return ""
            found = getattr(found, name)
            if isinstance(found, str | Message):
                continue
            found = next(iter(found), None)
        return found if isinstance(found, str) else ""


DeclaredOf = Callable[[str], Declared]


@cache
def declared_of(method: str) -> Declared:
    """What `/package.Service/Method` declares; nothing for what is not of our contract."""
    service, _, name = method.lstrip("/").partition("/")
    try:
        found = descriptor_pool.Default().FindServiceByName(service).methods_by_name[name]
    except KeyError:
        return Declared()
    said = found.GetOptions().Extensions
    path = said[audited_pb2.audited_resource]
    kind = said[audited_pb2.audited]
    return Declared(
        changes=kind in (audited_pb2.AUDITED_CHANGE, audited_pb2.AUDITED_OWN_ROW),
        reads=kind == audited_pb2.AUDITED_READ,
        has_own_row=kind == audited_pb2.AUDITED_OWN_ROW,
        path=tuple(path.split(".")) if path else (),
    )
