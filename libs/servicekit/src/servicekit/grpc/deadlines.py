"""Within which time a method answers: what its contract declares.

The server keeps to it (`layers.in_time`), and a channel that knows the contract waits longer than
that. So no caller leaves before the answer that it was promised, and no call is without an end.
"""

from collections.abc import Callable
from datetime import timedelta
from functools import cache
from typing import Any

from google.protobuf import descriptor_pool

PromiseOf = Callable[[str], timedelta | None]
"""Within which time `/package.Service/Method` answers; None where no time is declared."""

STREAMS_END_WITHIN = timedelta(hours=1)
"""A stream of answers whose caller has set no deadline is ended then; who asks again goes on."""

MARGIN = timedelta(seconds=2)
"""How much longer than the promise a caller waits: for the way there and back."""


def promised_in(*, method: Any, service: Any) -> PromiseOf:
    """Promises as contracts declare them, in an extension of methods and one of services.

    What a method says outweighs what its service says; a stream of answers has no end.
    """

    @cache
    def promise_of(name: str) -> timedelta | None:
        full_name, _, called = name.lstrip("/").partition("/")
        try:
            found = descriptor_pool.Default().FindServiceByName(full_name)
            described = found.methods_by_name[called]
        except KeyError:
            return None
        if described.server_streaming:
            return None
        for options, extension in (
            (described.GetOptions(), method),
            (found.GetOptions(), service),
        ):
            if options.HasExtension(extension):
                promise: timedelta = options.Extensions[extension].ToTimedelta()
                return promise
        return None

    return promise_of
