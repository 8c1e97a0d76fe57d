"""servicekit.grpc.status."""

import base64
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import quote

import grpc
import pytest
from hypothesis import given
from hypothesis import strategies as st
from servicekit import errors
from servicekit.errors import (
    BadInput,
    FailedPrecondition,
    FieldViolation,
    MessageTooLarge,
    NotYet,
    QuotaViolation,
    RemoteError,
    ServiceError,
    Unavailable,
)
from servicekit.grpc.status import (
    PUSHBACK_METADATA_KEY,
    STATUS_METADATA_KEY,
    from_rpc_error,
    pushback,
    to_status,
)


class NotStartable(FailedPrecondition):
    """Only a draft can be started."""

    reason = "NOT_STARTABLE"


def sent(error: ServiceError) -> ServiceError:
    """The error as it arrives on the other side."""
    metadata = grpc.aio.Metadata((STATUS_METADATA_KEY, to_status(error).SerializeToString()))
    return from_rpc_error(
        grpc.aio.AioRpcError(error.code, grpc.aio.Metadata(), metadata, details=error.message)
    )


def tree(kind: type[ServiceError] = ServiceError) -> Iterator[type[ServiceError]]:
    for child in kind.__subclasses__():
        if child.__module__ == errors.__name__ and not issubclass(
            child, RemoteError | BadInput | MessageTooLarge
        ):
            yield child
            yield from tree(child)


@pytest.mark.parametrize("kind", dict.fromkeys(tree()), ids=lambda kind: kind.__name__)
def test_every_class_survives_the_wire(kind: type[ServiceError]) -> None:
    """What was raised on one side is the same class on the other, with reason and message."""
    arrived = sent(kind("Because.", metadata={"why": "so"}))

    assert isinstance(arrived, kind)
    assert isinstance(arrived, RemoteError)
    assert (arrived.reason, arrived.message) == (kind.reason, "Because.")
    assert arrived.metadata == {"why": "so"}
    assert arrived.domain == "outreach"
    assert arrived.retried == kind.retried


def test_the_docstring_is_the_message_and_the_reason_its_own() -> None:
    """A subclass needs a docstring and a reason, nothing more."""
    arrived = sent(NotStartable())

    assert isinstance(arrived, FailedPrecondition)
    assert arrived.reason == "NOT_STARTABLE"
    assert str(arrived) == "Only a draft can be started."
    assert FailedPrecondition.reason == "FAILED_PRECONDITION"


def test_waits_survive_the_wire() -> None:
    """How long to wait, and which limit it is for."""
    used_up = QuotaViolation("account:1/visits", "100 per hour")

    arrived = sent(NotYet(retry_after=timedelta(seconds=90, milliseconds=5), quota=[used_up]))

    assert arrived.retry_after == timedelta(seconds=90, milliseconds=5)
    assert arrived.quota == (used_up,)


def test_violations_survive_the_wire() -> None:
    """Each wrong field is told by its path; together they are the message."""
    wrong = [FieldViolation("name", "is empty", "EMPTY"), FieldViolation("a.b[2]", "is odd")]

    arrived = sent(BadInput(wrong))

    assert arrived.violations == tuple(wrong)
    assert arrived.message == "name: is empty; a.b[2]: is odd"


def test_a_status_fits_a_trailer() -> None:
    """However much is wrong, the status stays under what peers accept, first things first."""
    wrong = [FieldViolation(f"steps[{n}].text", "is much too long " * 5) for n in range(500)]

    assert on_the_wire(BadInput(wrong)) < 8 * 1024
    assert len(sent(BadInput(wrong)).violations) > 10


@given(
    length=st.integers(0, 200_000),
    filling=st.sampled_from(["a", "é", "\N{GRINNING FACE}", "%", "\ud800"]),
)
def test_texts_are_shortened_for_a_trailer(length: int, filling: str) -> None:
    """A text of whatever length and script leaves a status that a peer with defaults accepts."""
    text = filling * length
    error = ServiceErrorOfAll(
        text,
        violations=[FieldViolation(text, text), FieldViolation("other", text)],
        quota=[QuotaViolation(text, text)] * 9,
        metadata={text: text, "b": text, "c": text, "d": text},
    )

    assert on_the_wire(error) < 8 * 1024
    assert len(sent(error).violations) == 2


def on_the_wire(error: ServiceError) -> int:
    """Bytes of the trailer: the message in percent-encoding, the status in base64."""
    status = to_status(error)
    return len(quote(status.message)) + len(base64.b64encode(status.SerializeToString()))


class ServiceErrorOfAll(NotYet):
    """Wait."""


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (grpc.StatusCode.UNAVAILABLE, errors.Unavailable),
        (grpc.StatusCode.DEADLINE_EXCEEDED, errors.DeadlineExceeded),
        (grpc.StatusCode.UNIMPLEMENTED, errors.Internal),
        (grpc.StatusCode.UNKNOWN, errors.Internal),
    ],
)
def test_errors_without_details_have_the_codes_name(
    code: grpc.StatusCode, kind: type[ServiceError]
) -> None:
    """What a proxy or grpc itself made is of the tree too, even with a broken trailer."""
    broken = grpc.aio.Metadata((STATUS_METADATA_KEY, b"\xff\xff"))

    arrived = from_rpc_error(grpc.aio.AioRpcError(code, grpc.aio.Metadata(), broken))

    assert isinstance(arrived, kind)
    assert (arrived.reason, arrived.message) == (code.name, code.name)


def test_a_stream_that_ends_in_the_middle_of_a_piece_is_cut_off() -> None:
    """gRPC calls it its own fault, and so it would have been ours: it is sent again."""
    told = grpc.aio.AioRpcError(
        grpc.StatusCode.INTERNAL,
        grpc.aio.Metadata(),
        grpc.aio.Metadata(),
        details="Internal error from Core",
    )

    arrived = from_rpc_error(told)

    assert isinstance(arrived, errors.Unavailable)
    assert (arrived.reason, arrived.retried) == ("UNAVAILABLE", True)


@pytest.mark.parametrize(
    ("error", "milliseconds"),
    [
        (NotYet(retry_after=timedelta(milliseconds=1.2)), "2"),
        (NotYet(retry_after=timedelta()), "0"),
        (NotYet(retry_after=timedelta(seconds=2)), "2000"),
        (NotYet(retry_after=timedelta(hours=3)), "-1"),
        (NotYet(), "-1"),
        (Unavailable(retry_after=timedelta(seconds=1)), "1000"),
        (Unavailable(), None),
        (FailedPrecondition(), None),
    ],
)
def test_grpc_is_told_when_to_come_again(error: ServiceError, milliseconds: str | None) -> None:
    """Within a call only if that is soon: a wait of hours would end as its deadline."""
    told = dict(pushback(error))

    assert told.get(PUSHBACK_METADATA_KEY) == milliseconds
