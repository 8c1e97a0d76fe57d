"""Temporal servers for the workflows of leads and campaigns."""

import sysconfig
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from outreach_worker.worker import new_plugin
from servicekit.clock import Clock
from temporalio.testing import WorkflowEnvironment

TEST_SERVER = Path(sysconfig.get_path("scripts")) / "temporal-test-server"


@pytest.fixture
async def skipping() -> AsyncIterator[WorkflowEnvironment]:
    """A Temporal that skips the time in which nothing happens; one workflow at a time."""
    async with await WorkflowEnvironment.start_time_skipping(
        test_server_existing_path=str(TEST_SERVER), plugins=[new_plugin(Clock.real_time())]
    ) as environment:
        yield environment
