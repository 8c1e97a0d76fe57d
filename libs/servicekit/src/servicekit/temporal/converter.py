"""How values and failures travel through Temporal: as the SDK has them, for less.

The SDK resolves the hints of a dataclass anew for each one that it reads, and copies a dataclass
down to its leaves before it writes it. Here the way from JSON to a type is found once. What is
written is the same to the byte; what is not as its hint says is left to the SDK, which converts
or refuses it.

A wait is no failure: it travels without a traceback, which nobody would read. What an exception
says that is none of ours, a driver's with the row that it refused, is withheld: histories hold ids,
and whoever mends the bug finds it in the log, by its trace.
"""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Callable
from contextlib import suppress
from functools import cache, partial
from types import NoneType, UnionType
from typing import Any, TypeGuard, Union, get_args, get_origin, get_type_hints

from temporalio.api.failure.v1 import Failure
from temporalio.converter import (
    AdvancedJSONEncoder,
    CompositePayloadConverter,
    DataConverter,
    DefaultFailureConverter,
    DefaultPayloadConverter,
    JSONPlainPayloadConverter,
    JSONTypeConverter,
    PayloadConverter,
    value_to_type,
)
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory, FailureError

from servicekit.errors import ServiceError

_Read = Callable[[Any], Any]


class _Dataclasses(JSONTypeConverter):
    """Dataclasses, and what their fields are, from what JSON has of them."""

    def to_typed_value(self, hint: Any, value: Any) -> Any:
        return _reader(hint)(value) if _made_of_fields(hint) else JSONTypeConverter.Unhandled


_CONVERTERS = (_Dataclasses(),)


class _Encoder(AdvancedJSONEncoder):
    """A dataclass as its fields; each of them is asked for in its turn."""

    def default(self, o: Any) -> Any:
        kind: Any = type(o)
        if _is_dataclass(kind):
            return {name: getattr(o, name) for name in _names(kind)}
        return super().default(o)


class _Payloads(CompositePayloadConverter):
    def __init__(self) -> None:
        *others, _ = DefaultPayloadConverter.default_encoding_payload_converters
        own = JSONPlainPayloadConverter(encoder=_Encoder, custom_type_converters=_CONVERTERS)
        super().__init__(*others, own)


class _Failures(DefaultFailureConverter):
    def to_failure(
        self, exception: BaseException, payload_converter: PayloadConverter, failure: Failure
    ) -> None:
        told = _without_traceback(exception) if _is_wait(exception) else exception
        super().to_failure(told, payload_converter, failure)
        # Causes come here by themselves.
        if not isinstance(told, FailureError | ServiceError | asyncio.CancelledError):
            failure.message = WITHHELD


CONVERTER = DataConverter(payload_converter_class=_Payloads, failure_converter_class=_Failures)
"""That of every client, worker and replayer."""


WITHHELD = "What it says is withheld; the log has it."


def _is_wait(error: BaseException) -> TypeGuard[ApplicationError]:
    benign = ApplicationErrorCategory.BENIGN
    return isinstance(error, ApplicationError) and error.category is benign


def _without_traceback(wait: ApplicationError) -> ApplicationError:
    return ApplicationError(
        wait.message,
        *wait.details,
        type=wait.type,
        non_retryable=wait.non_retryable,
        next_retry_delay=wait.next_retry_delay,
        category=wait.category,
    )


def _is_dataclass(hint: Any) -> bool:
    return isinstance(hint, type) and dataclasses.is_dataclass(hint)


@cache
def _made_of_fields(hint: Any) -> bool:
    return _is_dataclass(hint) and all(field.init for field in dataclasses.fields(hint))


@cache
def _names(kind: type[Any]) -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(kind))


@cache
def _reader(hint: Any) -> _Read:
    """How a value of this type is made of what JSON has of it."""
    otherwise = partial(value_to_type, hint, custom_converters=_CONVERTERS)
    if hint in {str, bool, int, float}:
        return lambda value: value if type(value) is hint else otherwise(value)
    if _made_of_fields(hint):
        return _fields_reader(hint)
    if get_origin(hint) in {Union, UnionType}:
        return _union_reader(hint)
    if get_origin(hint) is tuple and get_args(hint)[1:] == (...,):
        each = _reader(get_args(hint)[0])
        return lambda value: tuple(map(each, value)) if type(value) is list else otherwise(value)
    return otherwise


def _fields_reader(hint: Any) -> _Read:
    hints = get_type_hints(hint)
    readers = {name: _reader(hints[name]) for name in _names(hint)}

    def read(value: Any) -> Any:
        if not isinstance(value, dict):
            raise TypeError(f"Cannot convert to {hint}, value is {type(value)}")
        known = {name: read(value[name]) for name, read in readers.items() if name in value}
        return hint(**known)

    return read


def _union_reader(hint: Any) -> _Read:
    """The first of the types, in their order, that a value can be."""
    kinds = get_args(hint)
    readers = [_reader(kind) for kind in kinds if kind is not NoneType]

    def read(value: Any) -> Any:
        if value is None and NoneType in kinds:
            return None
        for each in readers:
            with suppress(Exception):
                return each(value)
        raise TypeError(f"Failed converting to {hint} from {value}")

    return read
