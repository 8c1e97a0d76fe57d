"""One command's conversation with the services, and the options that commands share."""

import asyncio
import sys
from collections.abc import AsyncIterable, Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Annotated, Any, NoReturn, TypeVar

import typer
from google.protobuf import json_format
from google.protobuf.descriptor import EnumDescriptor
from google.protobuf.message import Message
from servicekit.errors import ServiceError
from servicekit.ids import new_id

from outreach_client.client import OutreachClient
from outreach_client.failures import EXIT_CODES, exit_code, print_failure
from outreach_client.formats.durations import parse_duration, parse_instant
from outreach_client.formats.enums import enum_names, enum_number
from outreach_client.formats.windows import parse_window
from outreach_client.streams import followed

T = TypeVar("T")
M = TypeVar("M", bound=Message)

AsJson = Annotated[bool, typer.Option("--json", help="Print protobuf JSON.")]
Organization = Annotated[
    str,
    typer.Option(
        "--organization", "-o", envvar="OUTREACH_ORGANIZATION", help="Whose things these are."
    ),
]
RequestId = Annotated[
    str,
    typer.Option(
        help="The same id twice is one thing. Give your own to repeat a command safely.",
        default_factory=lambda: new_id("req"),
        show_default="a new one",
    ),
]
PageSize = Annotated[int, typer.Option(min=0, max=1000, help="Rows of one page; 0 means 100.")]
PageToken = Annotated[str, typer.Option(help="From the page before.")]


def ask(call: Callable[[OutreachClient], Awaitable[T]], *, signs_in: bool = True) -> T:
    """Make one call; a refusal is printed, and ends the command with its exit code."""

    async def asking() -> T:
        async with OutreachClient(signs_in=signs_in) as client:
            return await call(client)

    return _run(asking)


def follow(call: Callable[[OutreachClient], AsyncIterable[T]], show: Callable[[T], object]) -> None:
    """Show every answer of a stream as it comes, until it ends.

    A stream that its server ends only because it has lasted long, or its token has ended, is asked
    for again.
    """

    async def following() -> None:
        async with OutreachClient() as client:
            async for answer in followed(lambda: call(client)):
                show(answer)

    _run(following)


def _run(work: Callable[[], Coroutine[Any, Any, T]]) -> T:
    try:
        return asyncio.run(work())
    except ServiceError as error:
        print_failure(error)
        raise typer.Exit(exit_code(error)) from error


def refuse(told: str, cause: Exception | None = None) -> NoReturn:
    """End the command with exit code 2 for a wrong usage; raises `BadParameter`."""
    raise typer.BadParameter(told) from cause


def end_as(kind: type[ServiceError]) -> NoReturn:
    """End the command with the exit code of a refusal that was answered; raises `Exit`."""
    raise typer.Exit(EXIT_CODES[kind])


def read_text(path: Path) -> str:
    """A file's text; `-` is standard input.

    Raises `BadParameter` if it cannot be read or is not UTF-8.
    """
    try:
        return read_bytes(path).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise typer.BadParameter(f"{path} is not UTF-8 text") from error


def read_bytes(path: Path) -> bytes:
    """A file's content; `-` is standard input.

    Raises `BadParameter` if it cannot be read.
    """
    try:
        return sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
    except OSError as error:
        raise typer.BadParameter(f"{path}: {error.strerror}") from error


def read_message(path: Path, message: M) -> M:
    """A file in protobuf JSON as a message; `-` is standard input.

    Raises `BadParameter` if it cannot be read or is no such message.
    """
    try:
        return json_format.Parse(read_text(path), message)
    except json_format.ParseError as error:
        raise typer.BadParameter(f"{path}: {error}") from error


def enum_option(enum: EnumDescriptor, *names: str, help: str) -> Any:  # noqa: A002 - typer's word
    """An option that takes the short names of an enum."""
    told = f"{help} One of: {', '.join(enum_names(enum))}."
    parser = _parser(lambda text: enum_number(enum, text))
    return typer.Option(*names, parser=parser, metavar="NAME", help=told)


def enum_argument(enum: EnumDescriptor, *, help: str) -> Any:  # noqa: A002
    """An argument that is a short name of an enum."""
    told = f"{help} One of: {', '.join(enum_names(enum))}."
    parser = _parser(lambda text: enum_number(enum, text))
    return typer.Argument(parser=parser, metavar="NAME", help=told)


def duration_option(*names: str, help: str) -> Any:  # noqa: A002
    """An option such as `90m`."""
    return typer.Option(*names, parser=_parser(parse_duration), metavar="DURATION", help=help)


def instant_option(*names: str, help: str) -> Any:  # noqa: A002
    """An option such as `2026-03-02T09:00Z`."""
    return typer.Option(*names, parser=_parser(parse_instant), metavar="INSTANT", help=help)


def window_option(*names: str, help: str) -> Any:  # noqa: A002
    """An option such as `Europe/Lisbon mon-fri 09:00-18:00`."""
    return typer.Option(
        *names, parser=_parser(parse_window), metavar="WINDOW", help=f"{help} {_WINDOW}"
    )


_WINDOW = "For example 'Europe/Lisbon mon-fri 09:00-18:00'."


def _parser(parse: Callable[[str], T]) -> Callable[[Any], T]:
    def value(text: Any) -> T:
        # A default has its value already.
        if not isinstance(text, str):
            parsed: T = text
            return parsed
        try:
            return parse(text)
        except ValueError as error:
            raise typer.BadParameter(str(error)) from error

    value.__name__ = "value"
    return value
