"""What all tests share."""

import os

# Tests start processes while gRPC's threads run; see `devstack/__init__.py`.
os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "false")

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from tests.servers.session import OwnServerSession, ServerSession

# A busy machine is no counterexample.
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")

SERVERS = pytest.StashKey[ServerSession]()


def pytest_sessionstart(session: pytest.Session) -> None:
    """Open the directory of this session's servers; a worker of pytest-xdist joins it."""
    config = session.config
    joined = getattr(config, "workerinput", {}).get("servers")
    config.stash[SERVERS] = ServerSession(Path(joined)) if joined else OwnServerSession.open()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker of pytest-xdist where the servers are."""
    node.workerinput["servers"] = str(node.config.stash[SERVERS].directory)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the servers, once every worker has ended."""
    session = config.stash.get(SERVERS, None)
    if isinstance(session, OwnServerSession):
        session.close()


@pytest.fixture(scope="session")
def server_session(pytestconfig: pytest.Config) -> ServerSession:
    """Where this session's servers are."""
    return pytestconfig.stash[SERVERS]


@pytest.fixture(scope="session")
def process_name(pytestconfig: pytest.Config) -> str:
    """What this process of the test session is called; no other one is called so."""
    workerinput: dict[str, str] = getattr(pytestconfig, "workerinput", {})
    return workerinput.get("workerid", "main")
