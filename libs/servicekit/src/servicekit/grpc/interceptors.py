"""What every rpc of every server goes through: one interceptor made of layers.

A layer is a context manager around one call, whatever its kind. From the outside in:
trace, log fields, metrics, errors, record, deadline, authentication, limits, authorisation; then
the requests are checked, then come answers that were given before, then the servicer; what only
asks what would be is rehearsed by it (see `servicekit.rehearsals`).
"""

import inspect
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import aclosing
from typing import Any, TypeVar

import grpc
from google.protobuf.message import Message
from prometheus_client import CollectorRegistry

from servicekit.grpc.access_layers import authenticated, authorised
from servicekit.grpc.caller_limits import CallerLimits, limited
from servicekit.grpc.calls import (
    NOTHING,
    Call,
    Context,
    Handler,
    Layer,
    Layered,
    Translator,
)
from servicekit.grpc.deadlines import PromiseOf
from servicekit.grpc.layers import (
    in_time,
    logged,
    measured,
    network_unavailable,
    traced,
    translated,
)
from servicekit.grpc.permissions import AccessOf, PermissionUndeclared
from servicekit.grpc.requests.checks import checked, checked_stream, reader
from servicekit.grpc.requests.rules import ContractRules, tells
from servicekit.grpc.status import DOMAIN
from servicekit.identity.authenticator import Authenticator
from servicekit.rehearsals.answers import blanked
from servicekit.rehearsals.rehearsal import as_if_real, only_asks, rehearsed

_Method = TypeVar("_Method", bound=Callable[..., Any])


def validates_alone(method: _Method) -> _Method:
    """Mark a servicer's method that answers `validate_only` by itself, with more than the deed."""
    method.validates_alone = True  # type: ignore[attr-defined]
    return method


class LayeredInterceptor(grpc.aio.ServerInterceptor):
    """Serves every rpc, of all four kinds, inside the layers; the first is the outermost.

    `once` is around those that ask one thing for one answer, when what they ask has been checked.
    """

    def __init__(
        self,
        layers: Iterable[Layer],
        *,
        access_of: AccessOf | None = None,
        once: Layer | None = None,
    ) -> None:
        self._layers = tuple(layers)
        self._once = once
        self._access_of = access_of
        self._rules = ContractRules()
        self._wrapped: dict[str, Handler] = {}

    def check(self, method: str) -> None:
        """Raise `PermissionUndeclared` if a method that is to be served declares no permission."""
        if self._access_of is not None and self._access_of(method) is None:
            raise PermissionUndeclared(method)

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[Handler | None]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> Handler | None:
        method = _text(handler_call_details.method)
        wrapped = self._wrapped.get(method)
        if wrapped is not None:
            return wrapped
        handler = await continuation(handler_call_details)
        if handler is None:
            # No such method: grpc answers UNIMPLEMENTED.
            return None
        self._wrapped[method] = wrapped = self._wrap(handler, method)
        return wrapped

    def _wrap(self, handler: Any, method: str) -> Handler:
        behaviour = (
            handler.unary_unary
            or handler.unary_stream
            or handler.stream_unary
            or handler.stream_stream
        )
        streams, converses = bool(handler.request_streaming), bool(handler.response_streaming)
        served = _Served(
            method,
            behaviour,
            streams=streams,
            converses=converses,
            layers=self._layers,
            once=self._once,
            rules=self._rules,
        )
        made: Any = _MAKERS[streams, converses]
        wrapped: Handler = made(
            served.stream if converses else served.single,
            request_deserializer=reader(handler.request_deserializer),
            response_serializer=handler.response_serializer,
        )
        return wrapped


