"""Every RPC x every kind of caller x own, foreign and unknown ids, at the border of each server.

Who may not use a method is told the same whatever they name, and who names an organization that is
not theirs that there is none. `test_strangers.py` of each service asks on from there, of what a
servicer decides, with things that there are; and through a port, with one kind of ids in turn.
"""

from collections import Counter
from pathlib import Path

import grpc
import pytest
from devstack.stack.keys import Keys
from google.protobuf.descriptor import MethodDescriptor
from outreach.common.v1 import permission_pb2

from tests.access.callers import STRANGER, Caller, Sees, callers
from tests.access.expectations import says
from tests.access.in_process import Border, names_organization, naming
from tests.fuzzing.calls import OURS, SHARED, methods_of

OWN = "org_own"
IDS = {"own": (OWN, "own"), "foreign": (STRANGER, "foreign"), "unknown": ("org_unknown", "unknown")}
SERVER = {"gateway": "linkedin-gateway", "dispatcher": "webhook-dispatcher"}


def expected(
    caller: Caller, method: MethodDescriptor, organization_id: str, *, names: bool
) -> grpc.StatusCode | None:
    """What the border says; None where the servicer is asked."""
    if says(method, permission_pb2.anyone):
        return None
    if not caller.opens(method):
        return caller.refused
    if caller.sees is Sees.EVERYTHING or caller.staff or not names:
        return None
    theirs = STRANGER if caller.sees is Sees.ANOTHERS else OWN
    return None if theirs == organization_id else grpc.StatusCode.NOT_FOUND


@pytest.mark.lasts(seconds=30)
@pytest.mark.parametrize("server", sorted(OURS))
async def test_whatever_is_named_the_border_says_the_same(server: str, tmp_path: Path) -> None:
    """The refused were asked with one kind of ids in turn: a third of the product."""
    name, keys = SERVER.get(server, server), Keys(tmp_path / "keys")
    border = Border(name, keys)
    kinds = callers(keys, tmp_path, server=name, organization_id=OWN, account_ids=["own"])
    found: list[str] = []
    asked: Counter[str] = Counter()

    for method in methods_of(*OURS[server], *SHARED):
        for kind, (organization_id, things) in IDS.items():
            request = naming(method, organization_id, things)
            names = names_organization(request)
            for caller in kinds:
                told = await border.ask(method, request, caller.token(method))
                must = expected(caller, method, organization_id, names=names)
                asked[str(must)] += 1
                if told is not must:
                    found.append(f"{caller.name} at {method.full_name}, {kind}: {told}, not {must}")

    assert found == []
    assert {*asked} == {
        "None",
        *(str(getattr(grpc.StatusCode, c)) for c in ("NOT_FOUND", "PERMISSION_DENIED")),
        str(grpc.StatusCode.UNAUTHENTICATED),
    }
