"""What a server said of a stream of requests that it ended early.

gRPC's asyncio client writes on until it hears of that. Where a write fails meanwhile, it replaces
the status that has arrived by INTERNAL, "Internal error from Core" (grpc/grpc#36066), and a
refusal reads like a bug of ours.
"""

from collections.abc import Coroutine
from typing import Any

import grpc


class FirstStatus:
    """Keeps what a call was first told, but for what gRPC says by itself."""

    def __init__(self, call: Any) -> None:
        self._call = call
        self._told: grpc.aio.AioRpcError | None = None
        call.add_done_callback(self._keep)

    def of(self, error: grpc.aio.AioRpcError) -> grpc.aio.AioRpcError:
        """The server's own refusal, where the error that the call was left with has none."""
        if error.code() is grpc.StatusCode.INTERNAL and self._told is not None:
            return self._told
        return error

    def _keep(self, _: Any) -> None:
        if self._told is not None:
            return
        code = _at_once(self._call.code())
        if code not in (grpc.StatusCode.INTERNAL, grpc.StatusCode.OK):
            self._told = grpc.aio.AioRpcError(
                code,
                grpc.aio.Metadata(),
                _at_once(self._call.trailing_metadata()),
                _at_once(self._call.details()),
            )


def _at_once(told: Coroutine[Any, Any, Any]) -> Any:
    """What a call that is over tells without waiting; later it may tell something else."""
    try:
        told.send(None)
    except StopIteration as answered:
        return answered.value
    told.close()
    raise RuntimeError("A call that is over waits for something.")
