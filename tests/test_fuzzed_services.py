"""No RPC is left out when every server is asked what nobody foresaw."""

from collections import Counter

from tests.fuzzing.calls import OURS, methods_at
from tests.protos import methods


def test_every_method_is_asked_at_one_server() -> None:
    """A new RPC, service or package of the contract is fuzzed, or this fails."""
    asked = Counter(method.full_name for server in OURS for method in methods_at(server))

    ours = {method.full_name for method in methods()}
    assert {name: asked[name] for name in ours} == dict.fromkeys(ours, 1)


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
