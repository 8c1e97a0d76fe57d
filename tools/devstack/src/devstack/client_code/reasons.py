"""The reasons of errors as classes: which there are, and what kind each is of.

The services say it, by the errors that they raise; what LinkedIn refuses has no class there but a
number, and the heading in the contract above it says by which code it comes.
"""

import importlib
import pkgutil
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from google.protobuf.descriptor_pb2 import FileDescriptorProto
from outreach_client.errors.reasons import class_name
from servicekit import errors as tree
from servicekit.errors import RemoteError, ServiceError

_PACKAGES = (
    "campaign_api",
    "outreach_worker",
    "linkedin_gateway",
    "webhook_dispatcher",
    "campaigns",
    "identity",
    "servicekit",
)
_PREFIX = "ERROR_REASON_"
_FILE = "outreach/common/v1/error_reason.proto"
_ENUMS, _VALUES = 5, 2
_KIND_BY_CODE: Mapping[str, type[ServiceError]] = {
    "RESOURCE_EXHAUSTED": tree.NotYet,
    "FAILED_PRECONDITION": tree.FailedPrecondition,
}
"""By the code that a heading names."""


@dataclass(frozen=True, kw_only=True)
class Reason:
    """One that a call can be refused with."""

    name: str
    kind: type[ServiceError]
    comment: str


def reasons(files: Iterable[FileDescriptorProto]) -> list[Reason]:
    """Every reason of the contract that is a kind of refusal, by its name.

    One that comes by several codes is of the kind that its own class, by its name, is of.
    """
    raised = _raised()
    return sorted(
        (
            Reason(name=name, kind=kind, comment=comment)
            for name, comment, code in _declared(files)
            if (kind := _kind(name, raised.get(name, set())) or _KIND_BY_CODE.get(code))
        ),
        key=lambda each: each.name,
    )


def kinds_module(known: Iterable[Reason]) -> str:
    """The table of `outreach_client.errors.reasons`, between its marks."""
    return "".join(f'    "{each.name}": "{each.kind.__name__}",\n' for each in known)


def stub(known: Iterable[Reason]) -> str:
    """`outreach_client/errors/__init__.pyi`."""
    kinds = sorted(
        name
        for name, kind in vars(tree).items()
        if isinstance(kind, type) and kind.__module__ == tree.__name__
    )
    lines = [
        '"""Refused calls as exceptions; written by `make client`."""',
        "",
        "from contextlib import AbstractContextManager",
        "",
        *(f"from servicekit.errors import {name} as {name}" for name in kinds),
        "",
        "def refined() -> AbstractContextManager[None]: ...",
        "def refinement(error: ServiceError) -> ServiceError: ...",
    ]
    for each in known:
        if class_name(each.name) in kinds:
            continue
        lines += [
            "",
            f"class {class_name(each.name)}({each.kind.__name__}):",
            f'    """{each.comment}"""',
        ]
    return "\n".join(lines) + "\n"


def _kind(reason: str, raised: set[type[ServiceError]]) -> type[ServiceError] | None:
    """Of which kind the errors with a reason are, as callers see them."""
    named = [each for each in raised if each.__name__ == class_name(reason)]
    for each in named or sorted(raised, key=lambda error: error.__name__):
        return next(base for base in each.__mro__ if base.__module__ == tree.__name__)
    return None


def _raised() -> Mapping[str, set[type[ServiceError]]]:
    for package in _PACKAGES:
        spec = importlib.import_module(package)
        for module in pkgutil.walk_packages(spec.__path__, f"{package}."):
            if not re.search(r"\.(migrations|alembic_env|__main__)", module.name):
                importlib.import_module(module.name)
    found = defaultdict(set)
    for error in _below(ServiceError):
        # A client's own classes are made from what is found here.
        ours = error.__module__.partition(".")[0] in _PACKAGES
        if ours and not issubclass(error, RemoteError):
            found[error.reason].add(error)
    return found


def _below(error: type[ServiceError]) -> Iterator[type[ServiceError]]:
    for each in error.__subclasses__():
        yield each
        yield from _below(each)


def _declared(files: Iterable[FileDescriptorProto]) -> Iterator[tuple[str, str, str]]:
    """Each reason with its comment, and the code that the heading above it names."""
    (file,) = (each for each in files if each.name == _FILE)
    (values,) = (each.value for each in file.enum_type)
    places = {tuple(each.path): each for each in file.source_code_info.location}
    code = ""
    for number, value in enumerate(values):
        place = places[_ENUMS, 0, _VALUES, number]
        for heading in place.leading_detached_comments:
            code = next((each for each in _KIND_BY_CODE if each in heading), "")
        yield value.name.removeprefix(_PREFIX), " ".join(place.leading_comments.split()), code