class _Served:
    """One method of a servicer, inside the layers."""

    def __init__(
        self,
        method: str,
        behaviour: Callable[..., Any],
        *,
        streams: bool,
        converses: bool,
        layers: Sequence[Layer],
        once: Layer | None,
        rules: ContractRules,
    ) -> None:
        self._method, self._behaviour = method, behaviour
        self._streams, self._converses = streams, converses
        self._layers, self._once = layers, once
        self._rules, self._handed = rules, tells(behaviour)

    async def single(self, request: Any, context: Context) -> Any:
        """One answer, to one request or a stream of them."""
        call = self._call(request, context)
        async with self._inside(call):
            good = self._asked(request, call)
            # It writes what is asked: nothing that no database stores may come so far.
            async with self._once(call) if self._once else NOTHING:
                if call.answer is None:
                    call.answer = await _answered(self._behaviour, good, context)
                await _about_to_answer(call)
                return call.answer

    async def stream(self, request: Any, context: Context) -> AsyncIterator[Any]:
        """Its answers, each as it comes."""
        call = self._call(request, context)
        async with self._inside(call):
            answers = self._behaviour(self._asked(request, call), context)
            if inspect.isawaitable(answers):
                # A servicer that writes to its context instead of yielding.
                await answers
                return
            # Whatever ends it, what the servicer has open is closed now, not with the garbage.
            async with aclosing(answers):
                async for answer in answers:
                    await _about_to_answer(call)
                    go_on = call.answering()
                    yield answer
                    await go_on()

    def _call(self, request: Any, context: Context) -> Call:
        requests = request if self._streams else None
        call = Call(self._method, context, _metadata(context), requests, converses=self._converses)
        if isinstance(request, Message):
            call.request = request
        return call

    def _asked(self, request: Any, call: Call) -> Any:
        """What the servicer is given: nothing that it need not look at."""
        if self._streams:
            return _noted(checked_stream(request, self._rules), call)
        return checked(request, self._rules, handed=self._handed)

    def _inside(self, call: Call) -> Layered:
        return Layered(self._layers, call)


async def _answered(behaviour: Any, request: Any, context: Context) -> Any:
    """What a servicer answers; what only asks is rehearsed, unless it validates alone."""
    alone = getattr(behaviour, "validates_alone", False)
    if alone or not isinstance(request, Message) or not only_asks(request):
        return await _done(behaviour, request, context)
    async with rehearsed() as rehearsal:
        answer = await _done(behaviour, as_if_real(request), context)
    return blanked(answer, rehearsal.made)


async def _done(behaviour: Any, request: Any, context: Context) -> Any:
    answer = behaviour(request, context)
    return await answer if inspect.isawaitable(answer) else answer


async def _noted(requests: AsyncIterator[Any], call: Call) -> AsyncIterator[Any]:
    async for request in requests:
        if call.request is None:
            call.request = request
        yield request


async def _about_to_answer(call: Call) -> None:
    if call.before_answer is not None:
        before, call.before_answer = call.before_answer, None
        await before()


_MAKERS = {
    (False, False): grpc.unary_unary_rpc_method_handler,
    (False, True): grpc.unary_stream_rpc_method_handler,
    (True, False): grpc.stream_unary_rpc_method_handler,
    (True, True): grpc.stream_stream_rpc_method_handler,
}


def standard_interceptor(
    registry: CollectorRegistry,
    *,
    authenticator: Authenticator | None = None,
    access_of: AccessOf | None = None,
    promise_of: PromiseOf | None = None,
    limits: CallerLimits | None = None,
    recorded: Layer | None = None,
    once: Layer | None = None,
    translators: Sequence[Translator] = (),
    domain: str = DOMAIN,
) -> LayeredInterceptor:
    """The interceptor every server has.

    Without an authenticator no call has a caller. `access_of` names the permission that
    a method needs, and a server does not start with one that needs none; without it every
    caller may call everything. `limits` hold for whoever calls, before it is asked what they may.
    `recorded` sees each call with its failure, after everything that may refuse it; `once` sees
    those that may be served and are in order, see `servicekit.request_ids.layer.answered_once`.
    `translators` know the errors of the libraries a service uses, for example
    `servicekit.postgres.errors.unavailable`.
    """
    layers: list[Layer] = [
        traced(),
        logged(),
        measured(registry),
        translated((*translators, network_unavailable), domain=domain),
    ]
    if recorded is not None:
        layers.append(recorded)
    if promise_of is not None:
        layers.append(in_time(promise_of))
    if authenticator is not None:
        layers.append(authenticated(authenticator, access_of))
        if limits is not None:
            layers.append(limited(limits, registry))
        layers.append(authorised(authenticator, access_of))
    return LayeredInterceptor(
        layers, access_of=access_of, once=once if authenticator is not None else None
    )


def _metadata(context: Context) -> dict[str, str]:
    return {
        _text(key): value
        for key, value in context.invocation_metadata() or ()
        if isinstance(value, str)
    }


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value
