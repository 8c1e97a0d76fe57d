"""What commands share: their options, what they read, and how they ask.

Nothing here imports what makes a call: help and completion begin without it.
"""

import shutil
import sys
from collections.abc import AsyncIterable, Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO, NoReturn, TypeVar

import typer
from google.protobuf.descriptor import EnumDescriptor
from google.protobuf.message import Message

from outreach_client.exit_codes import ExitCode
from outreach_client.formats.durations import parse_duration, parse_instant
from outreach_client.formats.enums import enum_names, enum_number
from outreach_client.formats.shown import shown
from outreach_client.formats.windows import parse_window

if TYPE_CHECKING:
    from outreach_client.client import OutreachClient

T = TypeVar("T")
M = TypeVar("M", bound=Message)

AsJson = Annotated[bool, typer.Option("--json", help="Print protobuf JSON.")]
Organization = Annotated[
    str,
    typer.Option(
        "--organization",
        "-O",
        envvar="OUTREACH_ORGANIZATION",
        metavar="ORG",
        help="Whose things these are.",
    ),
]
RequestId = Annotated[
    str,
    typer.Option(
        help="The same id twice is one thing. Give your own to repeat a command safely.",
        default_factory=lambda: made_id("req"),
        show_default="a new one",
    ),
]
PageSize = Annotated[
    int,
    typer.Option(
        min=0, max=1000, metavar="N", show_default=False, help="Rows of one page; 0 means 100."
    ),
]
PageToken = Annotated[str, typer.Option(help="From the page before.")]
Filter = Annotated[str, typer.Option("--filter", help="For example 'name:spring'; AIP-160.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do it without asking.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would happen, and do nothing.")]
AllowMissing = Annotated[
    bool, typer.Option("--allow-missing", help="What is not there is no failure.")
]
Etag = Annotated[str, typer.Option(help="As it was read; refused if it was edited since.")]
SyncToken = Annotated[str, typer.Option(help="What has changed since that answer.")]
OrderBy = Annotated[str, typer.Option(help="For example 'update_time desc'.")]


def ask(call: "Callable[[OutreachClient], Awaitable[T]]", *, signs_in: bool = True) -> T:
    """Make one call; a refusal is printed, and ends the command with its exit code."""
    from outreach_client import conversation  # noqa: PLC0415 - help and completion call nobody

    return conversation.ask(call, signs_in=signs_in)


def follow(
    call: "Callable[[OutreachClient], AsyncIterable[T]]",
    show: Callable[[T], object],
    *,
    patient: bool = False,
) -> None:
    """Show every answer of a stream as it comes, until it ends.

    If `patient`, a server that goes away is waited for.
    """
    from outreach_client import conversation  # noqa: PLC0415 - help and completion call nobody

    conversation.follow(call, show, patient=patient)


def made_id(prefix: str) -> str:
    """A new id."""
    from servicekit.ids import new_id  # noqa: PLC0415 - help and completion make none

    return new_id(prefix)


def refuse(told: str, cause: Exception | None = None) -> NoReturn:
    """End the command with exit code 2 for a wrong usage; raises `BadParameter`."""
    raise typer.BadParameter(told) from cause


def end_as(code: ExitCode) -> NoReturn:
    """End the command with the exit code of a refusal that was answered; raises `Exit`."""
    raise typer.Exit(code)


def confirm(told: str | Callable[[], str], *, yes: bool, dry_run: bool = False) -> None:
    """Say what will happen, and go on only if that is wanted.

    `told` may be made only where somebody is told. Raises `Exit` with 0 after a dry run, `Abort`
    where it is not wanted, `BadParameter` where nobody can be asked.
    """
    if yes and not dry_run:
        return
    sentence = told if isinstance(told, str) else told()
    if dry_run:
        if shown().format.for_programs:
            import json  # noqa: PLC0415 - seldom

            typer.echo(json.dumps({"dryRun": True, "would": sentence}, ensure_ascii=False))
        else:
            typer.echo(f"{sentence}\nNothing was done.")
        raise typer.Exit(0)
    if sys.stdin is None or not sys.stdin.isatty():
        refuse(f"{sentence} Nobody can be asked here: say --yes, or look with --dry-run")
    if not typer.confirm(f"{sentence}\nGo on?", err=True):
        raise typer.Abort


def confirmed(
    told: str | Callable[[], str],
    call: "Callable[[OutreachClient], Awaitable[T]]",
    *,
    yes: bool,
    dry_run: bool,
) -> T:
    """Make a call that is wanted; of a dry run one that only asks, and then say what would be.

    Raises what `confirm` does; a refusal ends the command, also where it would be one.
    """
    if dry_run:
        ask(call)
    confirm(told, yes=yes, dry_run=dry_run)
    return ask(call)


def say_undone(*, dry_run: bool) -> None:
    """Tell people that what they see is what would be; programs have asked for it."""
    if dry_run and not shown().format.for_programs:
        typer.echo("Nothing was done.")


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


@contextmanager
def written_to(path: Path) -> Iterator[BinaryIO]:
    """A file that is there once all of it is; `-` is standard output, which stays open.

    Until then it is written beside its place, and what stands there stays; what breaks off leaves
    nothing. Only what is no file, a pipe for example, is written as it comes. Raises `BadParameter`
    if it cannot be written.
    """
    if str(path) == "-":
        yield sys.stdout.buffer
        return
    place = path.resolve()
    is_replaced = place.is_file() or not place.exists()
    beside = place.with_name(f".{place.name}.{made_id('part')}") if is_replaced else place
    try:
        with _created(path, beside) as file:
            if place.is_file():
                shutil.copymode(place, beside)
            yield file
        if is_replaced:
            beside.replace(place)
    except BaseException:
        if is_replaced:
            beside.unlink(missing_ok=True)
        raise


def _created(path: Path, beside: Path) -> BinaryIO:
    try:
        return beside.open("wb")
    except OSError as error:
        raise typer.BadParameter(f"{path}: {error.strerror}") from error


def read_message(path: Path, message: M) -> M:
    """A file in protobuf JSON as a message; `-` is standard input.

    Raises `BadParameter` if it cannot be read or is no such message.
    """
    from google.protobuf import json_format  # noqa: PLC0415 - only for who reads one

    try:
        return json_format.Parse(read_text(path), message)
    except json_format.ParseError as error:
        raise typer.BadParameter(f"{path}: {error}") from error


def enum_option(enum: EnumDescriptor, *names: str, help: str) -> Any:  # noqa: A002 - typer's word
    """An option that takes the short names of an enum."""
    told = f"{help} One of: {', '.join(enum_names(enum))}."
    parser = _parser(lambda text: enum_number(enum, text))
    return typer.Option(*names, parser=parser, metavar="NAME", help=told, show_default=False)


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


def column_by_field(texts: Sequence[str] | None) -> dict[str, str]:
    """What several FIELD=HEADER say; a field has one column."""
    found: dict[str, str] = {}
    for text in texts or ():
        field, equals, header = (part.strip() for part in text.partition("="))
        if not equals:
            refuse(f"{text!r} is not FIELD=HEADER")
        if found.setdefault(field, header) != header:
            refuse(f"{field!r} is given two columns, {found[field]!r} and {header!r}")
    return found


UPDATED_SINCE = instant_option(help="What has changed since this moment, instead of the list.")
