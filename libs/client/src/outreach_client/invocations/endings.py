"""How a command ends: an exit code, and what is told of an error. Never a traceback unasked."""

import errno
import json
import os
import sys
from collections.abc import Callable
from typing import Any

import typer

from outreach_client.exit_codes import ExitCode
from outreach_client.formats.asked import is_debugged, wants_json

_WRONG_USAGE = 2
_INTERRUPTED = 130


def ending_of(run: Callable[[], Any], arguments: list[str]) -> int:
    """The exit code of what runs; what it raises is told on standard error, as JSON to programs."""
    try:
        code = run()
        _flush()
    except typer.Abort:
        _tell("Aborted: nothing was done.", arguments, _INTERRUPTED)
        return _INTERRUPTED
    except KeyboardInterrupt:
        return _INTERRUPTED
    except typer.TyperException as error:
        return _refused(error, arguments)
    except BrokenPipeError:
        leave_standard_output()
        return 0
    except Exception as error:  # noqa: BLE001 - whatever it is, nobody is shown a traceback unasked
        return _failed(error, arguments)
    return code if isinstance(code, int) else 0


def _refused(error: Any, arguments: list[str]) -> int:
    """A wrong usage."""
    _trace(error, arguments)
    code = int(error.exit_code)
    if wants_json(arguments) or not hasattr(error, "show"):
        _tell(error.format_message(), arguments, code)
    else:
        error.show()
    return code


def _failed(error: Exception, arguments: list[str]) -> int:
    """What is raised by what was typed or stands in the environment, else a bug of ours."""
    _trace(error, arguments)
    if isinstance(error, OSError):
        if error.errno in (errno.ENOSPC, errno.EIO, errno.EBADF):
            leave_standard_output()
        named = f"{os.fsdecode(error.filename)}: " if error.filename is not None else ""
        told, code = f"{named}{error.strerror or error}", _WRONG_USAGE
    elif isinstance(error, (ValueError, OverflowError, TypeError)):
        # Of a value that no message can have; protobuf knows which.
        told, code = str(error) or type(error).__name__, _WRONG_USAGE
    else:
        told, code = f"{type(error).__name__}: {error}".rstrip(": "), int(ExitCode.BUG)
    hint = "" if is_debugged(arguments) else " (--debug shows where)"
    _tell(f"{told}{hint}", arguments, code)
    return code


def _tell(told: str, arguments: list[str], code: int) -> None:
    if wants_json(arguments):
        reason = {_WRONG_USAGE: "WRONG_USAGE", _INTERRUPTED: "INTERRUPTED"}.get(code, "BUG")
        content = {"reason": reason, "message": told, "fields": [], "exitCode": code}
        told = json.dumps({"error": content}, ensure_ascii=False)
    else:
        told = f"Error: {told}"
    print(told, file=sys.stderr)  # noqa: T201


def _trace(error: BaseException, arguments: list[str]) -> None:
    if is_debugged(arguments):
        import traceback  # noqa: PLC0415 - seldom

        traceback.print_exception(error)


def _flush() -> None:
    if sys.stdout is not None and not sys.stdout.closed:
        sys.stdout.flush()


def leave_standard_output() -> None:
    """Have nothing more said to who does not listen, also by Python when it ends."""
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
    except (OSError, ValueError, AttributeError):
        return
