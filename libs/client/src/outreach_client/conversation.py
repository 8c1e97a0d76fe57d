"""One command's conversation with the services."""

import asyncio
import os
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import typer
from google.protobuf.message import Message
from pydantic import ValidationError
from servicekit.errors import ServiceError

from outreach_client.client import OutreachClient
from outreach_client.failures import exit_code, print_failure
from outreach_client.formats.asked import asked
from outreach_client.profiles.profiles import key_file, read_profiles
from outreach_client.profiles.used import used_profile
from outreach_client.services.pages import Pages
from outreach_client.settings import Settings
from outreach_client.streams import PATIENCE, followed

T = TypeVar("T")


def ask(call: Callable[[OutreachClient], Awaitable[T]], *, signs_in: bool) -> T:
    """Make one call; a refusal is printed, and ends the command with its exit code."""

    async def asking() -> T:
        async with entered(signs_in=signs_in) as client:
            answer = await _whole(call(client))
            if isinstance(answer, Message):
                asked().answers.append(answer)
            return answer

    return _run(asking)


async def _whole(answer: Awaitable[T]) -> T:
    """An answer, or as many pages of a list as are asked for."""
    if isinstance(answer, Pages) and asked().follows_pages:
        whole: T = await answer.gathered(None if asked().all_rows else asked().limit)
        return whole
    return await answer


def follow(
    call: Callable[[OutreachClient], AsyncIterable[T]],
    show: Callable[[T], object],
    *,
    patient: bool = False,
) -> None:
    """Show every answer of a stream as it comes, until it ends.

    A stream that its server ends only because it has lasted long, or its token has ended, is asked
    for again; if `patient`, so is one whose server goes away while it is being replaced.
    """

    async def following() -> None:
        async with entered(signs_in=True) as client:
            patience = PATIENCE if patient else timedelta()
            async for answer in followed(lambda: call(client), patience=patience):
                show(answer)

    _run(following)


@asynccontextmanager
async def entered(*, signs_in: bool) -> AsyncIterator[OutreachClient]:
    """A client that was entered; what it cannot read of its settings is a wrong usage.

    Raises `BadParameter`, which names the variable.
    """
    settings = read_settings()
    async with AsyncExitStack() as stack:
        try:
            made = OutreachClient(settings, signs_in=signs_in)
            client = await stack.enter_async_context(made)
            if client.token is not None:
                # Of a file it is read for every call, where nobody could say why that failed.
                _refuse_what_is_no_token(client.token())
        except (ValueError, OSError) as error:
            raise typer.BadParameter(_told(error, settings)) from error
        yield client


def _refuse_what_is_no_token(token: str) -> None:
    """Raises `ValueError` for what no header can carry."""
    if not (token.isascii() and token.isprintable()):
        raise ValueError("OUTREACH_TOKEN, or its file, has letters that no token has")


def read_settings() -> Settings:
    """What the environment says, and else the profile.

    Raises `BadParameter`, which names what cannot be understood.
    """
    profile = used_profile()
    try:
        said: dict[str, Any] = {
            name: value
            for name, value in read_profiles().of(profile).items()
            if name in Settings.model_fields and not os.environ.get(_variable(name))
        }
    except (ValueError, OSError) as error:
        raise typer.BadParameter(str(error)) from error
    if not os.environ.get("OUTREACH_CREDENTIALS"):
        said["credentials"] = str(key_file(profile))
    try:
        return Settings(**said)
    except ValidationError as error:
        wrong = (f"{_named(said, *each['loc'])}: {each['msg']}" for each in error.errors())
        raise typer.BadParameter("; ".join(wrong)) from error


def _named(said: Mapping[str, str], name: object = "", *_: object) -> str:
    """By the variable, or as a setting of the profile."""
    return f"profile {used_profile()}, {name}" if name in said else _variable(name)


def _told(error: ValueError | OSError, settings: Settings) -> str:
    """What cannot be read, by the variables of the files that it names."""
    told = str(error)
    if isinstance(error, OSError) and error.filename is not None:
        told = f"{error.filename}: {error.strerror}"
    files = {name: str(value) for name, value in settings if isinstance(value, Path)}
    of = ", ".join(_variable(name) for name, path in files.items() if path in told)
    return f"{of}: {told}" if of else told


def _variable(name: object = "", *_: object) -> str:
    return f"OUTREACH_{name}".upper()


def _run(work: Callable[[], Coroutine[Any, Any, T]]) -> T:
    try:
        return asyncio.run(work())
    except ServiceError as error:
        print_failure(error)
        raise typer.Exit(exit_code(error)) from error
