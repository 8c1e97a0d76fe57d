"""What is written for callers is that of the contract, and only what may be is called again."""

from collections import Counter

from devstack.client_code.files import written_files
from devstack.client_code.reasons import reasons
from devstack.client_code.service_config import repeatable, service_config
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.descriptor_pb2 import MethodOptions
from outreach.common.v1 import audited_pb2, deadline_pb2
from outreach_client import errors
from outreach_client.errors.reasons import KIND_BY_REASON, class_name
from outreach_client.services.members import MEMBERS, OF_EACH, Server, method_name
from servicekit.grpc.deadlines import MARGIN, promised_in

from tests.protos import methods, services

PROMISE_OF = promised_in(
    method=deadline_pb2.answers_within, service=deadline_pb2.methods_answer_within
)
CALLS = ("timeout", "patience", "requests")
"""What a method takes beside the fields of its request."""


def test_what_is_written_is_that_of_the_contract() -> None:
    """Written anew it is the same; `make client` writes it."""
    stale = [path.name for path, text in written_files().items() if path.read_text() != text]

    assert not stale


def test_every_service_is_a_member() -> None:
    """A service that a client does not have would be called by hand."""
    members = [*MEMBERS.values(), *(of[Server.CAMPAIGN_API] for of in OF_EACH.values())]

    served = {service.full_name for service in services()}
    assert Counter(each.descriptor.full_name for each in members) == Counter(served)


def test_methods_are_told_apart() -> None:
    """Two methods of one name would be one; a field of a call's own name could not be given."""
    for service in services():
        names = [method_name(method) for method in service.methods]
        assert len({*names}) == len(names)
        assert all(name.isidentifier() for name in names)
    taken = [field.full_name for each in methods() for field in each.input_type.fields]
    assert not [name for name in taken if name.rpartition(".")[2] in CALLS]


def changes_something(method: MethodDescriptor) -> bool:
    audited = method.GetOptions().Extensions[audited_pb2.audited]
    return audited not in (audited_pb2.AUDITED_READ, audited_pb2.AUDITED_NOT)


def test_what_would_be_done_twice_is_never_called_again() -> None:
    """What changes something has to be one thing however often it is asked for."""
    for method in methods():
        said = method.GetOptions().idempotency_level != MethodOptions.IDEMPOTENCY_UNKNOWN
        if repeatable(method) and changes_something(method) and not said:
            assert "request_id" in method.input_type.fields_by_name, method.full_name


def test_reads_are_called_again() -> None:
    """Whoever only looks does not hear of a server that is replaced."""
    reads = [each for each in methods() if not changes_something(each)]

    assert len(reads) > 40
    assert all(repeatable(method) for method in reads)


def test_the_config_has_every_method_once() -> None:
    """gRPC takes the first of two that name one method, and none for what is not named."""
    config = service_config(methods())

    named = (name for each in config["methodConfig"] for name in each["name"])
    served = ((each.containing_service.full_name, each.name) for each in methods())
    assert Counter((each["service"], each["method"]) for each in named) == Counter(served)
    budget = config["retryThrottling"]
    assert 0 < budget["tokenRatio"] < 1


def test_nobody_leaves_before_the_answer_that_was_promised() -> None:
    """Though gRPC's core takes a config's timeout up to two seconds short."""
    for each in service_config(methods())["methodConfig"]:
        name = each["name"][0]
        promise = PROMISE_OF(f"/{name['service']}/{name['method']}")
        if promise is None:
            assert "timeout" not in each
        else:
            assert float(each["timeout"].rstrip("s")) >= (promise + MARGIN).total_seconds() + 2


def test_every_refusal_of_ours_has_a_class() -> None:
    """By its reason, of the kind that it comes as."""
    assert len(KIND_BY_REASON) > 100
    for reason, kind in KIND_BY_REASON.items():
        found = getattr(errors, class_name(reason))
        assert issubclass(found, getattr(errors, kind))
        assert found.reason == reason
    assert reasons
