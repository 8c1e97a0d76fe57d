"""What all tests share."""

import functools
import gc
import logging
import os

# Tests start processes while gRPC's threads run; see `devstack/__init__.py`.
os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "false")

from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from hypothesis import HealthCheck, seed, settings

from tests import lanes, laws, rewriting
from tests.servers.session import OwnServerSession, ServerSession
from tests.servers.stack import needs_stack


def _without_kept_loggers(configure: Callable[..., None]) -> Callable[..., None]:
    """Configure as told, but let no module keep the logger of the test that used it first.

    `capture_logs` of a later test, in whatever order, would hear nothing of it.
    """

    @functools.wraps(configure)
    def configured(*args: Any, **options: Any) -> None:
        configure(*args, **{**options, "cache_logger_on_first_use": False})

    return configured


structlog.configure = _without_kept_loggers(structlog.configure)

# The default renders each traceback with every local variable, for a second of every fifty.
structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.dev.ConsoleRenderer(
            colors=False, exception_formatter=structlog.dev.plain_traceback
        ),
    ]
)

# Not while tests are collected: see `pytest_collection_finish`.
gc.disable()

# A busy machine is no counterexample; and what the suite says of a commit is the same each time:
# `make laws` draws anew.
settings.register_profile(
    "house",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=not laws.drawn_anew(),
    max_examples=laws.examples(),
)
settings.load_profile("house")

_MADE_BEFORE_LOOKED = 20_000
"""Objects, of which Python's own number is 700."""

SERVERS = pytest.StashKey[ServerSession]()

GUARD = lanes.Guard()
GUARD.stand()


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Generator[None]:
    """Begin with what lasts long; what Hypothesis draws for is a law, and is drawn as laws are.

    A test that lasts long and comes last is waited for by every other process. Those on the stack
    that they share follow each other: it ends with the last of them.
    """
    for item in items:
        test = getattr(item, "obj", None)
        if getattr(test, "is_hypothesis_test", False):
            item.add_marker("law")
            if laws.drawn_anew():
                seed(laws.seed())(test)
        if lanes.is_long(item):
            item.add_marker(lanes.LONG)
    yield
    items.sort(key=lanes.seconds, reverse=True)
    items.sort(key=needs_stack)


def pytest_collection_finish() -> None:
    """Have the garbage collector pass over what was collected, which stays until the end.

    Thousands of tests with their modules are a million objects: each of its full rounds looked
    at all of them, for a second of every twenty. What is made since is looked at less often than
    Python does by itself, which took a second of every fifty.
    """
    gc.freeze()
    gc.set_threshold(_MADE_BEFORE_LOOKED)
    gc.enable()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """A service is started by those that are long, and by no other test."""
    GUARD.running = item
    try:
        return (yield)
    finally:
        GUARD.running = None


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Say what was left out, if it was."""
    if config.option.markexpr == lanes.LEFT_OUT:
        terminalreporter.write_line(
            "Left out: tests that start services or last long. `make test-long` runs them."
        )


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """More than there are processors, for most tests wait most of the time, and no more than that.

    Each of them collects every test, which takes seconds of a processor.
    """
    return 2 * (os.cpu_count() or 1)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Hand tests out in the order in which they were collected."""
    from tests.scheduling import OneAtATime  # noqa: PLC0415 - only where pytest-xdist is

    config.option.loadscopereorder = False
    return OneAtATime(config, log)


def pytest_sessionstart(session: pytest.Session) -> None:
    """Open the directory of this session's servers; a worker of pytest-xdist joins it."""
    config = session.config
    joined = getattr(config, "workerinput", {}).get("servers")
    config.stash[SERVERS] = ServerSession(Path(joined)) if joined else OwnServerSession.open()
    if joined:
        worker: dict[str, Any] = getattr(config, "workerinput", {})
        number = int(worker["workerid"].removeprefix("gw"))
        rewriting.share(config, process=number, processes=worker["workercount"])


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker of pytest-xdist where the servers are."""
    node.workerinput["servers"] = str(node.config.stash[SERVERS].directory)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the servers, once every worker has ended."""
    session = config.stash.get(SERVERS, None)
    if isinstance(session, OwnServerSession):
        session.close()


@pytest.fixture(autouse=True)
def _logging_as_before() -> Iterator[None]:
    """What a test made of the log ends with it: a later one hears itself alone."""
    root, configuration = logging.getLogger(), structlog.get_config()
    handlers, level = list(root.handlers), root.level
    yield
    structlog.configure(**configuration)
    root.handlers[:], root.level = handlers, level


@pytest.fixture(scope="session")
def server_session(pytestconfig: pytest.Config) -> ServerSession:
    """Where this session's servers are."""
    return pytestconfig.stash[SERVERS]


@pytest.fixture(scope="session")
def process_name(pytestconfig: pytest.Config) -> str:
    """What this process of the test session is called; no other one is called so."""
    workerinput: dict[str, str] = getattr(pytestconfig, "workerinput", {})
    return workerinput.get("workerid", "main")


@pytest.fixture(scope="session")
def process_names(pytestconfig: pytest.Config, process_name: str) -> list[str]:
    """What all processes of the test session are called that run tests.

    Two more than there are: one that crashes is replaced by one of another name.
    """
    workerinput: dict[str, int] = getattr(pytestconfig, "workerinput", {})
    count = workerinput.get("workercount", 0)
    return [f"gw{number}" for number in range(count + 2)] if count else [process_name]
