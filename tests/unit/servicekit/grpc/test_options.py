"""The names of gRPC's own options, which it does not check."""

import re
from pathlib import Path

import pytest
from grpc._cython import cygrpc  # type: ignore[attr-defined]  # a compiled module
from servicekit.grpc import client as grpc_client
from servicekit.grpc import server as grpc_server

_CORE = Path(cygrpc.__file__).read_bytes()
_NAMES = sorted(
    {
        name
        for module in (grpc_client, grpc_server)
        for name in re.findall(r'"(grpc\.[\w.]+)",', Path(str(module.__file__)).read_text())
    }
)


@pytest.mark.parametrize("name", _NAMES)
def test_grpc_knows_the_option(name: str) -> None:
    """A misspelt interval between pings was ignored, so idle callers were cut off."""
    assert name.encode() in _CORE
