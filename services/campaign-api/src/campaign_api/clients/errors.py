"""What failures of calls to our other services are to our own callers."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from servicekit.errors import (
    AlreadyExists,
    BadInput,
    FailedPrecondition,
    Internal,
    InvalidArgument,
    NotFound,
    ServiceError,
)
from servicekit.telemetry import logs

from campaign_api.errors import ServiceUnavailable

log = logs.get_logger(__name__)

_ANSWERS = (NotFound, AlreadyExists, FailedPrecondition, InvalidArgument, BadInput)


@asynccontextmanager
async def mapped_errors(dependency: str) -> AsyncIterator[None]:
    """Leave answers about the thing asked for as they are; the rest is not the caller's fault.

    That our own credentials were refused, for example, must not look as if the
    caller's were. Raises `ServiceUnavailable` if the service is away, and `Internal`
    for everything that it should not have answered.
    """
    try:
        yield
    except _ANSWERS:
        raise
    except ServiceError as error:
        if error.retried and not isinstance(error, Internal):
            raise ServiceUnavailable(
                f"{dependency} cannot be reached.", metadata={"dependency": dependency}
            ) from error
        log.exception("dependency_refused", dependency=dependency)
        raise Internal from error
