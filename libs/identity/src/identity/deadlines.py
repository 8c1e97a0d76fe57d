"""Within which time each method answers, as the contract says."""

from outreach.common.v1 import deadline_pb2
from servicekit.grpc.deadlines import promised_in

PROMISE_OF = promised_in(
    method=deadline_pb2.answers_within, service=deadline_pb2.methods_answer_within
)
"""Of every method that is imported."""
