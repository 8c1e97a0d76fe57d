"""How calls are to be made, as gRPC's service config: deadlines, sizes, and what is called again.

Every gRPC library reads it, ours for Python among them (`outreach_client.channels`). Which methods
are called again is decided here and nowhere else.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.descriptor_pb2 import MethodOptions
from outreach.common.v1 import audited_pb2, deadline_pb2
from servicekit.grpc.deadlines import MARGIN, promised_in
from servicekit.grpc.server import MAX_MESSAGE_BYTES

RETRY_POLICY: Mapping[str, Any] = {
    "maxAttempts": 4,
    "initialBackoff": "0.1s",
    "maxBackoff": "2s",
    "backoffMultiplier": 3,
    # Who has asked too much at once is told when to come again (`grpc-retry-pushback-ms`), or not
    # to: a wait of hours is the caller's to plan. A server that ends cuts off what it has not
    # answered within its grace as cancelled; whoever cancels a call of theirs asks for no other.
    "retryableStatusCodes": ["UNAVAILABLE", "RESOURCE_EXHAUSTED", "CANCELLED"],
}
RETRY_BUDGET: Mapping[str, Any] = {"maxTokens": 20, "tokenRatio": 0.1}
"""A failure costs one, an answer gives a tenth; with less than half of them nothing is repeated."""

_ON_THE_WAY = MARGIN + timedelta(seconds=2)
"""gRPC's core (C++, Python, Ruby) ends calls up to two seconds before a config's timeout, and tells
the server of no deadline (grpc/grpc#34547): nobody leaves before the answer that was promised."""
_CHANGES_NOTHING = (audited_pb2.AUDITED_READ, audited_pb2.AUDITED_NOT)
_PROMISE_OF = promised_in(
    method=deadline_pb2.answers_within, service=deadline_pb2.methods_answer_within
)


def repeatable(method: MethodDescriptor) -> bool:
    """Whether a call that failed on its way is made once more by itself.

    What the contract says of it in so many words, protobuf's `idempotency_level`, comes first. Else
    it is what changes nothing, and what carries a `request_id`, by which a second call gets the
    answer of the first. Of a stream of requests nobody keeps what was sent.
    """
    if method.client_streaming:
        return False
    options = method.GetOptions()
    if options.HasField("idempotency_level"):
        return bool(options.idempotency_level != MethodOptions.IDEMPOTENCY_UNKNOWN)
    if options.Extensions[audited_pb2.audited] in _CHANGES_NOTHING:
        return True
    return "request_id" in method.input_type.fields_by_name


def service_config(methods: Iterable[MethodDescriptor]) -> Mapping[str, Any]:
    """The config of all methods, which are put together where they are called alike."""
    alike: dict[tuple[timedelta | None, bool], list[MethodDescriptor]] = defaultdict(list)
    for method in methods:
        path = f"/{method.containing_service.full_name}/{method.name}"
        alike[_PROMISE_OF(path), repeatable(method)].append(method)
    ordered = sorted(alike.items(), key=lambda each: (each[0][0] or timedelta.max, each[0][1]))
    return {
        "loadBalancingConfig": [{"round_robin": {}}],
        "retryThrottling": RETRY_BUDGET,
        "methodConfig": [
            _method_config(
                sorted(named, key=lambda each: each.full_name), promise, repeated=repeated
            )
            for (promise, repeated), named in ordered
        ],
    }


def written(config: Mapping[str, Any]) -> str:
    """As it stands in the file."""
    return json.dumps(config, indent=2) + "\n"


def _method_config(
    methods: Iterable[MethodDescriptor], promise: timedelta | None, *, repeated: bool
) -> Mapping[str, Any]:
    config: dict[str, Any] = {
        "name": [
            {"service": each.containing_service.full_name, "method": each.name} for each in methods
        ],
        "maxRequestMessageBytes": MAX_MESSAGE_BYTES,
        "maxResponseMessageBytes": MAX_MESSAGE_BYTES,
    }
    if promise is not None:
        config["timeout"] = f"{(promise + _ON_THE_WAY).total_seconds():g}s"
    if repeated:
        config["retryPolicy"] = RETRY_POLICY
    return config
