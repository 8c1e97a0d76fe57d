"""What failures of calls to our other services are to our own callers."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from servicekit.errors import (
    AlreadyExists,
    BadInput,
    DeadlineExceeded,
    FailedPrecondition,
    Internal,
    InvalidArgument,
    NotFound,
    PermissionDenied,
    RemoteError,
    ServiceError,
    Unauthenticated,
    Unavailable,
)
from servicekit.telemetry import logs

from campaign_api.errors import ServiceKeyRefused, ServiceTimedOut, ServiceUnavailable

log = logs.get_logger(__name__)

_ANSWERS = (NotFound, AlreadyExists, FailedPrecondition, InvalidArgument, BadInput)


@asynccontextmanager
async def mapped_errors(dependency: str) -> AsyncIterator[None]:
    """Leave answers about the thing asked for as they are; the rest is not the caller's fault.

    That our own credentials were refused, for example, must not look as if the
    caller's were. Raises `ServiceUnavailable` if the service is away or cannot do it now,
    `ServiceTimedOut` if it was there and has not answered, `ServiceKeyRefused` if it does not
    believe who this one is, or does not let it do this, and `Internal` for everything
    that it should not have answered.
    """
    try:
        yield
    except _ANSWERS:
        raise
    except ServiceError as error:
        if isinstance(error, DeadlineExceeded):
            raise ServiceTimedOut(
                f"{dependency} has not answered in time; what was asked of it may have been done.",
                metadata={"dependency": dependency},
            ) from error
        if isinstance(error, (Unauthenticated, PermissionDenied)):
            # Nothing that the caller could mend, and not an outage: it wants a person.
            log.exception("service_key_refused", dependency=dependency)
            raise ServiceKeyRefused(
                f"{dependency} refuses this service's key: {error.message}",
                metadata={"dependency": dependency},
            ) from error
        if error.retried and not isinstance(error, Internal):
            raise _unavailable(error, dependency) from error
        log.exception("dependency_refused", dependency=dependency)
        raise Internal from error


def why_not_known(error: ServiceError) -> str:
    """Why another service has not told what was asked of it, in a sentence."""
    return error.message if error.message.endswith(".") else f"{error.message}."


def _unavailable(error: ServiceError, dependency: str) -> ServiceUnavailable:
    """What a service that answered had to say; one that did not answer cannot be reached."""
    if isinstance(error, RemoteError) and error.domain:
        told = {} if error.reason == Unavailable.reason else {"reason": error.reason}
        return ServiceUnavailable(
            f"{dependency} cannot do it now: {error.message}",
            metadata={**error.metadata, **told, "dependency": dependency},
        )
    return ServiceUnavailable(
        f"{dependency} cannot be reached.", metadata={"dependency": dependency}
    )
