"""Reflection for tools, as v1 and as v1alpha.

grpcio-reflection has v1alpha alone. v1 is the same contract under another package's name, message
by message and number by number: its descriptors are made of v1alpha's, and one servicer answers
both.
"""

from collections.abc import Sequence
from typing import Any

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, text_format
from google.protobuf.descriptor import FileDescriptor
from grpc_reflection.v1alpha import reflection, reflection_pb2

_SERVICER: Any = reflection.aio.ReflectionServicer
_Request: Any = reflection_pb2.ServerReflectionRequest
_Response: Any = reflection_pb2.ServerReflectionResponse


def _v1() -> FileDescriptor:
    """v1's file, in the pool in which reflection looks for what it is asked for."""
    alpha = descriptor_pb2.FileDescriptorProto()
    reflection_pb2.DESCRIPTOR.CopyToProto(alpha)
    renamed = text_format.MessageToString(alpha).replace("v1alpha", "v1")
    proto = text_format.Parse(renamed, descriptor_pb2.FileDescriptorProto())
    pool: Any = descriptor_pool.Default()
    found: FileDescriptor = pool.AddSerializedFile(proto.SerializeToString())
    return found


V1 = _v1()
"""The contract of v1."""
SERVICE_NAMES = (
    V1.services_by_name["ServerReflection"].full_name,
    reflection.SERVICE_NAME,
)


def enable(services: Sequence[str], server: grpc.aio.Server) -> None:
    """Tell whoever asks what these services are, and what reflection is."""
    servicer = _SERVICER([*services, *SERVICE_NAMES])
    handler = grpc.stream_stream_rpc_method_handler(
        servicer.ServerReflectionInfo,
        request_deserializer=_Request.FromString,
        response_serializer=_Response.SerializeToString,
    )
    for name in SERVICE_NAMES:
        methods = {"ServerReflectionInfo": handler}
        server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(name, methods),))
