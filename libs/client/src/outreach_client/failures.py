"""What a refused call looks like on the command line, and the exit code it ends with."""

import json
import sys
from collections.abc import Mapping
from typing import Any

from servicekit.errors import (
    AlreadyExists,
    DeadlineExceeded,
    EtagMismatch,
    FailedPrecondition,
    InvalidArgument,
    NotFound,
    NotYet,
    OutcomeUnknown,
    PermissionDenied,
    RemoteError,
    ServiceError,
    Unauthenticated,
    Unavailable,
)

from outreach_client.exit_codes import ExitCode
from outreach_client.formats.durations import duration_text, to_duration
from outreach_client.formats.shown import Format, shown

EXIT_CODES: Mapping[type[ServiceError], ExitCode] = {
    NotFound: ExitCode.NO_SUCH_THING,
    InvalidArgument: ExitCode.WRONG_INPUT,
    FailedPrecondition: ExitCode.NOT_IN_THIS_STATE,
    AlreadyExists: ExitCode.NOT_IN_THIS_STATE,
    EtagMismatch: ExitCode.NOT_IN_THIS_STATE,
    PermissionDenied: ExitCode.NOT_ALLOWED,
    Unauthenticated: ExitCode.NOT_ALLOWED,
    # Before its base: who is slow is not away.
    DeadlineExceeded: ExitCode.NO_ANSWER_IN_TIME,
    Unavailable: ExitCode.AWAY,
    NotYet: ExitCode.NOT_YET,
    OutcomeUnknown: ExitCode.OUTCOME_UNKNOWN,
}


def exit_code(error: ServiceError) -> ExitCode:
    """The exit code that stands for an error's class."""
    codes = (code for kind, code in EXIT_CODES.items() if isinstance(error, kind))
    return next(codes, ExitCode.BUG)


def print_failure(error: ServiceError) -> None:
    """Tell an error on standard error: its reason, and every field that is wrong."""
    if shown().format in _AS_JSON:
        print(json.dumps({"error": as_json(error)}, ensure_ascii=False), file=sys.stderr)  # noqa: T201
        return
    from rich.console import Console  # noqa: PLC0415 - dear, and only for who is told

    out = Console(stderr=True, highlight=False, markup=False, emoji=False)
    # On a terminal parted between words; what others read stays in its line.
    out.soft_wrap = not out.is_terminal
    out.print(f"Error: {_sentence(error)} [{error.reason}]")
    for wrong in error.violations:
        reason = f" [{wrong.reason}]" if wrong.reason else ""
        out.print(f"  {wrong.field}: {wrong.description}{reason}")
    for used_up in error.quota:
        out.print(f"  {used_up.subject}: {used_up.description}")
    for name, value in sorted(error.metadata.items()):
        out.print(f"  {name}: {value}")
    wait = to_duration(error.retry_after)
    if wait is not None:
        out.print(f"  again in {duration_text(wait)}")
    if exit_code(error) is ExitCode.AWAY and not (isinstance(error, RemoteError) and error.domain):
        out.print("  No server answered. The OUTREACH_*_ADDRESS variables say where they are.")
    sys.stderr.flush()


def as_json(error: ServiceError) -> dict[str, Any]:
    """An error for programs: `retryAfter` in seconds, as protobuf JSON writes durations."""
    wait = error.retry_after
    return {
        "reason": error.reason,
        "code": error.code.name,
        "message": error.message,
        "fields": [
            {"field": each.field, "description": each.description, "reason": each.reason}
            for each in error.violations
        ],
        "quota": [
            {"subject": each.subject, "description": each.description} for each in error.quota
        ],
        "metadata": dict(error.metadata),
        "retryAfter": None if wait is None else f"{wait.total_seconds():g}s",
        "exitCode": int(exit_code(error)),
    }


_AS_JSON = (Format.JSON, Format.JSONL, Format.YAML)


def _sentence(error: ServiceError) -> str:
    """The message, unless it only repeats the violations that are told anyway."""
    if len(error.violations) > 1:
        return f"{len(error.violations)} fields are wrong."
    return error.message
