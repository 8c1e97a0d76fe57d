"""Values of several messages."""

from datetime import datetime

from google.protobuf.timestamp_pb2 import Timestamp


def timestamp(at: datetime | None) -> Timestamp | None:
    if at is None:
        return None
    converted = Timestamp()
    converted.FromDatetime(at)
    return converted
