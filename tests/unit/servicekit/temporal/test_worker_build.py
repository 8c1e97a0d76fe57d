"""What a worker is called says what it is."""

import pytest
from servicekit.temporal.connection import WorkerBuild


@pytest.mark.parametrize(
    "build",
    [
        WorkerBuild("outreach-worker", "0.1.0"),
        WorkerBuild("webhook-dispatcher", "1.2.0rc1", "4f2a91c07d"),
    ],
)
def test_what_is_written_is_read(build: WorkerBuild) -> None:
    """A build comes back from what its workers are called."""
    assert WorkerBuild.of(build.identity) == build


@pytest.mark.parametrize("identity", ["17@host", "", "a worker of 2024", "x/1 y z"])
def test_what_is_called_otherwise_is_of_no_build(identity: str) -> None:
    """As workers of before were, and those of others."""
    assert WorkerBuild.of(identity) is None
