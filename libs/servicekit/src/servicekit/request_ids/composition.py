"""A server's answers by request id: its parts put together."""

from datetime import timedelta
from functools import partial

from servicekit.grpc.calls import Layer
from servicekit.grpc.deadlines import PromiseOf
from servicekit.postgres.pool import Pool
from servicekit.process import Process
from servicekit.request_ids.answer_repository import AnswerRepository
from servicekit.request_ids.layer import answered_once
from servicekit.sealing.seal import Seal
from servicekit.tasks import every

_FORGOTTEN_EVERY = timedelta(hours=1)
_NAME = "request answers"


def keep_answers(
    running: Process,
    pool: Pool,
    seal: Seal,
    *,
    schema: str,
    promise_of: PromiseOf,
    subject_field: str = "",
) -> Layer:
    """The layer of a server, and what it has kept forgotten in time until the process is left."""
    across = pool.across("answers are forgotten by their age alone")
    kept = AnswerRepository(across, seal, schema=schema)
    running.spawn(_NAME, partial(every, _FORGOTTEN_EVERY, _NAME, kept.forget))
    return answered_once(
        AnswerRepository(pool, seal, schema=schema), promise_of, subject_field=subject_field
    )
