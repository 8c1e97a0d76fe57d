"""The contract as it is generated: every service, method and enum of it, found by itself."""

from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path

import outreach
from google.protobuf.descriptor import (
    EnumDescriptor,
    FileDescriptor,
    MethodDescriptor,
    ServiceDescriptor,
)


@cache
def files() -> tuple[FileDescriptor, ...]:
    """Every file of the generated package."""
    (root,) = map(Path, outreach.__path__)
    names = (path.relative_to(root).with_suffix("").parts for path in root.rglob("*_pb2.py"))
    found = tuple(import_module(".".join(("outreach", *name))).DESCRIPTOR for name in sorted(names))
    if not found:
        raise LookupError("there is no generated code")
    return found


def services() -> Iterator[ServiceDescriptor]:
    """Every service."""
    for file in files():
        yield from file.services_by_name.values()


def methods() -> Iterator[MethodDescriptor]:
    """Every method of every service."""
    for service in services():
        yield from service.methods


def enums() -> Iterator[EnumDescriptor]:
    """Every enum."""
    for file in files():
        yield from file.enum_types_by_name.values()
