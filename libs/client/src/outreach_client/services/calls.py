"""The methods of a service as they are called: one class for each kind that there is."""

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Callable, Mapping
from contextlib import aclosing
from datetime import timedelta
from itertools import count
from typing import Any

import grpc
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from servicekit.errors import Unauthenticated

from outreach_client.credentials import Tokens, known, token_refused
from outreach_client.errors import refined
from outreach_client.services.members import items_field, removed_field
from outreach_client.services.pages import Pages
from outreach_client.services.requests import request_of
from outreach_client.streams import PATIENCE, followed
from outreach_client.uploads import Sending

_OF_FILES = "next_token"
_POSITIONS: Mapping[str, str] = {"resume_token": "resume_token", _OF_FILES: "token"}
"""By which field of an answer, and of the request, a stream goes on behind that answer."""


class Unary:
    """One question, one answer."""

    def __init__(
        self, channel: grpc.aio.Channel, method: MethodDescriptor, tokens: Tokens | None
    ) -> None:
        self._tokens = tokens
        self._input = method.input_type
        self._rpc: Any = channel.unary_unary(*_path(method), **_codecs(method))

    def __call__(
        self, request: Message | None = None, /, *, timeout: timedelta | None = None, **fields: Any
    ) -> Any:
        return self._ask(request_of(self._input, request, fields), timeout)

    async def _ask(self, request: Message, within: timedelta | None) -> Any:
        with refined():
            return await known(lambda: self._rpc(request, timeout=_seconds(within)), self._tokens)


class Listing(Unary):
    """A question whose answers come in pages."""

    def __init__(
        self, channel: grpc.aio.Channel, method: MethodDescriptor, tokens: Tokens | None
    ) -> None:
        super().__init__(channel, method, tokens)
        self._items = items_field(method)
        self._removed = removed_field(method)

    def __call__(
        self, request: Message | None = None, /, *, timeout: timedelta | None = None, **fields: Any
    ) -> Any:
        asked = request_of(self._input, request, fields)
        return Pages(lambda page: self._ask(page, timeout), asked, self._items, self._removed)


class Stream:
    """One question, answers as they come.

    What says where it is goes on there by itself, and what is watched from the present; else an end
    that is none is raised: answers that were told would be told again.
    """

    def __init__(
        self, channel: grpc.aio.Channel, method: MethodDescriptor, tokens: Tokens | None
    ) -> None:
        self._tokens = tokens
        self._input = method.input_type
        self._rpc: Any = channel.unary_stream(*_path(method), **_codecs(method))
        answered, asked = method.output_type.fields_by_name, method.input_type.fields_by_name
        self._position = next(
            ((of, to) for of, to in _POSITIONS.items() if of in answered and to in asked), None
        )
        self._goes_on = self._position is not None or method.name.startswith("Watch")

    def __call__(
        self, request: Message | None = None, /, *, patience: timedelta = PATIENCE, **fields: Any
    ) -> AsyncIterator[Any]:
        given = request_of(self._input, request, fields)
        if not self._goes_on:
            return self._answers(given)
        asked = type(given)()
        asked.CopyFrom(given)
        return self._followed(asked, patience)

    async def _followed(self, asked: Any, patience: timedelta) -> AsyncIterator[Any]:
        attempts = count()
        answers = followed(
            lambda: self._answers(asked, comes_back=next(attempts) > 0), patience=patience
        )
        async with aclosing(answers):
            async for answer in answers:
                if answer is not None:
                    yield answer

    async def _answers(self, request: Any, *, comes_back: bool = False) -> AsyncIterator[Any]:
        """What is answered, each noted in the request as where to go on.

        Who comes back is told at once that they do, if nothing has changed: that is no answer, and
        None, by which the server is known to be there again.
        """
        begun = b""
        with refined():
            async for answer in self._begun(request):
                if self._position is not None:
                    of, to = self._position
                    if of == _OF_FILES and not answer.next_token:
                        # A line goes on: who asks again gets all of it.
                        begun += answer.content
                        yield None
                        continue
                    if begun:
                        answer.content, begun = begun + answer.content, b""
                    setattr(request, to, getattr(answer, of))
                    if comes_back and _says_only(answer, of):
                        yield None
                        continue
                yield answer

    async def _begun(self, request: Message) -> AsyncIterator[Any]:
        """What is answered, asked for with a new token if that of before was refused."""
        shown, answered = self._tokens() if self._tokens is not None else "", False
        try:
            async for answer in self._rpc(request):
                answered = True
                yield answer
        except Unauthenticated as refused:
            if answered or self._tokens is None or not token_refused(refused):
                raise
            await self._tokens.renew(shown)
        else:
            return
        async for answer in self._rpc(request):
            yield answer


class Upload:
    """Pieces as they are made, one answer; raises what making them does."""

    def __init__(self, channel: grpc.aio.Channel, method: MethodDescriptor) -> None:
        self._rpc: Any = channel.stream_unary(*_path(method), **_codecs(method))

    async def __call__(
        self,
        requests: AsyncIterable[Message],
        /,
        *,
        timeout: timedelta | None = None,  # noqa: ASYNC109 - the call's own, as gRPC has it
    ) -> Any:
        sending = Sending(requests)
        try:
            with refined():
                return await self._rpc(aiter(sending), timeout=_seconds(timeout))
        except asyncio.CancelledError:
            if sending.error is None or _given_up():
                raise
        raise sending.error


def call(
    channel: grpc.aio.Channel, method: MethodDescriptor, tokens: Tokens | None
) -> Callable[..., Any]:
    """A method of a service; raises `TypeError` for a kind that no service has."""
    if method.client_streaming and method.server_streaming:
        raise TypeError(f"{method.full_name} converses both ways.")
    if method.client_streaming:
        return Upload(channel, method)
    if method.server_streaming:
        return Stream(channel, method, tokens)
    return (Listing if items_field(method) else Unary)(channel, method, tokens)


def _says_only(answer: Any, position: str) -> bool:
    """Whether an answer says where it is and nothing else."""
    return all(field.name == position for field, _ in answer.ListFields())


def _given_up() -> bool:
    """Whether whoever asks was cancelled themselves."""
    asking = asyncio.current_task()
    return asking is not None and asking.cancelling() > 0


def _path(method: MethodDescriptor) -> tuple[str]:
    return (f"/{method.containing_service.full_name}/{method.name}",)


def _codecs(method: MethodDescriptor) -> Mapping[str, Any]:
    asked, answered = GetMessageClass(method.input_type), GetMessageClass(method.output_type)
    return {
        "request_serializer": asked.SerializeToString,
        "response_deserializer": answered.FromString,
    }


def _seconds(timeout: timedelta | None) -> float | None:
    return None if timeout is None else timeout.total_seconds()
