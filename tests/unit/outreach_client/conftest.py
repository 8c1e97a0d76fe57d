"""A server that answers every method of every contract, and remembers what it was asked."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf import message_factory
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.message import Message
from servicekit.auth import TokenInvalid
from servicekit.errors import ServiceError
from servicekit.grpc.status import STATUS_METADATA_KEY, pushback, to_status
from typer.main import get_command
from typer.testing import CliRunner

from tests.protos import methods


@cache
def every_method() -> dict[str, MethodDescriptor]:
    """Every method of every service in the contract, by its path."""
    return {f"/{each.containing_service.full_name}/{each.name}": each for each in methods()}


def filled(message: Message, depth: int = 0) -> Message:
    """The message with something in every field."""
    for each in message.DESCRIPTOR.fields:
        if each.containing_oneof and each.containing_oneof.fields[0] is not each:
            continue
        value = getattr(message, each.name)
        if each.message_type is not None and each.message_type.GetOptions().map_entry:
            of = each.message_type.fields_by_name["value"]
            value["Größe"] = "XL" if of.cpp_type == of.CPPTYPE_STRING else SCALARS[of.cpp_type](of)
        elif each.message_type is not None and each.message_type.full_name in WELL_KNOWN:
            (value.add() if each.is_repeated else value).FromJsonString(
                WELL_KNOWN[each.message_type.full_name]
            )
        elif each.message_type is not None:
            if depth < 4:
                filled(value.add() if each.is_repeated else value, depth + 1)
        else:
            scalar = SCALARS[each.cpp_type](each)
            if each.is_repeated:
                value.append(scalar)
            else:
                setattr(message, each.name, scalar)
    return message


WELL_KNOWN = {
    "google.protobuf.Timestamp": "2026-03-02T09:30:00Z",
    "google.protobuf.Duration": "5400s",
}
SCALARS = {
    1: lambda _: 7,
    2: lambda _: 7,
    3: lambda _: 7,
    4: lambda _: 7,
    5: lambda _: 1.5,
    6: lambda _: 1.5,
    7: lambda _: True,
    8: lambda each: each.enum_type.values[-1].number,
    9: lambda each: b"bytes" if each.type == each.TYPE_BYTES else f"some {each.name}",
}


PAGED_BY_THE_CLIENT = {"/outreach.campaign.v1.LeadService/RetryParkedLeads"}
"""Methods whose pages a command asks for until the last; here the first one is."""


def one_page(answer: Message) -> Message:
    """The answer as the last one."""
    for token in ("next_page_token", "next_sync_token"):
        if token in answer.DESCRIPTOR.fields_by_name:
            answer.ClearField(token)
    return answer


def refuse(refusal: ServiceError, context: Any) -> None:
    """As servers of ours do."""
    status = to_status(refusal).SerializeToString()
    context.set_trailing_metadata(((STATUS_METADATA_KEY, status), *pushback(refusal)))
    context.abort(refusal.code, refusal.message)


@dataclass
class Server(grpc.GenericRpcHandler):
    """Answers with filled messages, or with the refusal it is told."""

    refusal: ServiceError | None = None
    refused_first: list[ServiceError] = field(default_factory=list)
    """What the next calls are refused with, one each."""
    ended_token: str | None = None
    """The token of which calls are refused, however many there are."""
    cut_off: list[ServiceError] = field(default_factory=list)
    """What the next streams end with after their first answer, one each."""
    one_page: bool = False
    """Whether every list has one page."""
    tokens: list[str] = field(default_factory=list)
    """What the next API keys are exchanged for."""
    pages: list[Message] = field(default_factory=list)
    """What the next calls are answered with, one each."""
    absent: set[str] = field(default_factory=set)
    """Fields that no answer has."""
    asked: list[tuple[str, list[Message]]] = field(default_factory=list)
    metadata: dict[str, str] = field(default_factory=dict)

    def _filled(self, answer: Message) -> Message:
        filled(answer)
        for name in self.absent & set(answer.DESCRIPTOR.fields_by_name):
            answer.ClearField(name)
        return answer

    def service(self, handler_call_details: Any) -> Any:
        path = handler_call_details.method
        method = every_method().get(path)
        if method is None:
            return None
        request_type = message_factory.GetMessageClass(method.input_type)
        response_type = message_factory.GetMessageClass(method.output_type)

        def answer(requests: Any, context: Any) -> Message:
            self.asked.append((path, list(requests)))
            self.metadata = dict(context.invocation_metadata())
            refusal = self.refused_first.pop(0) if self.refused_first else self.refusal
            if self.ended_token and self.metadata.get("authorization", "").endswith(
                f" {self.ended_token}"
            ):
                refusal = TokenInvalid()
            if refusal is not None:
                refuse(refusal, context)
            if self.pages:
                return self.pages.pop(0)
            answered: Any = self._filled(response_type())
            if path.endswith("/CreateToken") and self.tokens:
                answered.token = self.tokens.pop(0)
            return one_page(answered) if self.one_page or path in PAGED_BY_THE_CLIENT else answered

        def several(requests: Any, context: Any) -> Iterator[Message]:
            yield answer(requests, context)
            if self.cut_off:
                refuse(self.cut_off.pop(0), context)
            yield self._filled(response_type())

        streams = (method.client_streaming, method.server_streaming)
        make, call = {
            (False, False): (
                grpc.unary_unary_rpc_method_handler,
                lambda request, context: answer([request], context),
            ),
            (False, True): (
                grpc.unary_stream_rpc_method_handler,
                lambda request, context: several([request], context),
            ),
            (True, False): (grpc.stream_unary_rpc_method_handler, answer),
            (True, True): (grpc.stream_stream_rpc_method_handler, several),
        }[streams]
        return make(
            call,
            request_deserializer=request_type.FromString,
            response_serializer=response_type.SerializeToString,
        )


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Server]:
    """Every service at once, where the environment says they are."""
    handler = Server()
    running = grpc.server(ThreadPoolExecutor(2), handlers=[handler])
    port = running.add_insecure_port("127.0.0.1:0")
    running.start()
    for name in ("CAMPAIGN_API", "GATEWAY", "DISPATCHER"):
        monkeypatch.setenv(f"OUTREACH_{name}_ADDRESS", f"127.0.0.1:{port}")
    monkeypatch.setenv("OUTREACH_ORGANIZATION", "org_1")
    monkeypatch.setenv("OUTREACH_TOKEN", "a-token")
    monkeypatch.setenv("OUTREACH_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("OUTREACH_CREDENTIALS", str(tmp_path / "kept" / "api-key"))
    monkeypatch.setenv("OUTREACH_LINKEDIN_PASSWORD", "a-password")
    yield handler
    running.stop(None).wait()


@pytest.fixture
def runner(monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    monkeypatch.setattr("typer.testing._get_command", _command_of)
    return CliRunner()


# For each call the runner would make all hundred commands anew.
_command_of = cache(get_command)
