"""servicekit.telemetry.logs."""

import io
import json
import logging
import warnings
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from pydantic import SecretStr
from servicekit.telemetry import logs
from structlog.testing import capture_logs

Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def lines() -> Lines:
    """Everything logged since the fixture was made, parsed."""
    stream = io.StringIO()
    logs.configure("test-service", level="INFO", stream=stream)
    return lambda: [json.loads(line) for line in stream.getvalue().splitlines()]


def test_no_module_keeps_the_logger_of_an_earlier_test(lines: Lines) -> None:
    """What a logger was used for before, `capture_logs` hears it."""
    log = logs.get_logger("a.module")
    log.info("used_before")

    with capture_logs() as told:
        log.info("used_again")

    assert [each["event"] for each in told] == ["used_again"]
    assert [line["event"] for line in lines()] == ["used_before"]


def test_a_line_is_one_json_object(lines: Lines) -> None:
    """With the service, the level, the time in UTC and the fields given."""
    logs.get_logger("a.module").info("thing_made", thing="t_1")
    logs.get_logger("a.module").debug("not_shown")

    (line,) = lines()
    assert (line["event"], line["thing"], line["level"]) == ("thing_made", "t_1", "info")
    assert (line["service"], line["logger"]) == ("test-service", "a.module")
    assert line["timestamp"].endswith("Z")


def test_bound_fields_are_on_every_line_of_the_block(lines: Lines) -> None:
    """Also on those of libraries that use the standard logging."""
    with logs.bound(rpc="a/b"):
        logs.get_logger("x").info("inside")
        logging.getLogger("some.library").warning("told %s", "this", extra={"more": 1})
    logs.get_logger("x").info("outside")

    inside, foreign, outside = lines()
    assert inside["rpc"] == foreign["rpc"] == "a/b"
    assert (foreign["event"], foreign["more"]) == ("told this", 1)
    assert "rpc" not in outside


def test_what_a_library_warns_of_is_one_line_too(lines: Lines) -> None:
    """It went to the log in two lines that were no JSON, with the token that it was about."""
    token = b"lead/camp_1\n'\"\x00"
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn(f"Cannot find activity to cancel for token {token!r}", stacklevel=1)
        warnings.warn("Say it otherwise.", DeprecationWarning, stacklevel=1)

    told, deprecated = lines()
    assert (told["event"], told["level"], told["service"]) == (
        "library_warned",
        "warning",
        "test-service",
    )
    assert told["warning"] == "Cannot find activity to cancel for token [bytes]"
    assert told["category"] == "UserWarning"
    assert told["source"].rpartition(":")[0].endswith("test_logs.py")
    assert (deprecated["warning"], deprecated["category"]) == (
        "Say it otherwise.",
        "DeprecationWarning",
    )


def test_the_current_span_is_named(lines: Lines) -> None:
    """Logs and traces find each other."""
    with TracerProvider(shutdown_on_exit=False).get_tracer("t").start_as_current_span("s") as span:
        logs.get_logger("x").info("inside")

    (line,) = lines()
    assert line["trace_id"] == trace.format_trace_id(span.get_span_context().trace_id)
    assert line["span_id"] == trace.format_span_id(span.get_span_context().span_id)


@pytest.mark.parametrize("log_format", ["json", "console"])
def test_no_secret_is_in_a_line(log_format: Any) -> None:
    """Fields, what a library logs, and a trace with its cause, in the form for people too."""
    password = "s3cret"
    stream = io.StringIO()
    logs.configure("test", log_format=log_format, stream=stream, secrets=["k3y-of-the-s3cret-path"])

    def fail(password: str) -> None:
        cause = ValueError(f"cannot reach https://me:{password}@host/")
        raise LookupError(f"refused: password={password}") from cause

    try:
        fail(password)
    except LookupError as error:
        logs.get_logger("x").error("failed", exc_info=error, error=error)
        logging.getLogger("a.library").exception("GET %s", "https://h/k3y-of-the-s3cret-path/x")
    logs.get_logger("x").info(
        "called",
        access_token="s3cret",
        headers={"Authorization": "Bearer s3cret", "accept": "*/*"},
        key=SecretStr("s3cret"),
        told=["postgresql://me:s3cret@db/x", httpx.URL("https://h/f?X-Amz-Signature=s3cret")],
    )

    written = stream.getvalue()
    assert "LookupError" in written
    assert "*/*" in written
    assert "s3cret" not in written
