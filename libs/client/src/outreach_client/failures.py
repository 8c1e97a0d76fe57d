"""What a refused call looks like on the command line, and the exit code it ends with."""

import sys
from collections.abc import Mapping

from rich.console import Console
from servicekit.errors import (
    AlreadyExists,
    DeadlineExceeded,
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

from outreach_client.formats.durations import duration_text, to_duration

EXIT_CODES: Mapping[type[ServiceError], int] = {
    NotFound: 3,
    InvalidArgument: 4,
    FailedPrecondition: 5,
    AlreadyExists: 5,
    PermissionDenied: 6,
    Unauthenticated: 6,
    # Before its base: who is slow is not away.
    DeadlineExceeded: 10,
    Unavailable: 7,
    NotYet: 8,
    OutcomeUnknown: 9,
}

EXIT_CODE_HELP = """Exit codes: 0 done; 1 a bug on the server's side; 2 wrong usage; 3 there is no
such thing; 4 wrong input (every wrong field is told); 5 not in this state; 6 not allowed; 7 a
service is away; 8 not yet (the wait is told); 9 the outcome is unknown; 10 no
answer in time; 130 interrupted."""


def exit_code(error: ServiceError) -> int:
    """The exit code that stands for an error's class."""
    return next((code for kind, code in EXIT_CODES.items() if isinstance(error, kind)), 1)


def print_failure(error: ServiceError) -> None:
    """Tell an error on standard error: its reason, and every field that is wrong."""
    out = Console(stderr=True, highlight=False, markup=False, emoji=False, soft_wrap=True)
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
    if exit_code(error) == EXIT_CODES[Unavailable] and not (
        isinstance(error, RemoteError) and error.domain
    ):
        out.print("  No server answered. The OUTREACH_*_ADDRESS variables say where they are.")
    sys.stderr.flush()


def _sentence(error: ServiceError) -> str:
    """The message, unless it only repeats the violations that are told anyway."""
    if len(error.violations) > 1:
        return f"{len(error.violations)} fields are wrong."
    return error.message
