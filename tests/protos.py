"""The contract as it is generated: every service, method and enum of it, found by itself."""

import re
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

PROTOS = Path(__file__).parents[1] / "protos"


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


_RPC = re.compile(r"((?:^ *//.*\n)*)^ *rpc (\w+)\(", re.MULTILINE)
_SERVICE = re.compile(r"^service (\w+) ", re.MULTILINE)


@cache
def comments() -> dict[str, str]:
    """What the protos say of each method, by its full name."""
    told = {}
    for file in files():
        if file.services_by_name:
            text = (PROTOS / file.name).read_text()
            (service,) = _SERVICE.findall(text)
            for comment, name in _RPC.findall(text):
                told[f"{file.package}.{service}.{name}"] = re.sub(r"\s*\n? *// ?", " ", comment)
    return told
