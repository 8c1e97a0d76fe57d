"""No RPC is left out when every server is asked what nobody foresaw."""

from collections import Counter

from tests.fuzzing.calls import OURS, SHARED, methods_at
from tests.protos import methods


def test_every_method_is_asked_at_every_server_of_it() -> None:
    """A new RPC, service or package of the contract is fuzzed, or this fails."""
    asked = Counter(method.full_name for server in OURS for method in methods_at(server))

    expected = {
        method.full_name: len(OURS) if method.containing_service.file.package in SHARED else 1
        for method in methods()
    }
    assert {name: asked[name] for name in expected} == expected


def test_what_every_server_has_is_asked_of_each() -> None:
    """Health and reflection are open to whoever reaches the port."""
    for server in OURS:
        names = {method.full_name for method in methods_at(server)}
        assert {
            "grpc.health.v1.Health.Check",
            "grpc.health.v1.Health.List",
            "grpc.health.v1.Health.Watch",
            "grpc.reflection.v1.ServerReflection.ServerReflectionInfo",
            "grpc.reflection.v1alpha.ServerReflection.ServerReflectionInfo",
        } <= names
