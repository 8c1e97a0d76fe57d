"""Where words can stand: fields of messages and dataclasses, of log lines, spans and metrics."""

import ast
import dataclasses
import functools
import importlib
import pkgutil
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import automation
import campaign_api
import campaigns
import identity
import linkedin_gateway
import outreach_worker
import servicekit
import webhook_dispatcher
from devstack.metrics_page import SERVICES, common, own
from google.protobuf.descriptor import Descriptor, FieldDescriptor

ROOT = Path(__file__).parent.parent
PACKAGES = (
    automation,
    campaign_api,
    campaigns,
    identity,
    linkedin_gateway,
    outreach_worker,
    servicekit,
    webhook_dispatcher,
)
GENERATED = ROOT / "libs/protos/src"
_WORDS = re.compile(r"\b(str|bytes|object|Any|JSON|Json)\b")
_LEVELS = {"debug", "info", "warning", "error", "exception", "critical"}
_BINDS = {"bind", "bind_contextvars", "bound_contextvars"}
_NOT_FIELDS = {"exc_info"}
_SPANS = {"start_as_current_span", "start_span", "set_attributes"}

Field = tuple[str, str]
"""The owner and the name of a field."""


def message_fields() -> Iterator[Field]:
    """Fields of our messages that hold text, bytes, or anything by name."""
    for path in sorted(GENERATED.glob("outreach/**/*_pb2.py")):
        module = ".".join(path.relative_to(GENERATED).with_suffix("").parts)
        for message in importlib.import_module(module).DESCRIPTOR.message_types_by_name.values():
            yield from _of_message(message)


def _of_message(message: Descriptor) -> Iterator[Field]:
    for field in message.fields:
        if _can_hold_words(field):
            yield message.full_name.removeprefix("outreach."), field.name
    for nested in message.nested_types:
        if not nested.GetOptions().map_entry:
            yield from _of_message(nested)


def _can_hold_words(field: FieldDescriptor) -> bool:
    if field.type in (FieldDescriptor.TYPE_STRING, FieldDescriptor.TYPE_BYTES):
        return True
    of = field.message_type
    return of is not None and (
        of.GetOptions().map_entry
        or (
            of.file.package == "google.protobuf"
            and of.name in ("Any", "Struct", "Value", "StringValue")
        )
    )


def dataclass_fields() -> Iterator[Field]:
    """Fields of our dataclasses that hold text, bytes, or anything."""
    for package in PACKAGES:
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if _is_run(found.name):
                continue
            module = importlib.import_module(found.name)
            for each in vars(module).values():
                if (
                    isinstance(each, type)
                    and dataclasses.is_dataclass(each)
                    and each.__module__ == found.name
                ):
                    yield from _of_dataclass(each)


def _is_run(module: str) -> bool:
    """Whether importing it would do something."""
    return ".migrations.versions" in module or module.endswith((".__main__", ".alembic_env.env"))


def _of_dataclass(of: type) -> Iterator[Field]:
    for field in dataclasses.fields(of):
        written = field.type if isinstance(field.type, str) else _spelt(field.type)
        if _WORDS.search(written):
            yield f"{of.__module__.partition('.')[0]}.{of.__qualname__}", field.name


def _spelt(of: object) -> str:
    return of.__name__ if isinstance(of, type) and not hasattr(of, "__args__") else str(of)


def log_fields() -> Iterator[Field]:
    """What log lines are given by name, with the file that writes them."""
    for path, call in _method_calls():
        if call.func.attr in _BINDS or (call.func.attr in _LEVELS and call.args):  # type: ignore[attr-defined]
            for keyword in call.keywords:
                if keyword.arg is not None and keyword.arg not in _NOT_FIELDS:
                    yield path, keyword.arg


def span_attributes() -> Iterator[Field]:
    """What spans are given by name, with the file that writes them."""
    for path, call in _method_calls():
        name = call.func.attr  # type: ignore[attr-defined]
        if name == "set_attribute" and isinstance(call.args[0], ast.Constant):
            yield path, str(call.args[0].value)
        elif name in _SPANS:
            for keyword in call.keywords:
                if keyword.arg == "attributes" and isinstance(keyword.value, ast.Dict):
                    for key in keyword.value.keys:
                        yield path, ast.literal_eval(key) if key is not None else "**"


@functools.cache
def _method_calls() -> Sequence[tuple[str, ast.Call]]:
    return [
        (str(path.relative_to(ROOT)), node)
        for folder in ("libs", "services")
        for path in sorted((ROOT / folder).glob("*/src/**/*.py"))
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    ]


def metric_labels() -> Iterator[Field]:
    """The labels of every metric, with its name."""
    families = [*common(), *(family for service in SERVICES for family in own(service))]
    for family in families:
        for label in family.labels:
            yield family.name, label
